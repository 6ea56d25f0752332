package gate

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/wire"
)

const (
	firstExtension = 30 * time.Second
	leastExtension = time.Second
)

// extensions are the times by which a job's deadline was put off.
type extensions struct {
	granted uint32
	sum     time.Duration
	applied uint64 // arrivals that were accounted for when the last one was granted
}

func (j *job) deadline() core.Instant { return j.accepted.Add(j.spec.Deadline + j.extended.sum) }

// left is how long there is until the deadline.
func (j *job) left() time.Duration { return j.deadline().Sub(j.gate.env.Now()) }

// extendAt is when the job is looked at for an extension: early enough for workers to learn of it before
// their own deadline.
func (j *job) extendAt() (core.Instant, bool) {
	if j.extended.granted == j.spec.Extensions || j.ending != nil || !j.anyRunning() {
		return 0, false
	}
	return j.deadline().Add(-2 * j.gate.config.Heartbeat), true
}

// extend puts the deadline off when it is near, if there was progress since the last time: by the job's
// extension, each time by half as much. Run by the job's task.
func (j *job) extend() (changed bool) {
	at, may := j.extendAt()
	if !may || j.gate.env.Now() < at {
		return false
	}
	applied := j.totals.Snapshot().Total().Planned()
	if applied <= j.extended.applied {
		return false
	}
	by := extension(j.spec.Extension, j.extended.granted)
	j.extended.granted++
	j.extended.sum += by
	j.extended.applied = applied
	g := j.gate
	g.env.Note(fact.Extended{Job: j.id, By: by, Count: j.extended.granted})
	g.env.Log().Info("deadline put off", "job", j.id, "by", by.String(), "extensions", j.extended.granted)
	for _, dc := range j.asked() {
		g.env.Go("job/"+j.id+"/extend/"+dc, func() {
			j.insist(dc, protocol.MethodExtend, j.extendRequest(j.deadline()))
		})
	}
	j.publish()
	j.logStatus()
	return true
}

// extendRequest says at each try how long there is until the deadline.
func (j *job) extendRequest(deadline core.Instant) func() wire.Message {
	return func() wire.Message {
		return &protocol.Extend{Job: j.id, Token: j.token, Left: deadline.Sub(j.gate.env.Now())}
	}
}

// extension is by how much a deadline is put off after so many times.
func extension(first time.Duration, granted uint32) time.Duration {
	if first == 0 {
		first = firstExtension
	}
	return max(first>>granted, leastExtension)
}

// anyRunning says that some workflow's load may be under way.
func (j *job) anyRunning() bool {
	for _, w := range j.workflows {
		if !w.decided && w.running() {
			return true
		}
	}
	return false
}

// progressMark is how far a workflow's load was, and since when.
type progressMark struct {
	sum uint64
	at  core.Instant
}

// stuckAt is when a workflow counts as stuck, unless there is progress before: the job's patience, and as
// long as one request may take, after its next arrival was due.
func (w *workflowState) stuckAt(j *job) core.Instant {
	plan, since := w.spec.Plan, max(w.progress.at, w.opened)
	if next := plan.Due(since.Sub(w.opened)); next < plan.Arrivals() {
		since = max(since, w.opened.Add(plan.At(next)))
	}
	return since.Add(j.spec.Stuck + w.spec.Target.Timeout)
}

// stuck says that a running workflow has load that is due, and nothing came of it for too long. Run by the
// job's task.
func (j *job) stuck(w *workflowState) bool {
	if w.decided || !w.running() {
		return false
	}
	now := j.gate.env.Now()
	if sum := j.books.progress(w.shares); sum != w.progress.sum {
		w.progress = progressMark{sum, now}
	}
	// What REJECT withholds is not missed, and not until a while after it has fallen.
	w.progress.at = max(w.progress.at, j.withheldUntil(now))
	if now < w.stuckAt(j) {
		return false
	}
	j.gate.env.Note(fact.Stuck{Job: j.id, Workflow: w.spec.Name})
	j.gate.env.Log().Warn("workflow stuck", "job", j.id, "workflow", w.spec.Name)
	return true
}
