package http

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/stats"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// machine is an Env with the machine's clock and no more than an engine needs.
type machine struct {
	core.Env
	boot time.Time
}

func newMachine() *machine { return &machine{boot: time.Now()} }

func (m *machine) Now() core.Instant { return core.Instant(time.Since(m.boot)) }

func (m *machine) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// book records everything, and calls what a test waits for.
type book struct {
	mu         sync.Mutex
	released   int
	notStarted int
	samples    []load.Sample
	onReleased func(total int)
	onDropped  func()
}

func (b *book) Released(n int) {
	b.mu.Lock()
	b.released += n
	total := b.released
	b.mu.Unlock()
	if b.onReleased != nil {
		b.onReleased(total)
	}
}

func (b *book) NotStarted(n int) {
	b.mu.Lock()
	b.notStarted += n
	b.mu.Unlock()
	if b.onDropped != nil {
		b.onDropped()
	}
}

func (b *book) Done(s load.Sample) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.samples = append(b.samples, s)
}

// outcomes are the counts of ok, failed and unknown.
func (b *book) outcomes() (n [3]int) {
	for _, s := range b.samples {
		n[s.Outcome]++
	}
	return n
}

func engine(t *testing.T) *Engine {
	e, err := New(Config{})
	require.NoError(t, err)
	return e
}

func assignment(url string, perSecond uint64, d time.Duration) load.Assignment {
	return load.Assignment{
		Stream: stats.Stream{Job: "j1"},
		Plan:   load.Plan{Rate: load.PerSecond(perSecond), Duration: d},
		Target: load.Target{Method: "GET", URL: url, Timeout: time.Minute},
	}
}

// run runs to the end and checks that nothing is left in flight.
func run(t *testing.T, ctx context.Context, a load.Assignment, b *book) error {
	err := engine(t).Run(ctx, newMachine(), a, b)
	require.Len(t, b.samples, b.released, "every released request is done, once")
	check(t, a, b)
	return err
}

// check holds samples to the schedule: each has the planned instant of an arrival of its own.
func check(t *testing.T, a load.Assignment, b *book) {
	planned := map[core.Instant]bool{}
	for i := range a.Plan.Due(time.Minute) {
		planned[a.Start.Add(a.Plan.At(i))] = true
	}
	for _, s := range b.samples {
		require.True(t, planned[s.Planned], "%v is not in the plan, or was sent twice", s.Planned)
		delete(planned, s.Planned)
		require.LessOrEqual(t, s.Planned, s.Sent)
		require.LessOrEqual(t, s.Sent, s.End)
	}
}

// serve counts every request that reaches h.
func serve(t *testing.T, h http.HandlerFunc) (url string, received *atomic.Int64) {
	received = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		received.Add(1)
		h(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, received
}

func TestEveryArrivalIsSentOnceAndAnswered(t *testing.T) {
	url, received := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("fail") != "" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	b := &book{}
	require.NoError(t, run(t, t.Context(), assignment(url, 2000, 500*time.Millisecond), b))
	require.Equal(t, [3]int{1000, 0, 0}, b.outcomes())
	require.EqualValues(t, 1000, received.Load())
	require.Zero(t, b.notStarted)

	b = &book{}
	require.NoError(t, run(t, t.Context(), assignment(url+"?fail=1", 2000, 500*time.Millisecond), b))
	require.Equal(t, [3]int{0, 1000, 0}, b.outcomes())
	require.Equal(t, 503, b.samples[0].Status)
	require.EqualValues(t, 2000, received.Load())
}

func TestStallShowsInLatencyFromThePlan(t *testing.T) {
	open := make(chan struct{})
	url, _ := serve(t, func(http.ResponseWriter, *http.Request) { <-open })
	var openedAt core.Instant
	m, b := newMachine(), &book{}
	b.onReleased = func(total int) {
		if total == 100 {
			openedAt = m.Now()
			close(open)
		}
	}
	a := assignment(url, 1000, 100*time.Millisecond)
	require.NoError(t, engine(t).Run(t.Context(), m, a, b))
	check(t, a, b)
	require.Equal(t, [3]int{100, 0, 0}, b.outcomes())
	for _, s := range b.samples {
		require.GreaterOrEqual(t, s.Measured().Latency, openedAt.Sub(s.Planned), "the stall hid itself")
	}
}

func TestArrivalsBeyondTheBoundAreNotStarted(t *testing.T) {
	open := make(chan struct{})
	url, received := serve(t, func(http.ResponseWriter, *http.Request) { <-open })
	b := &book{onDropped: sync.OnceFunc(func() { close(open) })}
	a := assignment(url, 1000, 300*time.Millisecond)
	a.MaxInFlight = 5
	require.NoError(t, run(t, t.Context(), a, b))
	require.Positive(t, b.notStarted)
	require.Equal(t, 300, b.released+b.notStarted)
	require.EqualValues(t, b.released, received.Load())
	require.Equal(t, b.released, b.outcomes()[stats.OK])
}

func TestSentButUnansweredIsUnknown(t *testing.T) {
	url, received := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	a := assignment(url, 1000, 20*time.Millisecond)
	a.Target.Timeout = time.Second
	b := &book{}
	require.NoError(t, run(t, t.Context(), a, b))
	require.Equal(t, [3]int{0, 0, 20}, b.outcomes())
	require.EqualValues(t, 20, received.Load())
}

func TestRefusedIsFailed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	b := &book{}
	a := assignment("http://"+l.Addr().String(), 1000, 50*time.Millisecond)
	require.NoError(t, run(t, t.Context(), a, b))
	require.Equal(t, [3]int{0, 50, 0}, b.outcomes())
	require.Zero(t, b.samples[0].Status)
}

func TestNoConnectionWithinTheTimeoutIsFailed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close() // accepts by backlog only, and never answers the TLS handshake
	a := assignment("https://"+l.Addr().String(), 1000, 5*time.Millisecond)
	a.Target.Timeout = 20 * time.Millisecond
	b := &book{}
	require.NoError(t, run(t, t.Context(), a, b))
	require.Equal(t, [3]int{0, 5, 0}, b.outcomes())
}

// A server that takes a request on a kept connection and hangs up is where net/http would send it again.
func TestBrokenConnectionIsUnknownAndNothingIsSentTwice(t *testing.T) {
	for name, edit := range map[string]func(*load.Target){
		"GET":      func(*load.Target) {},
		"HEAD":     func(g *load.Target) { g.Method = "HEAD" },
		"DELETE":   func(g *load.Target) { g.Method = "DELETE" },
		"GET body": func(g *load.Target) { g.Body = []byte("b") },
		"POST":     func(g *load.Target) { g.Method = "POST"; g.Body = []byte("b") },
		"POST empty": func(g *load.Target) {
			g.Method = "POST"
			g.Headers = []load.Header{{Name: "Idempotency-Key", Value: "k"}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			var broken atomic.Int64
			var known sync.Map // connections that had a request
			url, received := serve(t, func(w http.ResponseWriter, r *http.Request) {
				_, err := io.Copy(io.Discard, r.Body)
				if _, again := known.LoadOrStore(r.RemoteAddr, true); err != nil || !again {
					return
				}
				conn, _, err := http.NewResponseController(w).Hijack()
				if err == nil {
					broken.Add(1)
					conn.Close()
				}
			})
			a := assignment(url, 1000, 200*time.Millisecond)
			a.MaxInFlight = 1 // so that connections are reused
			edit(&a.Target)
			b := &book{}
			require.NoError(t, run(t, t.Context(), a, b))
			require.EqualValues(t, b.released, received.Load(), "an arrival hit the target twice")
			require.Positive(t, broken.Load())
			require.EqualValues(t, broken.Load(), b.outcomes()[stats.Unknown])
			require.EqualValues(t, received.Load()-broken.Load(), b.outcomes()[stats.OK])
		})
	}
}

func TestContextEndsEverythingAtOnceWithoutDrain(t *testing.T) {
	url, _ := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("cancelled by test")
	stopped := 0
	b := &book{}
	b.onReleased = func(total int) {
		if ctx.Err() == nil && total >= 20 {
			stopped = total
			cancel(why)
		}
	}
	require.ErrorIs(t, run(t, ctx, assignment(url, 1000, time.Hour), b), why)
	require.Equal(t, stopped, b.released, "released after the context had ended")
	require.Equal(t, [3]int{0, 0, stopped}, b.outcomes())
}

func TestDrainLetsAnswersIn(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	url, _ := serve(t, func(http.ResponseWriter, *http.Request) { <-ctx.Done() })
	b := &book{}
	b.onReleased = func(total int) {
		if total >= 20 {
			cancel()
		}
	}
	a := assignment(url, 1000, time.Hour)
	a.Drain = load.MaxDrain
	require.ErrorIs(t, run(t, ctx, a, b), context.Canceled)
	require.Equal(t, [3]int{b.released, 0, 0}, b.outcomes())
}

func TestContextEndsTheWaitForTheLastAnswers(t *testing.T) {
	url, _ := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithCancel(t.Context())
	b := &book{}
	b.onReleased = func(total int) {
		if total == 20 {
			cancel()
		}
	}
	require.NoError(t, run(t, ctx, assignment(url, 1000, 20*time.Millisecond), b), "all had been let go")
	require.Equal(t, [3]int{0, 0, 20}, b.outcomes())
}

func TestGateStopsTheRun(t *testing.T) {
	url, received := serve(t, func(http.ResponseWriter, *http.Request) {})
	cutOff := errors.New("cut off")
	b := &book{}
	a := assignment(url, 1000, time.Hour)
	a.Drain = load.MaxDrain
	a.Gate = func() error {
		if b.released >= 20 {
			return cutOff
		}
		return nil
	}
	require.ErrorIs(t, run(t, t.Context(), a, b), cutOff)
	require.EqualValues(t, b.released, received.Load())
	require.Less(t, b.released, 20+burst)
}

func TestRunRefusesABadAssignment(t *testing.T) {
	var wrong *load.FieldError
	require.ErrorAs(t, engine(t).Run(t.Context(), newMachine(), load.Assignment{}, nil), &wrong)
	_, err := New(Config{MaxAnswer: 1})
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, "max_answer", wrong.Field)
}
