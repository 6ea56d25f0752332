package core

import (
	"context"
	"sync"
)

// Group runs tasks that are awaited together. The first one that returns an error ends the context of the
// others.
type Group struct {
	env    Env
	ctx    context.Context
	cancel context.CancelFunc
	done   Signal

	mu      sync.Mutex //simvet:allow leaf lock: nothing waits or yields under it
	running int
	err     error
}

// NewGroup returns a group whose tasks run under a child of parent.
func NewGroup(env Env, parent context.Context) *Group {
	ctx, cancel := env.WithCancel(parent)
	return &Group{env: env, ctx: ctx, cancel: cancel, done: env.NewSignal()}
}

// Go starts a task of the group. It must not be called after Wait has returned.
func (g *Group) Go(name string, f func(ctx context.Context) error) {
	g.mu.Lock()
	g.running++
	g.mu.Unlock()
	g.env.Go(name, func() { g.end(f(g.ctx)) })
}

func (g *Group) end(err error) {
	g.mu.Lock()
	g.running--
	last := g.running == 0
	first := err != nil && g.err == nil
	if first {
		g.err = err
	}
	g.mu.Unlock()
	if first {
		g.cancel()
	}
	if last {
		g.done.Notify()
	}
}

// Cancel ends the context of the group's tasks.
func (g *Group) Cancel() { g.cancel() }

// Wait returns when every task of the group has ended, with the first error any of them returned. One task
// waits, once. It cannot be cut short: cancel the group to have its tasks end.
func (g *Group) Wait() error {
	for {
		g.mu.Lock()
		running, err := g.running, g.err
		g.mu.Unlock()
		if running == 0 {
			g.cancel()
			return err
		}
		// Not the group's context: Wait returns when the tasks have ended, however long they take to notice.
		_ = g.done.Wait(context.Background(), Forever)
	}
}
