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
	order    uint64   // of acceptance
	targets  []string // of all its workflows
	accepted core.Instant
	clock    stats.Clock // wall time once, at acceptance; steady since

	ctx    context.Context // ends when the job is forgotten, and with it all its tasks
	cancel context.CancelFunc

	bell     core.Signal
	commands *core.Mailbox[func()]  // run by the task, in order
	arrivals *core.Mailbox[arrival] // reports of its streams

	books  *books                             // shared, under its lock
	level  atomic.Uint32                      // backpressure.Level in force; set under the gate's lock
	eased  atomic.Int64                       // core.Instant at which that was last seen to be REJECT; ditto
	totals stats.Shared                       // what was applied; safe for all
	status atomic.Pointer[protocol.JobStatus] // all else that there is to say; an immutable snapshot
	// stopping says that nothing new is to be begun for the job: it is terminal, or about to be.
	stopping atomic.Bool
	told     atomic.Bool // its result is in the push log: a gate that leaves need not wait for it any more
	orphans  orphans     // under the gate's lock

	state     protocol.JobState
	message   string
	degraded  []string
	workflows []*workflowState
	values    values     // what its workflows have provided
	extended  extensions // of the deadline
	ending    *ending    // the end that it goes to; nil as long as that is open
	losses    map[stats.Stream]*loss
	ended     core.Instant
	revision  uint64 // of the result
	answered  bool   // a closed stream's worker has answered since the last revision
	counts    resultCounts
}

// resultCounts are the job's named counters of results.
type resultCounts struct{ duplicates, conflicts uint64 }

// giveUp is when the workflow is decided with what there is then.
func (w *workflowState) giveUp(j *job) core.Instant {
	if w.waiting {
		return min(j.deadline(), w.firstIn.Add(j.spec.ResultWait))
	}
	return j.deadline()
}

// newJob makes a job that is accepted now. Called under the gate's lock.
func (g *Gate) newJob(key, id string, spec protocol.JobSpec, now core.Instant) (*job, error) {
	bell, queue := g.env.NewSignal(), g.config.JobQueue
	if g.env.Rare("gate/short-job-queue") {
		queue = fewestWaiting
	}
	j := &job{
		gate: g, id: id, key: key, spec: spec, token: 1, accepted: now, state: protocol.JobSubmitted,
		order: g.accepted, targets: targetsOf(spec), losses: map[stats.Stream]*loss{},
		clock:    stats.NewClock(stats.At(g.env.Wall()), time.Duration(now)),
		bell:     bell,
		commands: core.NewMailbox[func()](bell, queue),
		arrivals: core.NewMailbox[arrival](bell, queue),
	}
	collector, err := stats.NewCollector(id, g.windows(spec.Windows), j.now())
	if err != nil {
		return nil, err
	}
	j.books = newBooks(g.env, collector, g.config.ReplayLog)
	for i, w := range spec.Workflows {
		shares, err := sharesOf(w, spec.Datacenters)
		if err != nil {
			return nil, err
		}
		j.workflows = append(j.workflows, &workflowState{
			spec: w, nth: i, state: protocol.WorkflowPending, shares: shares,
		})
	}
	j.ctx, j.cancel = g.env.WithCancel(g.ctx)
	j.publish()
	return j, nil
}

// windows is how a job's windows are closed here; workers cut theirs as the job asks.
func (g *Gate) windows(asked stats.Config) stats.Config {
	if g.env.Rare("gate/early-windows") {
		asked.ClosingTolerance = 0
	}
	if g.env.Rare("gate/few-windows") {
		asked.Held = stats.FewestHeld
	}
	return asked
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
	if j.handOver() || j.decide() || j.ending == nil && (j.advance() || j.extend()) {
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
	if j.ending != nil {
		wake = j.ending.until
	}
	if at, may := j.extendAt(); may && at > now {
		wake = min(wake, at)
	}
	for _, w := range j.workflows {
		switch {
		case w.decided:
		case w.running():
			wake = min(wake, w.giveUp(j), w.stuckAt(j))
		default:
			wake = min(wake, w.giveUp(j))
		}
	}
	until := wake.Sub(now)
	if closing, ok := j.books.nextClosing(); ok {
		until = min(until, closing.Sub(j.now()))
	}
	return max(until, time.Microsecond)
}

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
