package transport

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/windtunnel/windtunnel/core"
)

// env is a Node as its tasks see it, apart from what its owner may do to it.
type env struct{ node *Node }

var _ core.Env = env{}

func (e env) Context() context.Context { return e.node.context }

func (e env) WithCancel(parent context.Context) (context.Context, context.CancelFunc) {
	return context.WithCancel(parent)
}

func (e env) Rand() *rand.Rand { return e.node.rand }

func (e env) Log() *slog.Logger { return e.node.config.Log }

func (e env) NewSignal() core.Signal { return newSignal(e.node) }

func (e env) NewLocker() sync.Locker {
	if e.node.perturb == nil {
		return new(sync.Mutex)
	}
	return &perturbedLocker{perturb: e.node.perturb}
}

func (e env) Yield(string) {
	e.node.exitIfDead()
	e.node.perturb.point()
}

// Rare is false: only a simulator takes rare branches.
func (env) Rare(string) bool { return false }

func (e env) Note(event core.Event) {
	n := e.node
	select {
	case <-n.dead: // the dead note nothing, not even in their deferred calls
		return
	default:
	}
	if n.config.Observe != nil {
		n.config.Observe(Observation{At: e.Now(), Node: n.config.Name, Event: event})
		return
	}
	if n.config.Log.Enabled(context.Background(), slog.LevelDebug) {
		n.config.Log.Debug("noted", "event", string(event.AppendText(nil)))
	}
}

// Now reads the monotonic clock, which time.Time carries beside the wall clock.
func (e env) Now() core.Instant { return core.Instant(time.Since(e.node.booted)) }

func (e env) Wall() time.Time { return time.Now().Round(0).UTC() }

func (e env) WithTimeout(parent context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if d == core.Forever {
		return context.WithCancel(parent)
	}
	return context.WithTimeout(parent, d)
}

func (e env) Sleep(ctx context.Context, d time.Duration) error {
	e.Yield("sleep")
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	var err error
	select {
	case <-timer.C:
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-e.node.dead:
	}
	e.node.exitIfDead() // also when it came together with the end of the sleep
	return err
}
