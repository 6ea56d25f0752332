package gate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
)

// askAgain is how long a start waits before it asks a datacenter without room again, unless something
// changes earlier.
const askAgain = time.Second

// newStart lines a workflow up. Run by the job's task.
func (j *job) newStart(w *workflowState) *start {
	s := &start{
		job: j, workflow: w.spec.Name, priority: j.spec.Priority, order: j.order, nth: w.nth,
		datacenters: j.spec.Datacenters, cores: w.spec.Cores, bell: j.gate.env.NewSignal(),
	}
	j.gate.change(func(q *queue) { q.add(s) })
	return s
}

// change changes the queue, decides anew who has its turn, and tells those for whom it matters.
func (g *Gate) change(f func(*queue)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f(&g.queue)
	g.judgeQueue()
}

// dropStarts takes what is left of a job out of the queue.
func (j *job) dropStarts() {
	g := j.gate
	g.change(func(q *queue) {
		for _, s := range q.drop(j) {
			g.env.Note(fact.StartDropped{Job: j.id, Workflow: s.workflow})
			s.bell.Notify()
		}
	})
}

// judgeQueue decides anew who has its turn. Called under the gate's lock, whenever a start comes or goes,
// a job ends, or a datacenter has changed.
func (g *Gate) judgeQueue() {
	changed, taken := g.queue.judge(g.room)
	for _, h := range taken {
		g.env.Note(fact.TargetTaken{Job: h.job.id, Target: h.target, Shared: h.shared})
	}
	for _, s := range changed {
		switch {
		case s.firm: // it began before, and is not overtaken, whoever has come since
			g.env.Note(fact.StartQueued{
				Job: s.job.id, Workflow: s.workflow, Priority: s.priority, Order: s.order,
				Datacenters: s.datacenters,
			})
		case s.begun && !s.busy:
			g.env.Note(fact.StartBegan{
				Job: s.job.id, Workflow: s.workflow, Priority: s.priority, Order: s.order,
				Datacenters: s.datacenters,
			})
		default:
			g.env.Note(fact.StartQueued{
				Job: s.job.id, Workflow: s.workflow, Priority: s.priority, Order: s.order, Place: s.place,
				Why: string(s.why), Datacenters: s.datacenters,
			})
		}
		if s.turned { // a place is shown with the next look: else each start that goes wakes all the others
			s.bell.Notify()
		}
	}
}

// room is what a datacenter has, if its manager is there and takes new work. Called under the gate's lock.
func (g *Gate) room(datacenter string) (cores uint32, there bool) {
	x := g.members.find(datacenter)
	if x == nil || x.leaving || g.env.Now().Sub(x.heard) > g.members.silence {
		return 0, false
	}
	return x.cores, true
}

// awaitTurn returns when the start has its turn, or false when the job is over.
func (j *job) awaitTurn(w *workflowState, s *start) bool {
	g := j.gate
	for !j.over() {
		g.mu.Lock()
		if s.place <= 1 {
			g.judgeQueue() // a manager may have fallen silent: one start looks, for all
		}
		begun, place, why := s.begun, s.place, s.why
		g.mu.Unlock()
		if begun {
			return true
		}
		if !j.settle(func() { j.showQueued(w, place, g.reasonToWait(s, why)) }) {
			return false
		}
		_ = s.bell.Wait(j.ctx, askAgain)
	}
	return false
}

// showQueued makes a workflow's place in the queue visible. Run by the job's task.
func (j *job) showQueued(w *workflowState, place uint32, why string) {
	if w.place == place && w.message == why {
		return
	}
	w.place, w.message = place, why
	if (j.state == protocol.JobSubmitted || j.state == protocol.JobDispatching) && j.onlyWaits(w) {
		j.moveTo(protocol.JobQueued, why)
		return
	}
	if j.state == protocol.JobQueued {
		j.message = why
	}
	j.publish()
	j.logStatus()
}

// onlyWaits says that no other workflow is further than the queue.
func (j *job) onlyWaits(w *workflowState) bool {
	return !slices.ContainsFunc(j.workflows, func(other *workflowState) bool {
		return other != w && other.state == protocol.WorkflowDispatched
	})
}

// reasonToWait says in words what a start waits for.
func (g *Gate) reasonToWait(s *start, why wait) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch why {
	case waitPlace:
		return "waiting for " + g.lacking(s)
	case waitTarget:
		return "waiting for the job that has its target " + strings.Join(s.job.targets, ", ")
	case waitTurn:
		return "waiting for those before it"
	case waitRoom:
		return fmt.Sprintf("waiting for %d free cores", s.cores)
	}
	return ""
}

// lacking names the first datacenter that is not there, or too small. Called under the gate's lock.
func (g *Gate) lacking(s *start) string {
	for _, dc := range s.datacenters {
		cores, there := g.room(dc)
		if !there {
			return "datacenter " + dc
		}
		if cores < s.cores {
			return fmt.Sprintf("%d cores in datacenter %s, which has %d", s.cores, dc, cores)
		}
	}
	return "a datacenter"
}
