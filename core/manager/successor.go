package manager

import (
	"context"
	"slices"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
)

// heir is what a closed attempt waits for: a worker that runs what is left of the plan.
type heir struct {
	until core.Instant // then nothing is left
	next  *attempt     // the gate is being asked to open it; nil: no worker has room yet, or it is too early
}

// afterClose is how an attempt ended, once the gate has said where it closed it, and whether another runs the
// rest. Told: its worker had said that it ended for good.
func afterClose(end protocol.EndState, told bool, closed protocol.StreamClosed) (protocol.EndState, bool) {
	switch {
	case closed.Final && told:
		return end, false
	case closed.Final:
		return protocol.EndCompleted, false // it had said all before its worker died
	case told:
		return protocol.EndLost, false // and what it said last with it
	case end == protocol.EndFailed || end == protocol.EndStopped:
		return end, false // the next one would fare no better
	}
	return end, closed.Next
}

// awaitNext has a closed attempt wait for another to run what is left, as long as something is.
func (m *Manager) awaitNext(a *attempt, left time.Duration) {
	a.closing, a.over, a.heir = false, false, &heir{until: m.env.Now().Add(left)}
	a.done.Store(true)
	m.free(a)
	m.waiting = append(m.waiting, a)
}

// succeed finds workers for what closed attempts have left: not before their own worker has certainly
// stopped, or the target would get the load twice.
func (m *Manager) succeed(now core.Instant) {
	m.waiting = slices.DeleteFunc(m.waiting, func(a *attempt) bool {
		switch {
		case a.heir == nil || a.share.job.dropped.Load():
			return true
		case now >= a.heir.until:
			m.finish(a, a.end)
			return true
		case now < a.stopped:
			return false
		}
		x := m.members.spare()
		if x != nil {
			m.askNext(a, x)
		}
		return x != nil
	})
}

// untilSucceed is the time until one that waits may go on, or has nothing left to wait for.
func (m *Manager) untilSucceed(now core.Instant) time.Duration {
	until := core.Forever
	for _, a := range m.waiting {
		if now < a.stopped {
			until = min(until, a.stopped.Sub(now))
		}
		if a.heir != nil {
			until = min(until, a.heir.until.Sub(now))
		}
	}
	return until
}

// askNext takes cores for the attempt after a closed one, and asks the gate to open it.
func (m *Manager) askNext(a *attempt, x *member) {
	shard := a.share.split.Shards[a.stream.Shard]
	shard.Cores = min(shard.Cores, x.free())
	shard.Worker, shard.Incarnation = x.name, x.incarnation
	next := m.hold(a.share, shard, a.stream.Attempt+1, false)
	next.later, next.provided = true, a.provided
	a.heir.next = next
	request := protocol.NextAttempt{
		Stream: a.stream, Token: a.share.job.token, Worker: x.name, Incarnation: x.incarnation,
		Cores: shard.Cores,
	}
	m.env.Go("next/"+a.stream.String(), func() {
		var opened protocol.NextOpened
		err := m.insist(a.share.job, protocol.MethodNextAttempt, func(ctx context.Context) (err error) {
			opened, err = rpc.Call[protocol.NextOpened](ctx, m.node, m.config.Gate, core.High,
				protocol.MethodNextAttempt, &request)
			return err
		})
		answered := m.env.Now()
		m.surely(func() { m.nextOpened(a, opened, answered, err) })
	})
}

// nextOpened puts the attempt that the gate opened in the closed one's place, and has it run. It may have
// come too late: for its worker, which is lost again, or for its job.
func (m *Manager) nextOpened(a *attempt, opened protocol.NextOpened, answered core.Instant, err error) {
	j := a.share.job
	switch {
	case j.dropped.Load():
		return
	case err != nil:
		m.counters.nextRefused.Add(1)
		m.free(a.heir.next)
		end := a.end
		if j.ended {
			end = protocol.EndStopped
		}
		m.finish(a, end)
		return
	}
	m.counters.attemptsNext.Add(1)
	next := a.heir.next
	a.heir = nil
	next.stream.Attempt, next.began = opened.Attempt, answered.Add(-opened.Elapsed)
	a.share.attempts[a.stream.Shard] = next
	if j.ended {
		m.lose(next, protocol.EndStopped, "its job has ended")
		return
	}
	m.run(next)
}
