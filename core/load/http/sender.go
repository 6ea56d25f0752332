package http

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/stats"
)

// tries bounds how often a request of which nothing was written is tried on another connection.
const tries = 3

// sender is one goroutine's way of sending one request after the other.
type sender struct {
	ctx         context.Context // of all its requests; carries the trace
	env         core.Env
	connections http.RoundTripper
	request     *request
	timeout     time.Duration
	maxAnswer   int64
	to          load.Recorder
	provider    *provider
	answered    func() // takes what the last answer provides; nil: nothing

	// How far the request came. net/http calls from goroutines of its own, and may be late for an abandoned
	// one: that only makes a later request of this sender look further than it came, which is the careful
	// side.
	connected, reused, wrote atomic.Bool
}

func newSender(
	ctx context.Context, env core.Env, connections http.RoundTripper, r *request,
	timeout time.Duration, maxAnswer int64, to load.Recorder, p *provider,
) *sender {
	s := &sender{
		env: env, connections: connections, request: r, timeout: timeout, maxAnswer: maxAnswer, to: to,
		provider: p,
	}
	s.ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			s.connected.Store(true)
			s.reused.Store(info.Reused)
		},
		WroteHeaders: func() { s.wrote.Store(true) },
	})
	return s
}

// send sends one request and records how it ended.
func (s *sender) send(planned core.Instant) {
	sample := load.Sample{Planned: planned, Sent: s.env.Now()}
	sample.Outcome, sample.Status = s.exchange()
	sample.End = s.env.Now()
	if s.answered != nil { // what it takes is not the target's time
		s.answered()
		s.answered = nil
	}
	s.to.Done(sample)
}

func (s *sender) exchange() (stats.Outcome, int) {
	ctx, cancel := context.WithTimeout(s.ctx, s.timeout)
	defer cancel()
	for try := 1; ; try++ {
		s.connected.Store(false)
		s.reused.Store(false)
		s.wrote.Store(false)
		answer, err := s.connections.RoundTrip(s.request.under(ctx))
		switch {
		case err == nil:
			return s.read(answer)
		case s.ctx.Err() != nil:
			return stats.Unknown, 0 // stopped: it was in flight
		case !s.connected.Load():
			return stats.Failed, 0
		case s.wrote.Load() || ctx.Err() != nil:
			// With the context over, net/http may still be writing: only its own errors are definite.
			return stats.Unknown, 0
		case !s.reused.Load() || try == tries:
			return stats.Failed, 0
		}
		// A kept connection was found closed before anything was written to it.
	}
}

// read takes the answer to its end, within the bound.
func (s *sender) read(answer *http.Response) (stats.Outcome, int) {
	defer answer.Body.Close()
	body := io.LimitReader(answer.Body, s.maxAnswer)
	var (
		kept []byte
		err  error
	)
	looks := s.provider.looks() && answer.StatusCode < 400
	if looks {
		kept, err = keep(body)
	}
	if err == nil {
		_, err = io.Copy(io.Discard, body)
	}
	switch {
	case answer.StatusCode >= 400:
		return stats.Failed, answer.StatusCode
	case err != nil:
		return stats.Unknown, answer.StatusCode
	case looks:
		s.answered = func() { s.provider.take(answer.Header, kept) }
	}
	return stats.OK, answer.StatusCode
}
