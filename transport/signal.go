package transport

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/windtunnel/windtunnel/core"
)

// signal is a bell that any goroutine may ring.
type signal struct {
	node    *Node
	bell    chan struct{} // holds the remembered notification
	waiting atomic.Bool
	timer   *time.Timer // the one waiter's, kept for its next wait
}

func newSignal(n *Node) *signal { return &signal{node: n, bell: make(chan struct{}, 1)} }

func (s *signal) Notify() {
	select {
	case s.bell <- struct{}{}:
	default: // one is remembered already
	}
}

func (s *signal) Wait(ctx context.Context, d time.Duration) error {
	if !s.waiting.CompareAndSwap(false, true) {
		panic("transport: a second task waits on a Signal")
	}
	defer s.waiting.Store(false)
	s.node.exitIfDead()
	s.node.perturb.point()
	if s.rung() {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if d <= 0 {
		return core.ErrElapsed
	}
	err := s.park(ctx, d)
	s.node.exitIfDead()         // also when it came together with the end of the wait
	if err != nil && s.rung() { // it came together with the end of the wait, and wins
		return nil
	}
	return err
}

func (s *signal) rung() bool {
	select {
	case <-s.bell:
		return true
	default:
		return false
	}
}

func (s *signal) park(ctx context.Context, d time.Duration) error {
	var elapsed <-chan time.Time
	if d != core.Forever {
		elapsed = s.arm(d)
		defer s.timer.Stop()
	}
	select {
	case <-s.bell:
		return nil
	case <-elapsed:
		return core.ErrElapsed
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-s.node.dead:
		return nil // Wait ends the task
	}
}

func (s *signal) arm(d time.Duration) <-chan time.Time {
	if s.timer == nil {
		s.timer = time.NewTimer(d)
	} else {
		s.timer.Reset(d) // a stopped timer's channel holds nothing stale since Go 1.23
	}
	return s.timer.C
}
