package blocking

import (
	"context"
	"slices"

	"github.com/windtunnel/windtunnel/core"
)

// Case is one thing to wait for in a Select, made by Queue.Putting or Queue.Taking. It may be used again.
type Case interface {
	// attempt does it if it is possible now, or says why it never will be.
	attempt() (done bool, err error)
	// enlist has bell rung when an attempt may succeed, until leave.
	enlist(bell core.Signal)
	// leave takes bell off, and passes on a ring that it may have got for nothing.
	leave(bell core.Signal)
}

// Select waits until one of the cases is possible, does that one alone, and returns its index. Where several
// are, the first as written wins; let what must not starve - a stop - come first. With ErrClosed the index is
// that of the case whose queue is closed. It is -1 when ctx ended first, and err says why.
func Select(ctx context.Context, env core.Env, cases ...Case) (index int, err error) {
	return await(ctx, env, "select", cases)
}

// TrySelect does the first case that is possible now, or returns -1. It never waits.
func TrySelect(cases ...Case) (index int, err error) {
	for i, c := range cases {
		if done, err := c.attempt(); done {
			return i, err
		}
	}
	return -1, nil
}

// await enlists before it looks, so what becomes possible after the look rings the bell. It does not leave in
// a deferred call: a task that dies takes its node's structures along, and can ring nobody.
func await(ctx context.Context, env core.Env, point string, cases []Case) (int, error) {
	env.Yield(point)
	if i, err := TrySelect(cases...); i >= 0 {
		return i, err
	}
	bell := env.NewSignal()
	for _, c := range cases {
		c.enlist(bell)
	}
	i, err := TrySelect(cases...)
	for i < 0 && err == nil {
		if err = bell.Wait(ctx, core.Forever); err == nil {
			i, err = TrySelect(cases...)
		}
	}
	for _, c := range cases {
		c.leave(bell)
	}
	return i, err
}

// line is who waits for one thing, in the order of their coming. The lock of what it belongs to guards it.
//
// Only the first is ever rung. It stays first until it leaves, whether it got what it came for or not, and
// then whoever it belongs to rings the next, if there still is something to get: so one ring is enough for
// any number of things, and none gets lost with a task that gives up.
type line struct{ bells []core.Signal }

func (l *line) enlist(bell core.Signal) { l.bells = append(l.bells, bell) }

func (l *line) leave(bell core.Signal) {
	if i := slices.Index(l.bells, bell); i >= 0 {
		l.bells = slices.Delete(l.bells, i, i+1)
	}
}

func (l *line) ring() {
	if len(l.bells) > 0 {
		l.bells[0].Notify()
	}
}
