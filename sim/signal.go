package sim

import (
	"context"
	"time"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// bell is what a task waits for something with. It remembers one ring. A core.Signal is a bell, and the
// network uses one for what Recv waits for.
type bell struct {
	rung   bool
	cause  uint64 // of the first ring that is remembered
	waiter *task
	thing  choice.Touched
}

// ring wakes the waiter, and is remembered until it looks. cause is what the waiter's next step comes from.
func (b *bell) ring(w *World, cause uint64) {
	w.touch(w.mark(&b.thing))
	if b.rung {
		return
	}
	b.rung, b.cause = true, cause
	if b.waiter != nil {
		w.wake(b.waiter, cause)
	}
}

// signal is the simulated core.Signal.
type signal struct {
	env  *env
	bell bell
}

func (s *signal) Notify() {
	s.env.check()
	s.bell.ring(s.env.world, s.env.world.event)
}

func (s *signal) Wait(ctx context.Context, d time.Duration) error {
	return s.env.enter().await(&s.bell, ctx, d, waitSignal, "")
}
