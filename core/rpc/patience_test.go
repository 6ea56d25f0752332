package rpc_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/sim"
)

// waiting is an endpoint whose Send waits for its context to end, for as long as patience says.
type waiting struct {
	core.Endpoint
	env      core.Env
	patience time.Duration
	last     context.Context
}

func (w *waiting) Send(ctx context.Context, to core.Address, m core.Message) error {
	w.last = ctx
	if err := w.env.NewSignal().Wait(ctx, w.patience); err != core.ErrElapsed {
		return &core.SendError{To: to, Definite: true, Cause: err}
	}
	return w.Endpoint.Send(ctx, to, m)
}

func TestSendWaitsNoLongerThanTheCallAndLeavesNothingBehind(t *testing.T) {
	quietly(t, func(t assert.TestingT, w *sim.World) {
		w.AddNode("b", func(env core.Env) {
			serve(env, rpc.Config{}, func(n *rpc.Node) { n.Handle("echo", same) })
		})
		w.Workload(w.AddNode("a", func(core.Env) {}), "call", func(env core.Env) {
			settle(env)
			e := &waiting{Endpoint: must(env.Listen("tcp", ":1")), env: env}
			n := must(rpc.New(env, e, rpc.Config{Timeout: time.Second}))
			env.Go("rpc", func() { _ = n.Serve(env.Context()) })
			call := func(ctx context.Context) (time.Duration, error) {
				before := env.Now()
				_, err := n.Call(ctx, "b:1", core.Normal, "echo", []byte{1})
				return env.Now().Sub(before), err
			}

			e.patience = core.Forever
			took, err := call(env.Context())
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			assert.ErrorIs(t, err, core.ErrDefinite)
			assert.Equal(t, time.Second, took)

			ctx, cancel := env.WithTimeout(env.Context(), 300*ms)
			defer cancel()
			took, err = call(ctx)
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, 300*ms, took, "the caller's own context ends it earlier")

			e.patience = 500 * ms
			_, err = call(env.Context())
			assert.NoError(t, err)
			assert.ErrorIs(t, e.last.Err(), context.Canceled, "a timer is left")
		})
	})
}
