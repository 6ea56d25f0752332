package rpc

import (
	"context"
	"time"

	"github.com/windtunnel/windtunnel/core"
)

// deadlineKey finds the instant, of the node's own steady clock, at which a context ends. A context's own
// Deadline is a time of day, which jumps.
type deadlineKey struct{}

// WithTimeout is env.WithTimeout for calls: those made under the returned context have that deadline, and
// tell it to the callee. A parent's earlier deadline stays. No callee goes on for more than an hour.
func WithTimeout(env core.Env, parent context.Context, d time.Duration) (
	context.Context, context.CancelFunc) {
	if left, ok := Left(env, parent); ok {
		d = min(d, left)
	}
	deadline := env.Now().Add(d)
	ctx, cancel := env.WithTimeout(parent, d)
	return context.WithValue(ctx, deadlineKey{}, deadline), cancel
}

// Left returns the time until the deadline of a context made by WithTimeout or given to a handler.
// context.WithoutCancel takes the deadline away with the rest.
func Left(env core.Env, ctx context.Context) (time.Duration, bool) {
	if ctx.Done() == nil {
		return 0, false
	}
	deadline, ok := ctx.Value(deadlineKey{}).(core.Instant)
	if !ok {
		return 0, false
	}
	return deadline.Sub(env.Now()), true
}
