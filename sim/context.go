package sim

import (
	"context"
	"slices"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/choice"
)

// simContext is a context whose end the World sees. It stands on one real context of the standard library
// and returns that one's Done and Value: so standard children, also those below context.WithValue, attach to
// it without a goroutine and end with it synchronously. The real one is only made when somebody asks for it.
//
// A standard child of one that ran out of time reports context.Canceled as its Err, and DeadlineExceeded as
// its Cause.
type simContext struct {
	env      *env
	parent   context.Context
	up       *simContext // the parent, or what that adds values to; nil if it is no simContext
	foreign  bool        // it may end without the World seeing it
	children []*simContext
	index    int // in up.children

	err, cause error
	real       context.Context
	cancelReal context.CancelCauseFunc
	waiters    []*task // who waits under it, or did last

	timer ticket
	due   time.Duration // when it runs out
}

// simKey is what a simContext answers to with itself.
type simKey struct{}

func (e *env) Context() context.Context {
	e.check()
	return e.rootContext()
}

func (e *env) rootContext() *simContext {
	if e.root == nil {
		e.root = &simContext{env: e, parent: context.Background()}
	}
	return e.root
}

func (e *env) WithCancel(parent context.Context) (context.Context, context.CancelFunc) {
	e.check()
	c := e.child(parent)
	return c, c.cancel
}

func (e *env) WithTimeout(parent context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	e.check()
	c := e.child(parent)
	if c.err == nil {
		if d <= 0 {
			c.end(context.DeadlineExceeded, context.DeadlineExceeded)
		} else if c.due = e.dueAfter(d); c.due != core.Forever {
			c.timer.fires = c
			e.world.atRank(&c.timer, c.due, 0, e.world.event)
			if len(e.timed) == cap(e.timed) {
				e.forgetTimers()
			}
			e.timed = append(e.timed, c)
		}
	}
	return c, c.cancel
}

func (e *env) child(parent context.Context) *simContext {
	c := &simContext{env: e, parent: parent}
	up := beneath(parent)
	switch {
	case up == nil:
		c.foreign = parent.Done() != nil
	case up.foreign:
		c.foreign = true
	}
	if up != nil {
		if up.err != nil {
			c.err, c.cause = up.err, up.cause
			return c
		}
		c.up, c.index = up, len(up.children)
		up.children = append(up.children, c)
	}
	return c
}

// forgetTimers drops the contexts that can no longer run out of time.
func (e *env) forgetTimers() {
	e.timed = slices.DeleteFunc(e.timed, func(c *simContext) bool { return !c.timer.pending })
}

// beneath returns the simContext that ctx is, or adds values to; nil if it ends for other reasons too.
func beneath(ctx context.Context) *simContext {
	if c, ok := ctx.(*simContext); ok {
		return c
	}
	done := ctx.Done()
	if done == nil {
		return nil
	}
	if c, ok := ctx.Value(simKey{}).(*simContext); ok && c.Done() == done {
		return c
	}
	return nil
}

// ended is context.Cause, without its price for a simContext.
func ended(ctx context.Context) error {
	if c, ok := ctx.(*simContext); ok && !c.foreign {
		return c.cause
	}
	return context.Cause(ctx)
}

func (c *simContext) cancel() {
	c.env.check()
	c.end(context.Canceled, context.Canceled)
}

// fire ends a context that has run out of time.
func (c *simContext) fire() { c.end(context.DeadlineExceeded, context.DeadlineExceeded) }

func (c *simContext) end(err, cause error) {
	if c.err != nil {
		return
	}
	c.err, c.cause = err, cause
	w := c.env.world
	w.touch(choice.Everything) // anybody may look at a context without asking
	w.cancel(&c.timer)
	if c.real != nil {
		c.cancelReal(cause)
	}
	if c.up != nil {
		c.up.forget(c)
	}
	for len(c.children) > 0 {
		c.children[0].end(err, cause)
	}
	for _, t := range c.waiters {
		if t.parked {
			w.wake(t, w.event)
		}
	}
}

func (c *simContext) forget(child *simContext) {
	last := len(c.children) - 1
	c.children[child.index] = c.children[last]
	c.children[child.index].index = child.index
	c.children[last] = nil
	c.children = c.children[:last]
	child.up = nil
}

// Deadline reports none: a deadline in steady time is no time of day.
func (c *simContext) Deadline() (time.Time, bool) { return time.Time{}, false }

// Done is the real context's.
func (c *simContext) Done() <-chan struct{} { return c.made().Done() }

// Err is nil, context.Canceled or context.DeadlineExceeded.
func (c *simContext) Err() error {
	if c.err == nil && c.foreign {
		return c.made().Err()
	}
	return c.err
}

// Value is the real context's, and its parents'.
func (c *simContext) Value(key any) any {
	if key == (simKey{}) {
		return c
	}
	return c.made().Value(key)
}

func (c *simContext) made() context.Context {
	if c.real == nil {
		c.real, c.cancelReal = context.WithCancelCause(c.parent)
		if c.err != nil {
			c.cancelReal(c.cause)
		}
	}
	return c.real
}

// under makes the end of ctx wake the task, which is about to park.
func (t *task) under(ctx context.Context) {
	c := beneath(ctx)
	if c == nil || c.foreign {
		if t.done = ctx.Done(); t.done != nil && !t.polled {
			w := t.env.world
			t.polled = true
			w.foreign = append(w.foreign, t)
			w.urgent = true
		}
		return
	}
	t.parked = true
	if t.ctx != c {
		t.forsake()
		t.ctx, t.ctxIndex = c, len(c.waiters)
		c.waiters = append(c.waiters, t)
	}
}

// leave undoes under. The task stays on the context's list: most wait under the same one again.
func (t *task) leave() { t.parked, t.done = false, nil }

// forsake takes the task off the list of the context that it last waited under.
func (t *task) forsake() {
	c := t.ctx
	if c == nil {
		return
	}
	last := len(c.waiters) - 1
	c.waiters[t.ctxIndex] = c.waiters[last]
	c.waiters[t.ctxIndex].ctxIndex = t.ctxIndex
	c.waiters[last] = nil
	c.waiters = c.waiters[:last]
	t.ctx = nil
}

// poll wakes the tasks whose foreign context has ended. It is called before every step while there are any.
func (w *World) poll() {
	parked := w.foreign[:0]
	for _, t := range w.foreign {
		if t.done == nil || t.ended || t.env.dead {
			t.polled = false
			continue
		}
		select {
		case <-t.done:
			w.wake(t, w.event)
		default:
		}
		parked = append(parked, t)
	}
	clear(w.foreign[len(parked):])
	w.foreign = parked
	w.urgent = w.urgent || len(parked) > 0
}
