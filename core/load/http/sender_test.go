package http

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core/stats"
)

// try is how far one attempt at a request comes before it fails; the zero value is an answer with 200.
type try struct{ refused, reused, wrote, broken bool }

// wires is a RoundTripper that plays tries, the last one for ever, and reports them as net/http does.
type wires struct {
	plays []try
	count int
}

func (w *wires) RoundTrip(r *http.Request) (*http.Response, error) {
	play := w.plays[min(w.count, len(w.plays)-1)]
	w.count++
	if play.refused {
		return nil, errors.New("refused")
	}
	trace := httptrace.ContextClientTrace(r.Context())
	trace.GotConn(httptrace.GotConnInfo{Reused: play.reused})
	if play.wrote || !play.broken {
		trace.WroteHeaders()
	}
	if play.broken {
		return nil, errors.New("broken")
	}
	return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
}

func TestOnlyWhatWasCertainlyNotWrittenIsTriedAgain(t *testing.T) {
	stale := try{reused: true, broken: true}
	lost := try{reused: true, wrote: true, broken: true}
	for _, c := range []struct {
		name    string
		plays   []try
		outcome stats.Outcome
		tries   int
	}{
		{"answered", []try{{}}, stats.OK, 1},
		{"refused", []try{{refused: true}}, stats.Failed, 1},
		{"stale connection, then a good one", []try{stale, {}}, stats.OK, 2},
		{"stale connection, then refused", []try{stale, {refused: true}}, stats.Failed, 2},
		{"stale connection, then broken after the write", []try{stale, lost}, stats.Unknown, 2},
		{"stale connections only", []try{stale}, stats.Failed, 3},
		{"new connection, nothing written", []try{{broken: true}}, stats.Failed, 1},
		{"kept connection broken after the write", []try{lost}, stats.Unknown, 1},
	} {
		w := &wires{plays: c.plays}
		s := fakeSender(t, context.Background(), w, time.Minute)
		outcome, _ := s.exchange()
		require.Equal(t, c.outcome, outcome, c.name)
		require.Equal(t, c.tries, w.count, c.name)
	}
}

func TestWhatTheStopCaughtInFlightIsUnknown(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	outcome, _ := fakeSender(t, ctx, &wires{plays: []try{{refused: true}}}, time.Minute).exchange()
	require.Equal(t, stats.Unknown, outcome)
}

func TestTimeoutWithAConnectionIsUnknownEvenIfNothingSeemsWritten(t *testing.T) {
	s := fakeSender(t, context.Background(), &wires{plays: []try{{reused: true, broken: true}}}, 0)
	outcome, _ := s.exchange()
	require.Equal(t, stats.Unknown, outcome)
}

func fakeSender(t *testing.T, ctx context.Context, w *wires, timeout time.Duration) *sender {
	r, err := newRequest(assignment("http://target/", 1, time.Second).Target)
	require.NoError(t, err)
	return newSender(ctx, newMachine(), w, r, timeout, 1<<20, &book{}, nil)
}
