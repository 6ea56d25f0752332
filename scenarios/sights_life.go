package scenarios

import (
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/sim/check"
)

// lifeSights counts what jobs, workflows and nodes come to in the course of their lives.
type lifeSights struct {
	run     *check.Run
	began   table[string, bool] // jobs of which a start has begun
	waiting []fact.StartQueued  // for their turn
	shared  table[string, uint32]
	ran     table[string, bool] // jobs that were RUNNING
}

func (v *lifeSights) when(reached bool, name string) {
	if reached {
		v.run.Reached(name)
	}
}

func (v *lifeSights) observe(o check.Observation) {
	switch f := o.Event.(type) {
	case fact.CancelTaken:
		v.when(f.Accepted, "a cancel was accepted")
		v.when(!f.Accepted, "a cancel came too late")
		v.when(f.Again, "a cancel came twice")
		v.when(f.Accepted && v.began.find(f.Job) != nil && v.ran.find(f.Job) == nil,
			"a job was cancelled before it ran")
	case fact.WorkflowMoved:
		v.run.Reached("a workflow was " + f.To.String())
		if f.To == protocol.WorkflowRunning {
			*v.ran.of(f.Job) = true
		}
	case fact.Opened:
		v.when(f.Stream.Attempt > 1, "a successor was opened")
		v.when(f.Stream.Attempt > 2, "a successor had a successor")
	case fact.ContextMade:
		v.when(f.Version > 1, "a dependent was opened")
		v.run.Reached("a context was made")
	case fact.StartQueued:
		v.queued(f)
	case fact.StartBegan:
		*v.began.of(f.Job) = true
		for _, w := range v.waiting {
			v.when(w.Order < f.Order && w.Priority < f.Priority, "a start overtook an earlier one")
		}
	case fact.TargetTaken:
		n := v.shared.of(f.Target)
		*n++
		v.when(f.Shared && *n > 1, "a target was shared")
	case fact.TargetFreed:
		*v.shared.of(f.Target)--
	case fact.Extended:
		v.run.Reached("a deadline was put off")
	case fact.Stuck:
		v.run.Reached("a workflow was stuck")
	case fact.Adopted:
		v.run.Reached("a manager adopted a job")
		v.when(f.Attempts > 0, "a manager adopted attempts")
	case fact.Displaced:
		v.run.Reached("a worker was displaced")
	case fact.Leaving:
		v.when(f.Waits != "", "a node that leaves waited")
		v.when(f.Waits == "", "a node left in order")
	case fact.LoadEnded:
		v.when(f.State == protocol.EndLeft, "a worker that leaves handed its load over")
	}
}

func (v *lifeSights) queued(f fact.StartQueued) {
	if f.Why == "" {
		return
	}
	reason := f.Why
	if reason == "place" || reason == "target" || reason == "turn" {
		reason = "its " + reason
	}
	v.run.Reached("a start waited for " + reason)
	if f.Why == "turn" {
		v.waiting = append(v.waiting, f)
	}
}
