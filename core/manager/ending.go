package manager

import (
	"context"
	"errors"
	"slices"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/retry"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/wire"
)

// attemptEnded takes a worker's word that an attempt cut its final entry: its cores are free.
func (m *Manager) attemptEnded(_ core.Address, in *protocol.Ended, r rpc.Responder) {
	m.ask(r, func() {
		a := m.find(in.Stream)
		if a == nil || a.shard.Incarnation != in.Incarnation {
			r.Fail(rpc.Errorf(rpc.NotFound, "attempt %s is not known here", in.Stream))
			return
		}
		if !a.over && !a.closing {
			a.reason, a.told = in.Error, true
			m.finish(a, in.State)
		}
		r.Reply(&protocol.Taken{})
	})
}

// finish ends an attempt here: its cores are free, and with the last one its share is stated.
func (m *Manager) finish(a *attempt, end protocol.EndState) {
	a.over, a.closing, a.end = true, false, end
	a.done.Store(true)
	m.free(a)
	m.state(a.share)
}

// lose gives an attempt up. If it was opened, the gate closes it first: until then its entries still count.
func (m *Manager) lose(a *attempt, end protocol.EndState, why string) {
	a.reason = why
	if !a.share.opened {
		m.finish(a, end)
		return
	}
	a.end = end
	m.askClose(a, why)
}

// askClose asks the gate to close an attempt until it answers; then the attempt is over. It is also for
// one that had ended, when its worker died with entries that the gate may not have: it is as it was if
// the gate has them all.
func (m *Manager) askClose(a *attempt, why string) {
	if a.closing {
		return
	}
	a.closing, a.over = true, false
	request := protocol.CloseStream{
		Stream: a.stream, Token: a.share.job.token, Worker: a.shard.Worker, Incarnation: a.shard.Incarnation,
		Reason: why,
	}
	m.env.Go("close/"+a.stream.String(), func() {
		closed := protocol.StreamClosed{}
		m.insist(a.share.job, protocol.MethodStreamClose, func(ctx context.Context) (err error) {
			closed, err = rpc.Call[protocol.StreamClosed](ctx, m.node, m.config.Gate, core.High,
				protocol.MethodStreamClose, &request)
			return err
		})
		m.surely(func() {
			if !a.closing {
				return
			}
			end := a.end
			switch {
			case closed.Final && !a.told:
				end = protocol.EndCompleted // it had said all before its worker died
			case !closed.Final && a.told:
				end, a.reason = protocol.EndLost, why
			}
			a.told, a.applied = false, true
			m.finish(a, end)
		})
	})
}

// insist makes a call until it is answered, in whatever way, or nobody keeps the job any more.
func (m *Manager) insist(j *job, method string, call func(context.Context) error) {
	err := m.retries.Call(m.ctx, m.env, call, func(int) bool {
		m.counters.callsFailed.Add(1)
		return !j.dropped.Load()
	})
	if retry.Settled(err) {
		m.env.Log().Info("refused", "method", method, "job", j.id, "error", err)
	}
}

// callRun asks a worker to run an attempt, a few times. It does not ask again once the attempt is known
// to have ended: the worker need not remember it for ever.
func (m *Manager) callRun(a *attempt, to core.Address, request wire.Message) error {
	return m.retries.Call(m.ctx, m.env, func(ctx context.Context) error {
		_, err := rpc.Call[protocol.Taken](ctx, m.node, to, core.Normal, protocol.MethodRun, request)
		return err
	}, func(failed int) bool {
		m.counters.callsFailed.Add(1)
		return failed < m.config.RunTries && !a.done.Load()
	})
}

// attemptRefused passes a worker's answer to a close on to the gate, and the gate's answer back.
func (m *Manager) attemptRefused(ctx context.Context, _ core.Address,
	in *protocol.Refused) (*protocol.Taken, error) {
	taken, err := rpc.Call[protocol.Taken](ctx, m.node, m.config.Gate, core.High,
		protocol.MethodStreamRefused, in)
	var answer *rpc.RemoteError
	if errors.As(err, &answer) {
		return nil, answer // it is the gate's answer to the worker, not a failure here
	}
	return &taken, err
}

// jobEnd takes the gate's word that a job is terminal.
func (m *Manager) jobEnd(_ core.Address, in *protocol.JobEnd, r rpc.Responder) {
	m.ask(r, func() {
		j := m.job(in.Job)
		if j == nil {
			// A dispatch that it overtook must find the end.
			j = &job{id: in.Job, token: in.Token}
			m.jobs = append(m.jobs, j)
		}
		if in.Token < j.token {
			r.Fail(rpc.Errorf(rpc.NotOwner, "job %s: token %d is stale, %d is known", j.id, in.Token,
				j.token))
			return
		}
		m.end(j)
		r.Reply(&protocol.Taken{})
	})
}

// end stops what still runs of a job. What never ran is over at once; the rest is, when its worker says so.
func (m *Manager) end(j *job) {
	if j.ended {
		return
	}
	j.ended, j.endedAt = true, m.env.Now()
	m.env.Note(fact.EndReached{Job: j.id})
	var stopping []*member
	for _, s := range j.shares {
		for _, a := range s.attempts {
			x := m.members.find(a.shard.Worker)
			switch {
			case a.over || a.closing:
			case !a.running:
				m.finish(a, protocol.EndStopped)
			case x != nil && a.of(x) && !slices.Contains(stopping, x):
				stopping = append(stopping, x)
			}
		}
	}
	for _, x := range stopping {
		m.stop(j, x)
	}
}

// stop tells a worker to end a job's load until it answers.
func (m *Manager) stop(j *job, x *member) {
	request := protocol.Stop{Job: j.id, Token: j.token, Reason: protocol.EndStopped}
	to := x.address
	m.env.Go("stop/"+j.id+"/"+x.name, func() {
		m.insist(j, protocol.MethodStop, func(ctx context.Context) error {
			_, err := rpc.Call[protocol.Taken](ctx, m.node, to, core.Critical, protocol.MethodStop, &request)
			return err
		})
	})
}

// tidy ends jobs that their gate forgot to end, and forgets those that have ended long enough.
func (m *Manager) tidy(now core.Instant) {
	m.jobs = slices.DeleteFunc(m.jobs, func(j *job) bool {
		if !j.ended && now >= j.orphaned(m) {
			m.env.Log().Warn("job given up: its gate never ended it", "job", j.id)
			m.end(j)
		}
		if !j.ended || now.Sub(j.endedAt) <= m.config.Retention {
			return false
		}
		j.dropped.Store(true)
		for _, s := range j.shares {
			for _, a := range s.attempts {
				m.free(a)
			}
		}
		m.env.Note(fact.Forgotten{Job: j.id})
		return true
	})
}
