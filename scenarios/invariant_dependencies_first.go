package scenarios

import (
	"fmt"
	"slices"

	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/sim/check"
)

// dependenciesFirst: nothing of a workflow is dispatched, and no attempt of it opened, before every workflow
// that it waits for has completed; it is skipped only when one of them has ended otherwise. Workflows move
// only as their states allow, only those that completed have provided anything, and one version of a context
// has one content.
type dependenciesFirst struct {
	workflows table[workflowKey, progress]
	contexts  table[string, contextOf] // by job
}

// progress is where a workflow is, and what it waits for.
type progress struct {
	state    protocol.WorkflowState
	after    []string
	provided bool // it was made a part of the context, and must complete
}

// contextOf is what a job's workflows have provided.
type contextOf struct {
	version uint64
	digests map[uint64]uint64
}

func newDependenciesFirst() check.Invariant { return &dependenciesFirst{} }

// Name implements check.Invariant.
func (c *dependenciesFirst) Name() string { return "dependencies first" }

// Observe implements check.Invariant.
func (c *dependenciesFirst) Observe(o check.Observation) error {
	switch f := o.Event.(type) {
	case fact.DependsOn:
		w := c.workflows.of(workflowKey{f.Job, f.Workflow})
		w.after = append(w.after, f.On)
	case fact.WorkflowMoved:
		return c.move(f)
	case fact.Opened:
		return c.ready(f.Stream.Job, f.Stream.Workflow, "was opened")
	case fact.ContextMade:
		return c.provide(f)
	}
	return nil
}

// workflowMoves are the moves that there are. DISPATCHED goes back to PENDING when its turn is taken away.
func workflowMoves(from protocol.WorkflowState) []protocol.WorkflowState {
	switch from {
	case protocol.WorkflowPending:
		return []protocol.WorkflowState{protocol.WorkflowDispatched, protocol.WorkflowCancelled,
			protocol.WorkflowSkipped, protocol.WorkflowFailed}
	case protocol.WorkflowDispatched:
		return []protocol.WorkflowState{protocol.WorkflowRunning, protocol.WorkflowFailed,
			protocol.WorkflowCancelled, protocol.WorkflowPending, protocol.WorkflowPartial}
	case protocol.WorkflowRunning:
		return []protocol.WorkflowState{protocol.WorkflowCompleted, protocol.WorkflowFailed,
			protocol.WorkflowCancelled, protocol.WorkflowPartial}
	}
	return nil
}

func (c *dependenciesFirst) move(f fact.WorkflowMoved) error {
	w := c.workflows.of(workflowKey{f.Job, f.Workflow})
	was := max(w.state, protocol.WorkflowPending) // it begins so, and nobody says it
	if f.From != was || !slices.Contains(workflowMoves(was), f.To) {
		return fmt.Errorf("workflow %s/%s went from %v to %v, it was %v",
			f.Job, f.Workflow, f.From, f.To, was)
	}
	w.state = f.To
	if w.provided && f.To != protocol.WorkflowCompleted {
		return fmt.Errorf("workflow %s/%s became %v and had provided values", f.Job, f.Workflow, f.To)
	}
	switch f.To {
	case protocol.WorkflowDispatched, protocol.WorkflowRunning:
		return c.ready(f.Job, f.Workflow, "became "+f.To.String())
	case protocol.WorkflowSkipped:
		return c.skip(f)
	}
	return nil
}

// ready says that nothing keeps a workflow from being started.
func (c *dependenciesFirst) ready(job, workflow, what string) error {
	for _, on := range c.workflows.of(workflowKey{job, workflow}).after {
		if state := c.workflows.of(workflowKey{job, on}).state; state != protocol.WorkflowCompleted {
			return fmt.Errorf("workflow %s/%s %s while %s, which it waits for, was %v",
				job, workflow, what, on, max(state, protocol.WorkflowPending))
		}
	}
	return nil
}

// skip says that one that the workflow waits for will never complete.
func (c *dependenciesFirst) skip(f fact.WorkflowMoved) error {
	after := c.workflows.of(workflowKey{f.Job, f.Workflow}).after
	for _, on := range after {
		state := c.workflows.of(workflowKey{f.Job, on}).state
		if state.Ended() && state != protocol.WorkflowCompleted {
			return nil
		}
	}
	return fmt.Errorf("workflow %s/%s was skipped, and none of %v has ended without completing",
		f.Job, f.Workflow, after)
}

// provide judges a new version of a context.
func (c *dependenciesFirst) provide(f fact.ContextMade) error {
	c.workflows.of(workflowKey{f.Job, f.Workflow}).provided = true
	v := c.contexts.of(f.Job)
	if v.digests == nil {
		v.digests = map[uint64]uint64{}
	}
	digest, known := v.digests[f.Version]
	switch {
	case known && digest != f.Digest:
		return fmt.Errorf("version %d of the context of %s was made twice, of different content",
			f.Version, f.Job)
	case f.Version < v.version:
		return fmt.Errorf("version %d of the context of %s comes after %d", f.Version, f.Job, v.version)
	}
	v.version, v.digests[f.Version] = f.Version, f.Digest
	return nil
}

// End implements check.Invariant.
func (c *dependenciesFirst) End() error { return nil }
