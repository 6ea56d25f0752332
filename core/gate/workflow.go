package gate

import (
	"fmt"
	"slices"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

// workflowState is one workflow of a job, with its share in each datacenter.
type workflowState struct {
	spec     protocol.WorkflowSpec
	nth      int // within its job
	state    protocol.WorkflowState
	message  string
	place    uint32 // in the queue
	lined    bool   // it is, or was, in the queue
	shares   []*share
	opened   core.Instant      // when its attempts were
	progress progressMark      // of its load
	end      protocol.EndState // once decided
	decided  bool
	late     bool         // it was decided because time was up
	waiting  bool         // the first datacenter's result is whole, and the others are waited for
	firstIn  core.Instant // since then
	revision uint64       // of the aggregate; 0 before it
}

// share is a workflow's part in one datacenter.
type share struct {
	datacenter string
	spec       protocol.WorkflowSpec // its plan is the share, its target filled in
	asked      bool                  // its manager may have allocated cores for it
	manager    uint64                // incarnation of the one that was asked
	split      *protocol.Split       // the manager's answer
	refused    string                // why it was not dispatched, once that is final
	streams    []stats.Stream        // the current attempt of every shard; none before they were opened
	statement  statement
	whole      bool
	included   bool // in the aggregate, or in a revision of it
}

// current says that a statement speaks of the attempts as they are.
func (x *share) current() bool {
	r := &x.statement.result
	if !x.statement.in || len(r.Attempts) != len(x.streams) {
		return false
	}
	for i, a := range r.Attempts {
		if a.Shard != x.streams[i].Shard || a.Attempt != x.streams[i].Attempt {
			return false
		}
	}
	return true
}

// running says that attempts were opened somewhere.
func (w *workflowState) running() bool {
	return slices.ContainsFunc(w.shares, func(x *share) bool { return len(x.streams) > 0 })
}

// moveWorkflow changes a workflow's state, or notes that the change is not allowed. It is the only place
// that sets it. Run by the job's task.
func (j *job) moveWorkflow(w *workflowState, to protocol.WorkflowState, message string) {
	if w.state == to {
		return
	}
	g := j.gate
	if !workflowAllowed(w.state, to) {
		g.env.Note(fact.WorkflowRefused{Job: j.id, Workflow: w.spec.Name, From: w.state, To: to})
		g.env.Log().Warn("transition refused", "job", j.id, "workflow", w.spec.Name,
			"from", w.state.String(), "to", to.String())
		g.counters.transitionsRefused.Add(1)
		return
	}
	g.env.Note(fact.WorkflowMoved{Job: j.id, Workflow: w.spec.Name, From: w.state, To: to})
	w.state, w.message = to, message
	j.publish()
	j.logStatus()
}

// advance lines up the workflows whose dependencies have completed, and skips those of which one ended
// otherwise. Run by the job's task.
func (j *job) advance() (changed bool) {
	for _, w := range j.workflows {
		if w.decided || w.lined {
			continue
		}
		ready, broken := j.dependencies(w)
		switch {
		case broken != nil:
			j.skip(w, protocol.EndSkipped, fmt.Sprintf("workflow %s %v", broken.spec.Name, broken.state))
		case !ready:
			continue
		default:
			if missing := j.fill(w); missing != "" {
				j.skip(w, protocol.EndFailed, missing)
				break
			}
			w.lined = true
			s := j.newStart(w)
			j.gate.env.Go("job/"+j.id+"/start/"+w.spec.Name, func() { j.dispatch(w, s) })
		}
		changed = true
	}
	return changed
}

// dependencies says whether all workflows that one waits for have completed, or which ended otherwise.
func (j *job) dependencies(w *workflowState) (ready bool, broken *workflowState) {
	ready = true
	for _, name := range w.spec.After {
		on := j.workflow(name)
		if !on.decided {
			ready = false
		} else if on.end != protocol.EndCompleted {
			return false, on
		}
	}
	return ready, nil
}

// skip decides a workflow that never started.
func (j *job) skip(w *workflowState, end protocol.EndState, why string) {
	j.degraded = append(j.degraded, fmt.Sprintf("workflow %s did not start: %s", w.spec.Name, why))
	j.conclude(w, end, why)
}

// conclude decides a workflow: its end, its aggregate, its state.
func (j *job) conclude(w *workflowState, end protocol.EndState, why string) {
	w.end, w.decided, w.place = end, true, 0
	if end == protocol.EndCompleted {
		j.provide(w)
	}
	j.aggregate(w)
	j.moveWorkflow(w, endOf(end), why)
}

// endOf is the state of a workflow that has ended so.
func endOf(end protocol.EndState) protocol.WorkflowState {
	switch end {
	case protocol.EndCompleted:
		return protocol.WorkflowCompleted
	case protocol.EndStopped:
		return protocol.WorkflowPartial
	case protocol.EndSkipped:
		return protocol.WorkflowSkipped
	case protocol.EndCancelled:
		return protocol.WorkflowCancelled
	default:
		return protocol.WorkflowFailed
	}
}

func (j *job) workflow(name string) *workflowState {
	for _, w := range j.workflows {
		if w.spec.Name == name {
			return w
		}
	}
	return nil
}
