package gate

import (
	"context"
	"errors"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/retry"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/wire"
)

// errNoManager says that a datacenter has no manager now.
var errNoManager = errors.New("no manager is there")

// always is a request that says the same at every try.
func always(m wire.Message) func() wire.Message { return func() wire.Message { return m } }

// insist makes a call to a datacenter's manager, whoever that is at each try, until it is answered, in
// whatever way, or the job is forgotten.
func (j *job) insist(datacenter, method string, request func() wire.Message) {
	g := j.gate
	err := g.retries.Call(j.ctx, g.env, func(ctx context.Context) error {
		to, known := g.lastAddress(datacenter)
		if !known {
			return errNoManager
		}
		_, err := rpc.Call[protocol.Taken](ctx, g.node, to, core.High, method, request())
		return err
	}, func(int) bool {
		g.counters.dispatchesFailed.Add(1)
		return j.ctx.Err() == nil
	})
	if retry.Settled(err) {
		g.env.Log().Warn("refused", "method", method, "job", j.id, "by", datacenter, "error", err)
	}
}

// settle has the job's task run f and waits until it did. It is false when the job has ended, or is about
// to, and f did not run.
func (j *job) settle(f func()) (ran bool) {
	for !j.over() {
		done := core.NewLatch(j.gate.env)
		put := j.do(func() {
			if !j.state.Terminal() && j.ending == nil {
				f()
				ran = true
			}
			done.Open()
		})
		if put {
			return done.Wait(j.gate.ctx, core.Forever) == nil && ran
		}
		// the queue is worked off in a moment
		if j.gate.env.Sleep(j.gate.ctx, j.gate.config.RetryFirst) != nil {
			break
		}
	}
	return false
}

// over says that the job is terminal, or about to be, for tasks that do not own it.
func (j *job) over() bool { return j.stopping.Load() || j.gate.ctx.Err() != nil }
