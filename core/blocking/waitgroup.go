package blocking

import (
	"context"
	"sync"

	"github.com/windtunnel/windtunnel/core"
)

// WaitGroup is a count that any number of tasks wait for to come to zero. Unlike sync.WaitGroup it may go up
// again at once: who waited by then is free.
type WaitGroup struct {
	env core.Env

	mu    sync.Mutex //simvet:allow leaf lock: nothing waits or yields under it
	count int
	zero  *core.Latch // opens when the count comes to zero; nil while it is
}

// NewWaitGroup returns a count of zero.
func NewWaitGroup(env core.Env) *WaitGroup { return &WaitGroup{env: env} }

// Add adds n, which may be negative, to the count. It panics if that falls below zero. As with package sync,
// add before you start what will be done, or a Wait may come in between.
func (g *WaitGroup) Add(n int) {
	if opens := g.add(n); opens != nil {
		opens.Open()
	}
}

// Done takes one off the count.
func (g *WaitGroup) Done() { g.Add(-1) }

func (g *WaitGroup) add(n int) (opens *core.Latch) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.count+n < 0 {
		panic("blocking: WaitGroup below zero")
	}
	g.count += n
	switch {
	case g.count > 0 && g.zero == nil:
		g.zero = core.NewLatch(g.env)
	case g.count == 0:
		opens, g.zero = g.zero, nil
	}
	return opens
}

// Wait returns nil once the count is, or has since been, zero; or why ctx ended.
func (g *WaitGroup) Wait(ctx context.Context) error {
	g.env.Yield("wait group")
	g.mu.Lock()
	zero := g.zero
	g.mu.Unlock()
	if zero == nil {
		return nil
	}
	return zero.Wait(ctx, core.Forever)
}
