package manager

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
)

// adopt takes a job over from an earlier manager of the datacenter. A job that is known has been, before.
func (m *Manager) adopt(_ core.Address, in *protocol.Adopt, r rpc.Responder) {
	m.ask(r, func() {
		j := m.job(in.Job)
		switch {
		case !m.welcome:
			r.Fail(m.notSynced()) // what it states would bear no number
			return
		case j != nil && in.Token < j.token:
			r.Fail(m.stale(j, in.Token))
			return
		}
		if j == nil {
			if err := validAdopt(in); err != nil {
				r.Fail(err)
				return
			}
			m.takeOver(in)
		}
		m.arrived(in.Job)
		r.Reply(&protocol.Taken{})
	})
}

// validAdopt refuses what cannot be looked up by shard.
func validAdopt(in *protocol.Adopt) error {
	if in.Job == "" {
		return rpc.Errorf(rpc.Invalid, "adopt without a job")
	}
	for _, s := range in.Shares {
		shards := len(s.Split.Shards)
		for i, shard := range s.Split.Shards {
			if shard.Shard != uint32(i) {
				return rpc.Errorf(rpc.Invalid, "adopt %s/%s: shard %d at %d", in.Job, s.Workflow.Name,
					shard.Shard, i)
			}
		}
		if len(s.Attempts) != 0 && len(s.Attempts) != shards {
			return rpc.Errorf(rpc.Invalid, "adopt %s/%s: %d attempts of %d shards", in.Job, s.Workflow.Name,
				len(s.Attempts), shards)
		}
		for i, a := range s.Attempts {
			if a.Attempt.Shard != uint32(i) || a.Attempt.Attempt == 0 {
				return rpc.Errorf(rpc.Invalid, "adopt %s/%s: attempt %d of shard %d at %d", in.Job,
					s.Workflow.Name, a.Attempt.Attempt, a.Attempt.Shard, i)
			}
		}
	}
	return nil
}

func (m *Manager) takeOver(in *protocol.Adopt) {
	j := &job{id: in.Job, token: in.Token, gateBoot: in.GateBoot, windows: in.Windows}
	j.extend(m.env.Now().Add(in.Deadline))
	m.jobs = append(m.jobs, j)
	attempts := 0
	for _, given := range in.Shares {
		s := &share{
			job: j, workflow: given.Workflow, split: given.Split, opened: len(given.Attempts) > 0,
		}
		j.shares = append(j.shares, s)
		for i, shard := range given.Split.Shards {
			if !s.opened {
				s.attempts = append(s.attempts, m.hold(s, shard, 1, true))
				m.awaits = true
				continue
			}
			s.attempts = append(s.attempts, m.takeAttempt(s, shard, given.Attempts[i]))
		}
		attempts += len(given.Attempts)
		for _, a := range s.attempts {
			if x := m.members.find(a.shard.Worker); x != nil {
				m.resumeAttempt(a, x)
			}
		}
		m.state(s)
	}
	m.env.Note(fact.Adopted{Job: j.id, Attempts: attempts})
	m.env.Log().Info("job adopted", "job", j.id, "attempts", attempts)
}

// takeAttempt is a shard's current attempt as the gate has it: over, closed and to be followed by another, or
// perhaps running.
func (m *Manager) takeAttempt(s *share, shard protocol.Shard, given protocol.AdoptedAttempt) *attempt {
	shard.Worker, shard.Incarnation = given.Attempt.Worker, given.Attempt.Incarnation
	if given.Cores > 0 {
		shard.Cores = given.Cores
	}
	if !given.Final && !given.Closed {
		a := m.hold(s, shard, given.Attempt.Attempt, true)
		a.running, a.later = true, given.Attempt.Attempt > 1
		a.began = m.env.Now().Add(-given.Elapsed)
		m.awaits = true
		return a
	}
	a := &attempt{share: s, shard: shard, stream: m.streamOf(s, shard.Shard, given.Attempt.Attempt)}
	a.applied, a.over, a.end = true, true, protocol.EndCompleted
	a.done.Store(true)
	if given.Final {
		return a
	}
	a.end, a.reason = protocol.EndLost, "an earlier manager gave it up"
	if given.Next {
		a.stopped = m.stoppedBy(a)
		m.awaitNext(a, given.Left)
	}
	return a
}

// resume asks a worker that has just registered how the attempts go that an earlier manager had it run.
func (m *Manager) resume(x *member) {
	for _, j := range m.jobs {
		for _, s := range j.shares {
			for _, a := range s.attempts {
				m.resumeAttempt(a, x)
			}
		}
	}
}

func (m *Manager) resumeAttempt(a *attempt, x *member) {
	if a.of(x) && a.runs() && a.running && !a.share.job.ended {
		m.run(a)
	}
}

// giveUpAwaited gives attempts up whose worker has not registered for as long as any worker may be silent: it
// was last answered before this manager's boot.
func (m *Manager) giveUpAwaited(now core.Instant) {
	if m.untilGiveUpAwaited(now) > 0 {
		return
	}
	m.awaits = false
	for _, j := range m.jobs {
		for _, s := range j.shares {
			for _, a := range s.attempts {
				if x := m.members.find(a.shard.Worker); a.runs() && (x == nil || !a.of(x)) {
					m.lose(a, protocol.EndLost, "its worker never came back")
				}
			}
		}
	}
}

func (m *Manager) untilGiveUpAwaited(now core.Instant) time.Duration {
	if !m.awaits {
		return core.Forever
	}
	return m.bootAt.Add(m.config.giveUp()).Sub(now)
}
