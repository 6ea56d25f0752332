package transport

import (
	"context"
	"errors"
	"fmt"

	"github.com/windtunnel/windtunnel/core"
)

// sendTries bounds how often a Send looks for another connection when the one that it found has just ended.
const sendTries = 3

func (e *endpoint) Send(ctx context.Context, to core.Address, m core.Message) error {
	e.node.exitIfDead()
	e.node.perturb.point()
	if err := e.send(ctx, to, m); err != nil {
		e.node.exitIfDead()
		// Certainly not delivered: nothing that returns an error here has reached the queue of a connection.
		return &core.SendError{To: to, Definite: true, Cause: err}
	}
	return nil
}

func (e *endpoint) send(ctx context.Context, to core.Address, m core.Message) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if m.Class >= core.ClassCount {
		return fmt.Errorf("unknown message class %d", m.Class)
	}
	if err := e.fits(m, e.hello.limit); err != nil {
		return err
	}
	for range sendTries {
		c, err := e.connection(ctx, to)
		if err != nil {
			return err
		}
		if err := e.fits(m, c.hello.limit); err != nil {
			return err
		}
		err = c.out.push(m)
		if err == nil {
			return nil
		}
		if errors.Is(err, core.ErrQueueFull) {
			e.node.count.queueFull[m.Class].Add(1)
			return err
		}
		e.detach(c) // it ends just now, and must not be found again
	}
	return fmt.Errorf("%w: connections end as they are made", core.ErrUnreachable)
}

func (e *endpoint) fits(m core.Message, limit uint32) error {
	if len(m.Body) <= int(limit) {
		return nil
	}
	e.node.count.tooLarge.Add(1)
	return fmt.Errorf("%w: %d bytes, limit %d", core.ErrTooLarge, len(m.Body), limit)
}
