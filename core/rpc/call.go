package rpc

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core"
)

// Call sends a request and waits for its reply until ctx ends; a ctx without a deadline of this package
// (WithTimeout) ends after Config.Timeout. Every error is a *CallError. The reply's bytes are the caller's.
func (n *Node) Call(ctx context.Context, to core.Address, class core.Class, method string,
	body []byte) ([]byte, error) {
	return n.call(ctx, to, class, method, payload{bytes: body})
}

// Notify sends a request that nobody answers. A nil error promises nothing about delivery; an error is the
// endpoint's *core.SendError.
func (n *Node) Notify(ctx context.Context, to core.Address, class core.Class, method string,
	body []byte) error {
	return n.notify(ctx, to, class, method, payload{bytes: body})
}

func (n *Node) notify(ctx context.Context, to core.Address, class core.Class, method string,
	body payload) error {
	err := n.send(ctx, to, class, frame{kind: notification, method: method, body: body})
	if err != nil {
		return fmt.Errorf("rpc: notify %s: %w", method, err)
	}
	return nil
}

func (n *Node) call(ctx context.Context, to core.Address, class core.Class, method string,
	body payload) ([]byte, error) {
	left, timed := Left(n.env, ctx)
	if !timed {
		left = n.config.Timeout
	}
	c, err := n.begin(to, left)
	if err != nil {
		return nil, &CallError{To: to, Method: method, Definite: true, Cause: err}
	}
	id, deadline := c.id, n.env.Now().Add(left) // c is another call's once it is over
	err = n.sendWithin(ctx, left, timed, to, class,
		frame{id: id, timeout: left, method: method, body: body})
	if err != nil {
		n.calls.take(c, true)
		definite := errors.Is(err, core.ErrDefinite)
		return nil, &CallError{To: to, Method: method, Definite: definite, Cause: err}
	}
	got, err := n.await(ctx, c, deadline)
	switch {
	case err != nil:
		n.giveUp(deadline, to, class, id)
		return nil, &CallError{To: to, Method: method, Cause: err}
	case got.err != nil:
		return nil, &CallError{To: to, Method: method, Cause: got.err}
	case got.frame.kind == refusal:
		code := got.frame.code
		remote := &RemoteError{Code: code, Detail: got.frame.detail}
		return nil, &CallError{To: to, Method: method, Definite: code.Definite(), Cause: remote}
	default:
		return got.frame.body.bytes, nil
	}
}

// begin takes a slot for a call, or says why it need not begin.
func (n *Node) begin(to core.Address, left time.Duration) (*call, error) {
	if left <= 0 {
		return nil, context.DeadlineExceeded // no peer accepts that; and ctx may notice only in a moment
	}
	c, err := n.calls.begin(to)
	if errors.Is(err, ErrTooManyCalls) {
		n.counters.tooManyCalls.Add(1)
	}
	return c, err
}

// sendWithin sends under a context that is over at the deadline: ctx itself, if it is timed.
func (n *Node) sendWithin(ctx context.Context, left time.Duration, timed bool, to core.Address,
	class core.Class, f frame) error {
	if timed {
		return n.send(ctx, to, class, f)
	}
	p := patience{Context: ctx, env: n.env, d: left}
	defer p.end()
	return n.send(&p, to, class, f)
}

// await waits for what becomes of a call, or returns why ctx or the time ended first; then the call is over.
// An answer that is there wins over both.
func (n *Node) await(ctx context.Context, c *call, deadline core.Instant) (outcome, error) {
	for {
		ended := c.bell.Wait(ctx, deadline.Sub(n.env.Now()))
		if got, done := n.calls.take(c, ended != nil); done {
			return got, nil
		}
		switch {
		case ended == nil:
		case errors.Is(ended, core.ErrElapsed):
			return outcome{}, context.DeadlineExceeded
		default:
			return outcome{}, ended
		}
	}
}

// cancelPatience is how long a cancellation may wait for a connection; later it is hardly worth sending.
const cancelPatience = time.Second

// giveUp tells the callee that nobody waits any more: best effort, in a task of its own since the caller is
// to return at once, and not under the caller's context, which has ended. At the deadline there is no need:
// the callee has its own.
func (n *Node) giveUp(deadline core.Instant, to core.Address, class core.Class, id uint64) {
	if n.env.Now() >= deadline || n.env.Rare("rpc/withholds-cancellations") {
		return
	}
	if n.cancelling.Add(1) > int64(n.config.CallsOut) {
		n.cancelling.Add(-1)
		n.counters.unsent.Add(1)
		return
	}
	n.env.Go("rpc/cancel", func() {
		defer n.cancelling.Add(-1)
		ctx, cancel := n.env.WithTimeout(n.life, cancelPatience)
		defer cancel()
		if err := n.send(ctx, to, class, frame{kind: cancellation, id: id}); err != nil {
			n.counters.unsent.Add(1)
		}
	})
}
