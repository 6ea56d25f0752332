package gate

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

// job is one accepted job. One task owns it: everything without a comment of its own is that task's alone.
// Others reach it through its mailboxes, its books, and three values that are read whole.
type job struct {
	gate     *Gate
	id, key  string
	spec     protocol.JobSpec // with every default filled in
	token    uint64
	accepted core.Instant
	clock    stats.Clock // wall time once, at acceptance; steady since

	ctx    context.Context // ends when the job is forgotten, and with it all its tasks
	cancel context.CancelFunc

	bell     core.Signal
	commands *core.Mailbox[func()]  // run by the task, in order
	arrivals *core.Mailbox[arrival] // reports of its streams

	books  *books                             // shared, under its lock
	level  atomic.Uint32                      // backpressure.Level in force; set under the gate's lock
	totals stats.Shared                       // what was applied; safe for all
	status atomic.Pointer[protocol.JobStatus] // all else that there is to say; an immutable snapshot

	state     protocol.JobState
	message   string
	degraded  []string
	workflows []*workflowState
	ended     core.Instant
	revision  uint64 // of the result
	answered  bool   // a closed stream's worker has answered since the last revision
	counts    resultCounts
}

// resultCounts are the job's named counters of results.
type resultCounts struct{ duplicates, conflicts uint64 }

// workflowState is one workflow of a job, with its share in each datacenter.
type workflowState struct {
	spec     protocol.WorkflowSpec
	shares   []*share
	end      protocol.EndState // once decided
	decided  bool
	late     bool         // it was decided because time was up
	waiting  bool         // the first datacenter's result is whole, and the others are waited for
	firstIn  core.Instant // since then
	revision uint64       // of the aggregate; 0 before it
}

// giveUp is when the workflow is decided with what there is then.
func (w *workflowState) giveUp(j *job) core.Instant {
	if w.waiting {
		return min(j.deadline(), w.firstIn.Add(j.spec.ResultWait))
	}
	return j.deadline()
}

// share is a workflow's part in one datacenter.
type share struct {
	datacenter string
	spec       protocol.WorkflowSpec // its plan is the share
	asked      core.Address          // the manager that may have allocated cores for it; empty before
	split      *protocol.Split       // the manager's answer
	refused    string                // why it was not dispatched, once that is final
	streams    []stats.Stream        // the current attempt of every shard
	statement  statement
	whole      bool
	included   bool // in the aggregate, or in a revision of it
}

// newJob makes a job that is accepted now. Called under the gate's lock.
func (g *Gate) newJob(key, id string, spec protocol.JobSpec, now core.Instant) (*job, error) {
	bell := g.env.NewSignal()
	j := &job{
		gate: g, id: id, key: key, spec: spec, token: 1, accepted: now, state: protocol.JobSubmitted,
		clock:    stats.NewClock(stats.At(g.env.Wall()), time.Duration(now)),
		bell:     bell,
		commands: core.NewMailbox[func()](bell, g.config.JobQueue),
		arrivals: core.NewMailbox[arrival](bell, g.config.JobQueue),
	}
	collector, err := stats.NewCollector(id, spec.Windows, j.now())
	if err != nil {
		return nil, err
	}
	j.books = newBooks(g.env, collector, g.config.ReplayLog)
	for _, w := range spec.Workflows {
		shares, err := sharesOf(w, spec.Datacenters)
		if err != nil {
			return nil, err
		}
		j.workflows = append(j.workflows, &workflowState{spec: w, shares: shares})
	}
	j.ctx, j.cancel = g.env.WithCancel(g.ctx)
	j.publish()
	return j, nil
}

// run is the job's task, from acceptance until the job is forgotten.
func (j *job) run() {
	for {
		if j.step() {
			continue
		}
		if j.forgettable() {
			j.gate.forget(j)
			return
		}
		if err := j.bell.Wait(j.gate.ctx, j.untilWork()); err != nil && j.gate.ctx.Err() != nil {
			return
		}
	}
}

// step does the next thing that there is to do, in a fixed order: commands, reports, then what time demands.
func (j *job) step() bool {
	if command, ok := j.commands.TryTake(); ok {
		command()
		return true
	}
	if arrived, ok := j.arrivals.TryTake(); ok {
		j.apply(arrived)
		return true
	}
	if j.state.Terminal() {
		return j.reconcile()
	}
	if j.decide() {
		return true
	}
	j.offerWindows()
	return false
}

// do has the job's task run f. It is false when the job's queue is full.
func (j *job) do(f func()) bool { return j.commands.Put(f) }

// untilWork is how long nothing but a bell needs the task.
func (j *job) untilWork() time.Duration {
	now := j.gate.env.Now()
	if j.state.Terminal() {
		kept, latest := j.keptUntil()
		if now >= kept {
			return max(latest.Sub(now), time.Microsecond) // a subscriber that catches up rings
		}
		return kept.Sub(now)
	}
	wake := j.deadline()
	for _, w := range j.workflows {
		if !w.decided {
			wake = min(wake, w.giveUp(j))
		}
	}
	until := wake.Sub(now)
	if closing, ok := j.books.nextClosing(); ok {
		until = min(until, closing.Sub(j.now()))
	}
	return max(until, time.Microsecond)
}

func (j *job) deadline() core.Instant { return j.accepted.Add(j.spec.Deadline) }

// now is the job's clock.
func (j *job) now() stats.Time { return j.clock.At(time.Duration(j.gate.env.Now())) }

// offerWindows puts the job on the pending list when a window has closed.
func (j *job) offerWindows() {
	if j.books.hasClosed(j.now()) {
		j.gate.offer(j.id)
	}
}

// moveTo changes the state, or notes that the change is not allowed. It is the only place that sets it.
func (j *job) moveTo(to protocol.JobState, message string) bool {
	if j.state == to {
		return true
	}
	if !allowed(j.state, to) {
		j.gate.env.Note(fact.StateRefused{Job: j.id, From: j.state, To: to})
		j.gate.env.Log().Warn("transition refused", "job", j.id, "from", j.state.String(), "to", to.String())
		j.gate.counters.transitionsRefused.Add(1)
		return false
	}
	j.gate.env.Note(fact.State{Job: j.id, From: j.state, To: to})
	j.state, j.message = to, message
	j.publish()
	j.logStatus()
	return true
}

// logStatus pushes the status as it is now: a change that no level holds.
func (j *job) logStatus() {
	status := j.statusNow()
	j.books.lock.Lock()
	defer j.books.lock.Unlock()
	j.books.append(protocol.Push{Job: j.id, Status: &status})
}

// keptUntil is when a terminal job may be forgotten if every client has all its pushes, and when it is
// in any case: a client that answers at all catches up in half the time that one push may take.
func (j *job) keptUntil() (kept, latest core.Instant) {
	kept = j.ended.Add(j.gate.config.Retention)
	return kept, kept.Add(j.gate.config.PushTimeout / 2)
}

// forgettable says that the job's time in memory is over.
func (j *job) forgettable() bool {
	if !j.state.Terminal() {
		return false
	}
	now := j.gate.env.Now()
	kept, latest := j.keptUntil()
	return now >= latest || now >= kept && j.books.caughtUp(j.bell)
}
