package rpc

import (
	"context"
	"time"

	"github.com/windtunnel/windtunnel/core"
)

// patience is a context that ends with its parent, or once d is over since somebody first asked for its end.
// Send asks only when it has to wait for a connection, so most calls never pay for a timer. One task uses
// it.
type patience struct {
	context.Context
	env    core.Env
	d      time.Duration
	cancel context.CancelFunc // nil until there is a timer
}

// Done implements context.Context. From then on all else is answered by the context that has the timer.
func (p *patience) Done() <-chan struct{} { //simvet:allow context.Context has this method
	if p.cancel == nil {
		p.Context, p.cancel = p.env.WithTimeout(p.Context, p.d)
	}
	return p.Context.Done()
}

// end releases the timer.
func (p *patience) end() {
	if p.cancel != nil {
		p.cancel()
	}
}
