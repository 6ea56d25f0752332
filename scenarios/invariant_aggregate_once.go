package scenarios

import (
	"fmt"
	"slices"

	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/sim/check"
)

// aggregateOnce holds a workflow to one aggregate: revision 1 comes once and before the job's end, later
// ones only after it, each with a datacenter more and without losing one. Before the gate forgets a job,
// every datacenter that is whole - its result came and every attempt is applied to its end, or closed - is
// in an aggregate.
type aggregateOnce struct {
	workflows table[workflowKey, aggregates]
	shares    table[shareKey, settling]
	jobs      map[string]bool // those that are terminal
}

type workflowKey struct{ job, workflow string }

type aggregates struct {
	revision    uint64
	datacenters []string
}

// settling is how far a datacenter's part of a workflow is.
type settling struct {
	key    shareKey
	result bool
	open   map[stats.Stream]bool // attempts that have not said all
	opened bool
}

func newAggregateOnce() check.Invariant { return &aggregateOnce{jobs: map[string]bool{}} }

// Name implements check.Invariant.
func (c *aggregateOnce) Name() string { return "aggregate once" }

// Observe implements check.Invariant.
func (c *aggregateOnce) Observe(o check.Observation) error {
	switch f := o.Event.(type) {
	case fact.Aggregated:
		return c.aggregate(f)
	case fact.State:
		if f.To.Terminal() {
			c.jobs[f.Job] = true
		}
	case fact.ResultIn:
		if f.Verdict != "stale token" {
			c.share(f.Job, f.Workflow, f.Datacenter).result = true
		}
	case fact.Opened:
		s := c.stream(f.Stream)
		s.opened = true
		s.open[f.Stream] = true
	case fact.Applied:
		if f.Final {
			delete(c.stream(f.Stream).open, f.Stream)
		}
	case fact.StreamClosed:
		delete(c.stream(f.Stream).open, f.Stream)
	case fact.Forgotten:
		if o.Node == gateName {
			return c.forget(f.Job)
		}
	}
	return nil
}

func (c *aggregateOnce) stream(s stats.Stream) *settling {
	return c.share(s.Job, s.Workflow, s.Datacenter)
}

func (c *aggregateOnce) share(job, workflow, datacenter string) *settling {
	key := shareKey{job, workflow, datacenter}
	s := c.shares.of(key)
	if s.open == nil {
		s.key, s.open = key, map[stats.Stream]bool{}
	}
	return s
}

func (c *aggregateOnce) aggregate(f fact.Aggregated) error {
	a := c.workflows.of(workflowKey{f.Job, f.Workflow})
	if f.Revision != a.revision+1 {
		return fmt.Errorf("aggregate %d of %s/%s comes after %d", f.Revision, f.Job, f.Workflow, a.revision)
	}
	if first := f.Revision == 1; first == c.jobs[f.Job] {
		return fmt.Errorf("aggregate %d of %s/%s: the first comes before the job's end, revisions after it",
			f.Revision, f.Job, f.Workflow)
	}
	for _, dc := range a.datacenters {
		if !slices.Contains(f.Datacenters, dc) {
			return fmt.Errorf("aggregate %d of %s/%s has lost datacenter %s",
				f.Revision, f.Job, f.Workflow, dc)
		}
	}
	if f.Revision > 1 && len(f.Datacenters) <= len(a.datacenters) {
		return fmt.Errorf("aggregate %d of %s/%s brings no datacenter more", f.Revision, f.Job, f.Workflow)
	}
	for _, dc := range f.Datacenters {
		if s := c.share(f.Job, f.Workflow, dc); !s.whole() {
			return fmt.Errorf(
				"aggregate %d of %s/%s holds datacenter %s, which is not whole: result %v, %d attempts open",
				f.Revision, f.Job, f.Workflow, dc, s.result, len(s.open))
		}
	}
	a.revision, a.datacenters = f.Revision, slices.Clone(f.Datacenters)
	return nil
}

func (s *settling) whole() bool { return s.result && s.opened && len(s.open) == 0 }

// forget is the last moment at which a result may still be missing.
func (c *aggregateOnce) forget(job string) error {
	for _, s := range c.shares.order {
		in := c.workflows.of(workflowKey{job, s.key.workflow}).datacenters
		if s.key.job == job && s.whole() && !slices.Contains(in, s.key.datacenter) {
			return fmt.Errorf("the gate forgot job %s, and the result of %s from %s is in no aggregate",
				job, s.key.workflow, s.key.datacenter)
		}
	}
	return nil
}

// End implements check.Invariant.
func (c *aggregateOnce) End() error { return nil }
