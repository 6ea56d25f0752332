package manager

import (
	"context"
	"errors"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/retry"
	"github.com/windtunnel/windtunnel/core/rpc"
)

// run has a worker run an attempt, until it answers or the attempt is over: it may be running it all the
// while.
func (m *Manager) run(a *attempt) {
	x := m.members.find(a.shard.Worker)
	if x == nil || !a.of(x) {
		m.lose(a, protocol.EndLost, "its worker is gone")
		return
	}
	a.running = true
	if a.asking {
		return
	}
	a.asking = true
	to := x.address
	m.env.Go("run/"+a.stream.String(), func() {
		how, deadline, err := m.callRun(a, x, to)
		m.surely(func() { m.runAnswered(a, how, deadline, err) })
	})
}

// request is to run the attempt from now on.
func (a *attempt) request(now core.Instant) *protocol.Run {
	r := &protocol.Run{
		Stream: a.stream, Token: a.share.job.token, Incarnation: a.shard.Incarnation,
		Engine: a.share.workflow.Engine, Plan: a.shard.Plan, Target: a.share.workflow.Target,
		Cores: a.shard.Cores, Windows: a.share.job.windows, Deadline: a.share.job.endsAt().Sub(now),
	}
	if a.later {
		r.Elapsed = min(max(now.Sub(a.began), 0), r.Plan.Duration)
	}
	return r
}

// callRun asks until it is answered, or nobody wants the attempt run any more. It returns the deadline that
// the worker was given, too.
func (m *Manager) callRun(
	a *attempt, x *member, to core.Address,
) (how protocol.Running, d core.Instant, err error) {
	err = m.retries.Call(m.ctx, m.env, func(ctx context.Context) (err error) {
		request := a.request(m.env.Now())
		request.Stamp = x.stamp.Load()
		d = m.env.Now().Add(request.Deadline)
		how, err = rpc.Call[protocol.Running](ctx, m.node, to, core.Normal, protocol.MethodRun, request)
		return err
	}, func(int) bool {
		m.counters.callsFailed.Add(1)
		return !a.done.Load() && !a.share.job.stopped.Load()
	})
	return how, d, err
}

// runAnswered takes a worker's answer. One that knows nothing of the incarnation is another process: its own
// hello will say so.
func (m *Manager) runAnswered(a *attempt, how protocol.Running, deadline core.Instant, err error) {
	a.asking = false
	j := a.share.job
	switch {
	case !a.runs():
	case err == nil && how.Ended:
		m.ended(a, &how)
	case err == nil:
		if x := m.members.find(a.shard.Worker); x != nil && j.endsAt().Sub(deadline) > time.Millisecond {
			m.tellExtend(j, x) // it was put off in between
		}
	case !retry.Settled(err) || errors.Is(err, rpc.NotFound):
	default:
		m.counters.runsRefused.Add(1)
		end := protocol.EndFailed
		if j.ended {
			end = protocol.EndStopped
		}
		m.lose(a, end, err.Error())
	}
}
