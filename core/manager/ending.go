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
)

// attemptEnded takes a worker's word that an attempt cut its last entry: its cores are free.
func (m *Manager) attemptEnded(_ core.Address, in *protocol.Ended, r rpc.Responder) {
	m.ask(r, func() {
		a := m.find(in.Stream)
		if a == nil || a.shard.Incarnation != in.Incarnation {
			m.counters.endsUnknown.Add(1)
			r.Fail(m.unknown("attempt " + in.Stream.String()))
			return
		}
		m.ended(a, &protocol.Running{
			Ended: true, State: in.State, Error: in.Error, Rest: in.Rest, Provided: in.Provided,
			Counted: in.Counted,
		})
		r.Reply(&protocol.Taken{})
	})
}

// ended takes note of how an attempt ended on its worker: for good, or with a rest that another may run at
// once, since that worker has stopped.
func (m *Manager) ended(a *attempt, how *protocol.Running) {
	if a.over {
		return
	}
	a.provided = merge(a.provided, how.Provided)
	switch {
	case !a.runs():
		a.stopped = min(a.stopped, m.env.Now()) // it was given up, and lives
	case how.Rest:
		a.stopped, a.end, a.reason = m.env.Now(), how.State, how.Error
		a.counted = &how.Counted
		m.askClose(a, "its worker stopped it: "+how.State.String())
	default:
		a.reason, a.told = how.Error, true
		m.finish(a, how.State)
	}
}

// finish ends an attempt here: its cores are free, and with the last one its share is stated.
func (m *Manager) finish(a *attempt, end protocol.EndState) {
	a.over, a.closing, a.heir, a.end = true, false, nil, end
	a.done.Store(true)
	m.free(a)
	m.state(a.share)
}

// lose gives an attempt up. If it was opened, the gate closes it first: until then its entries still count.
func (m *Manager) lose(a *attempt, end protocol.EndState, why string) {
	m.counters.attemptsLost.Add(1)
	a.reason = why
	if !a.share.opened {
		m.finish(a, end)
		return
	}
	a.end, a.stopped = end, m.env.Now()
	if a.running {
		a.stopped = m.stoppedBy(a)
	}
	m.askClose(a, why)
}

// askClose asks the gate to close an attempt until it answers; then the attempt is over, or another runs
// what is left. It is also for one that had ended, when its worker died with entries that the gate may not
// have: it is as it was if the gate has them all.
func (m *Manager) askClose(a *attempt, why string) {
	if a.closing {
		return
	}
	a.closing, a.over = true, false
	a.done.Store(true)
	request := protocol.CloseStream{
		Stream: a.stream, Token: a.share.job.token, Worker: a.shard.Worker, Incarnation: a.shard.Incarnation,
		Reason: why, MayRun: max(a.stopped.Sub(m.env.Now()), 0),
	}
	if a.counted != nil {
		request.Stopped, request.Counted = true, *a.counted
	}
	m.env.Go("close/"+a.stream.String(), func() {
		closed := protocol.StreamClosed{}
		_ = m.insist(a.share.job, protocol.MethodStreamClose, func(ctx context.Context) (err error) {
			closed, err = rpc.Call[protocol.StreamClosed](ctx, m.node, m.config.Gate, core.High,
				protocol.MethodStreamClose, &request)
			return err
		})
		m.surely(func() { m.closed(a, closed, why) })
	})
}

// closed goes on once the gate has answered, or has refused: it never opened that attempt.
func (m *Manager) closed(a *attempt, closed protocol.StreamClosed, why string) {
	if !a.closing {
		return
	}
	end, next := afterClose(a.end, a.told, closed)
	if a.told && end != a.end {
		a.reason = why
	}
	a.told, a.applied = false, true
	if next && !a.share.job.ended {
		a.end = end
		m.awaitNext(a, closed.Left)
		return
	}
	m.finish(a, end)
}

// insist makes a call until it is answered, in whatever way, or nobody keeps the job any more.
func (m *Manager) insist(j *job, method string, call func(context.Context) error) error {
	return m.insistWhile(func() bool { return !j.dropped.Load() }, method, call)
}

// insistWhile makes a call until it is answered, in whatever way, or nobody wants that any more.
func (m *Manager) insistWhile(wanted func() bool, method string, call func(context.Context) error) error {
	err := m.retries.Call(m.ctx, m.env, call, func(int) bool {
		m.counters.callsFailed.Add(1)
		return wanted()
	})
	if retry.Settled(err) {
		m.env.Log().Info("refused", "method", method, "error", err)
	}
	return err
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

// jobEnd takes the gate's word that a job is terminal, or will be.
func (m *Manager) jobEnd(_ core.Address, in *protocol.JobEnd, r rpc.Responder) {
	m.ask(r, func() {
		j := m.job(in.Job)
		if j == nil {
			// A dispatch that it overtook must find the end.
			j = &job{id: in.Job, token: in.Token}
			m.jobs = append(m.jobs, j)
		}
		if in.Token < j.token {
			r.Fail(m.stale(j, in.Token))
			return
		}
		m.end(j)
		m.arrived(j.id)
		r.Reply(&protocol.Taken{})
	})
}

// end stops what still runs of a job. What never ran is over at once; the rest is, when its worker says so.
func (m *Manager) end(j *job) {
	if j.ended {
		return
	}
	j.ended, j.endedAt = true, m.env.Now()
	j.stopped.Store(true)
	m.env.Note(fact.EndReached{Job: j.id})
	for _, x := range m.running(j) {
		m.stopJob(j, x)
	}
	for _, s := range j.shares {
		for _, a := range s.attempts {
			waits := a.heir != nil && a.heir.next == nil // else the gate may have opened the next one
			if waits || a.runs() && !a.running {
				m.finish(a, protocol.EndStopped)
			}
		}
	}
	for _, x := range m.members {
		m.disown(x)
	}
}

// stopJob tells a worker to end a job's load until it answers, also when the job is forgotten meanwhile.
func (m *Manager) stopJob(j *job, x *member) {
	request := protocol.Stop{Job: j.id, Token: j.token, Reason: protocol.EndStopped}
	m.tellStop("stop", x, &request, func() bool { return !x.gone.Load() })
}

func (m *Manager) tellStop(task string, x *member, request *protocol.Stop, wanted func() bool) {
	to := x.address
	m.env.Go(task+"/"+request.Job+"/"+x.name, func() {
		_ = m.insistWhile(wanted, protocol.MethodStop, func(ctx context.Context) error {
			_, err := rpc.Call[protocol.Taken](ctx, m.node, to, core.Critical, protocol.MethodStop, request)
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
		j.stopped.Store(true)
		for a := range j.all() {
			m.free(a)
		}
		m.env.Note(fact.Forgotten{Job: j.id})
		return true
	})
}
