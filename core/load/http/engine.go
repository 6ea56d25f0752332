package http

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/load"
)

const (
	// burst bounds how many requests are let go between two questions to the gate.
	burst = 256
	// nap is the least the pacer sleeps. Timers are no finer than a millisecond anyway on Linux
	// (golang/go#47084).
	nap = 500 * time.Microsecond
)

// Config configures an Engine.
type Config struct {
	// MaxAnswer is how many bytes of an answer's body are read: 1 KiB to 1 GiB; 0: 64 MiB.
	MaxAnswer int64
}

// Engine sends with net/http. Each run has connections of its own.
type Engine struct {
	config Config
	// connect replaces the transport in tests and benchmarks of what is around it.
	connect func(load.Assignment) http.RoundTripper
}

// New returns an engine, or a *load.FieldError.
func New(config Config) (*Engine, error) {
	if config.MaxAnswer == 0 {
		config.MaxAnswer = 64 << 20
	}
	if config.MaxAnswer < 1<<10 || config.MaxAnswer > 1<<30 {
		return nil, &load.FieldError{
			Field: "max_answer", Value: strconv.FormatInt(config.MaxAnswer, 10),
			Want: "0 (67108864), or 1024 to 1073741824",
		}
	}
	connect := func(a load.Assignment) http.RoundTripper { return transport(a) }
	return &Engine{config: config, connect: connect}, nil
}

// Run implements load.Engine.
func (e *Engine) Run(ctx context.Context, env core.Env, a load.Assignment, to load.Recorder) error {
	if err := a.Validate(); err != nil {
		return err
	}
	request, err := newRequest(a.Target)
	if err != nil {
		return err
	}
	connections := e.connect(a)
	if t, ok := connections.(*http.Transport); ok {
		defer t.CloseIdleConnections()
	}
	// Not a child of ctx: what is in flight when ctx ends still has the drain.
	flying, abandon := context.WithCancel(context.Background())
	defer abandon()
	provides := newProvider(a)
	senders := newPool(a.InFlight(), func() func(core.Instant) {
		s := newSender(flying, env, connections, request, a.Target.Timeout, e.config.MaxAnswer, to, provides)
		return s.send
	})
	stopped := pace(ctx, env, a, to, senders)
	landed := senders.close()
	if stopped == nil {
		select {
		case <-landed:
			return nil
		case <-ctx.Done():
		}
	}
	select {
	case <-landed:
	case <-time.After(a.Drain):
	}
	abandon()
	<-landed
	return stopped
}

// pace lets every arrival go at its time and returns nil after the last, or why it had to stop.
func pace(ctx context.Context, env core.Env, a load.Assignment, to load.Recorder, senders *pool) error {
	pacer := a.Pacer()
	for !pacer.Finished() {
		for due := pacer.Due(env.Now()); ; {
			if err := a.MayRelease(ctx); err != nil {
				return err
			}
			n := min(due, burst)
			release(n, pacer, to, senders)
			if due -= n; due == 0 {
				break
			}
		}
		if !pacer.Finished() {
			_ = env.Sleep(ctx, max(pacer.Wait(env.Now()), nap)) // an ended context is noticed above
		}
	}
	return nil
}

// release lets go as many of the next n arrivals as there is room for in flight.
func release(n uint64, pacer *load.Pacer, to load.Recorder, senders *pool) {
	started := min(n, uint64(senders.free()))
	if started > 0 {
		to.Released(int(started))
	}
	for range started {
		senders.give(pacer.Take())
	}
	if rest := n - started; rest > 0 {
		pacer.Skip(rest)
		to.NotStarted(int(rest))
	}
}
