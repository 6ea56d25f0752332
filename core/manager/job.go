package manager

import (
	"iter"
	"sync/atomic"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

// job is what a manager knows of a job. The manager's task owns it and all below it.
type job struct {
	id       string
	token    uint64
	gateBoot uint64
	windows  stats.Config
	deadline atomic.Int64 // core.Instant; it may be put off while tasks have its attempts run
	shares   []*share

	ended   bool // its gate said so, or is gone
	endedAt core.Instant
	hinted  bool
	hint    int64       // the last "complete through"
	stopped atomic.Bool // ended; nothing more of it is to run
	dropped atomic.Bool // forgotten; its tasks end
}

// share is this datacenter's part of one workflow.
type share struct {
	job      *job
	workflow protocol.WorkflowSpec
	split    protocol.Split
	attempts []*attempt // by shard, the current ones; they may run once they are opened
	opened   bool
	result   statement
}

// attempt is one attempt of a shard on one worker. Its life here: it holds cores; it runs; it ended, or is
// given up and closing; then it is over, or, when another may run what is left, waits for that (heir).
type attempt struct {
	share     *share
	stream    stats.Stream
	shard     protocol.Shard
	began     core.Instant // when the shard's plan began, had it begun when the gate said; in a later attempt
	later     bool         // it runs what an earlier one left
	allocated bool         // it holds cores
	running   bool         // the worker accepted it, or may have
	asking    bool         // a task asks the worker to run it
	over      bool
	done      atomic.Bool // over or given up, for the task that has it run
	end       protocol.EndState
	reason    string
	provided  []load.Value
	closing   bool          // the gate is being asked to close it; it is not over before
	stopped   core.Instant  // its worker has certainly stopped by then
	counted   *stats.Counts // what it did in all, in the word of its worker that stopped it; nil without one
	heir      *heir         // it is closed, and waits for one who runs what is left
	reported  bool
	through   int64 // the newest window that it reported
	final     bool  // it reported its final entry
	told      bool  // its worker said that it ended for good: what it cut last may still be on its way
	applied   bool  // the gate has all of it
}

func (a *attempt) of(x *member) bool {
	return a.shard.Worker == x.name && a.shard.Incarnation == x.incarnation
}

// settled says that every attempt of the share has ended.
func (s *share) settled() bool {
	for _, a := range s.attempts {
		if !a.over {
			return false
		}
	}
	return true
}

// completeThrough is the newest window that every attempt here has reported as a whole: the one before
// the newest it reported anything of, since windows never fall. Not ok while one has reported nothing.
func (j *job) completeThrough() (k int64, ok bool) {
	newest := int64(-1 << 62)
	k = 1<<62 - 1
	for _, s := range j.shares {
		for _, a := range s.attempts {
			reports := !a.final && a.heir == nil && (!a.over || a.told)
			if reports && !a.reported {
				return 0, false
			}
			if a.reported {
				newest = max(newest, a.through)
			}
			if reports {
				k = min(k, a.through-1)
			}
		}
	}
	return min(k, newest), newest > -1<<62
}

// untilTidy is the time until the job's own deadline, or until its memory may go.
func (j *job) untilTidy(m *Manager, now core.Instant) time.Duration {
	if j.ended {
		return j.endedAt.Add(m.config.Retention).Sub(now) + 1
	}
	return j.orphaned(m).Sub(now) + 1
}

// orphaned is when a job that nobody ended is given up: its gate would have ended it at the deadline.
func (j *job) orphaned(m *Manager) core.Instant {
	return j.endsAt().Add(m.config.giveUp())
}

func (j *job) endsAt() core.Instant { return core.Instant(j.deadline.Load()) }

// extend puts the deadline off, never forward; it tells whether that changed it.
func (j *job) extend(deadline core.Instant) bool {
	later := deadline > j.endsAt()
	j.deadline.Store(int64(max(deadline, j.endsAt())))
	return later
}

// all goes through the attempts that hold anything: the current ones, and those about to follow them.
func (j *job) all() iter.Seq[*attempt] {
	return func(yield func(*attempt) bool) {
		for _, s := range j.shares {
			for _, a := range s.attempts {
				if !yield(a) || a.heir != nil && a.heir.next != nil && !yield(a.heir.next) {
					return
				}
			}
		}
	}
}

// runs says that the attempt is running, or will: it has not ended, and nobody gave it up.
func (a *attempt) runs() bool { return !a.over && !a.closing && a.heir == nil }

// find returns the attempt of a stream.
func (m *Manager) find(stream stats.Stream) *attempt {
	for _, j := range m.jobs {
		if j.id != stream.Job {
			continue
		}
		for _, s := range j.shares {
			if s.workflow.Name != stream.Workflow || int(stream.Shard) >= len(s.attempts) {
				continue
			}
			if a := s.attempts[stream.Shard]; a.stream == stream {
				return a
			}
		}
	}
	return nil
}

func (m *Manager) job(id string) *job {
	for _, j := range m.jobs {
		if j.id == id {
			return j
		}
	}
	return nil
}
