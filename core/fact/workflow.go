package fact

import (
	"time"

	"github.com/windtunnel/windtunnel/core/protocol"
)

// CancelTaken: the gate was asked to end a job. Accepted says that the job ends CANCELLED, whatever comes;
// otherwise it had ended before, or is not known.
type CancelTaken struct {
	Job      string
	Accepted bool
	Again    bool // it had been accepted before
}

// AppendText implements core.Event.
func (f CancelTaken) AppendText(b []byte) []byte {
	b = line(b).s("cancel of ", f.Job)
	if f.Accepted {
		return line(b).s(" accepted").yes(f.Again, ", again")
	}
	return line(b).s(" comes too late")
}

// CancelAnswered: a client learnt what became of its wish to end a job.
type CancelAnswered struct {
	Job      string
	Accepted bool
	State    protocol.JobState
}

// AppendText implements core.Event.
func (f CancelAnswered) AppendText(b []byte) []byte {
	b = line(b).s("learnt that ", f.Job)
	if f.Accepted {
		return line(b).s(" will be CANCELLED")
	}
	return line(b).s(" had ended ", f.State.String())
}

// WorkflowMoved: a workflow of a job changed its state.
type WorkflowMoved struct {
	Job, Workflow string
	From, To      protocol.WorkflowState
}

// AppendText implements core.Event.
func (f WorkflowMoved) AppendText(b []byte) []byte {
	return line(b).s("workflow ", f.Job, "/", f.Workflow, " ", f.From.String(), " -> ", f.To.String())
}

// WorkflowRefused: a change that the table of states does not allow.
type WorkflowRefused struct {
	Job, Workflow string
	From, To      protocol.WorkflowState
}

// AppendText implements core.Event.
func (f WorkflowRefused) AppendText(b []byte) []byte {
	b = line(b).s("workflow ", f.Job, "/", f.Workflow, " refused ", f.From.String())
	return line(b).s(" -> ", f.To.String())
}

// DependsOn: a workflow of an accepted job waits for another one.
type DependsOn struct{ Job, Workflow, On string }

// AppendText implements core.Event.
func (f DependsOn) AppendText(b []byte) []byte {
	return line(b).s("workflow ", f.Job, "/", f.Workflow, " waits for ", f.On)
}

// ContextMade: a workflow that completed has provided values to those after it.
type ContextMade struct {
	Job, Workflow string
	Version       uint64
	Values        int
	Digest        uint64 // of all values of the version
}

// AppendText implements core.Event.
func (f ContextMade) AppendText(b []byte) []byte {
	return line(b).s("context ").u(f.Version).s(" of ", f.Job, " has ").i(int64(f.Values)).s(" values")
}

// StartQueued: a workflow waits for its turn to be dispatched. Order is its job's place in the order of
// acceptance. Why: "target" (another job has it), "place" (a datacenter is not there, or too small), "turn"
// (others come first), "room" (it is first, and cores are in use), "" (nothing more: it holds cores).
type StartQueued struct {
	Job, Workflow string
	Priority      uint32
	Order         uint64
	Place         uint32
	Why           string
	Datacenters   []string // that it is for; not changed afterwards
}

// AppendText implements core.Event.
func (f StartQueued) AppendText(b []byte) []byte {
	if f.Why == "" {
		return line(b).s("start of ", f.Job, "/", f.Workflow, " holds cores")
	}
	b = line(b).s("start of ", f.Job, "/", f.Workflow, " waits at place ").u(uint64(f.Place))
	return line(b).s(": ", f.Why)
}

// StartDropped: a workflow that waited, or was being dispatched, will not start: its job is ending.
type StartDropped struct{ Job, Workflow string }

// AppendText implements core.Event.
func (f StartDropped) AppendText(b []byte) []byte {
	return line(b).s("start of ", f.Job, "/", f.Workflow, " is dropped")
}

// StartBegan: a workflow has its turn, its job's targets are its own, and datacenters are asked.
type StartBegan struct {
	Job, Workflow string
	Priority      uint32
	Order         uint64
	Datacenters   []string // that are asked; not changed afterwards
}

// AppendText implements core.Event.
func (f StartBegan) AppendText(b []byte) []byte {
	return line(b).s("start of ", f.Job, "/", f.Workflow, " begins")
}

// TargetTaken: a job shoots at a target from now on, alone unless it shares.
type TargetTaken struct {
	Job, Target string
	Shared      bool
}

// AppendText implements core.Event.
func (f TargetTaken) AppendText(b []byte) []byte {
	return line(b).s("target ", f.Target, " taken by ", f.Job).yes(f.Shared, ", shared")
}

// TargetFreed: it no longer does.
type TargetFreed struct{ Job, Target string }

// AppendText implements core.Event.
func (f TargetFreed) AppendText(b []byte) []byte {
	return line(b).s("target ", f.Target, " freed by ", f.Job)
}

// Extended: a job's deadline was put off, because there was progress.
type Extended struct {
	Job   string
	By    time.Duration
	Count uint32
}

// AppendText implements core.Event.
func (f Extended) AppendText(b []byte) []byte {
	return line(b).s("deadline of ", f.Job, " put off by ").d(f.By)
}

// Stuck: a workflow had load due and showed no progress for too long.
type Stuck struct{ Job, Workflow string }

// AppendText implements core.Event.
func (f Stuck) AppendText(b []byte) []byte {
	return line(b).s("workflow ", f.Job, "/", f.Workflow, " is stuck")
}

// Adopted: a manager took over a job from its predecessor.
type Adopted struct {
	Job      string
	Attempts int
}

// AppendText implements core.Event.
func (f Adopted) AppendText(b []byte) []byte {
	return line(b).s("adopted ", f.Job, " with ").i(int64(f.Attempts)).s(" attempts")
}

// Displaced: a manager turned a worker away whose name another process has taken.
type Displaced struct {
	Worker      string
	Incarnation uint64
}

// AppendText implements core.Event.
func (f Displaced) AppendText(b []byte) []byte {
	return line(b).s("worker ", f.Worker, " is displaced by another of its name")
}

// Leaving: a node was asked to stop. Waits is what for; empty when for nothing more.
type Leaving struct{ Waits string }

// AppendText implements core.Event.
func (f Leaving) AppendText(b []byte) []byte {
	if f.Waits == "" {
		return line(b).s("leaves")
	}
	return line(b).s("leaving, waits for ", f.Waits)
}
