package scenarios

import (
	"fmt"
	"slices"
	"time"

	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/sim/check"
)

// inTurn: among the starts that wait for their turn in a datacenter, or for room in it, the one with the
// highest priority begins first, and of one priority the job that was accepted first. One that waits for
// something else - a target, a place - holds up nobody. And two jobs never have one target, unless both
// share it.
type inTurn struct {
	overtaken suspicion     // its start may have been dropped, which is noted just afterwards
	at        time.Duration // of that
	leaving   bool          // the gate is: jobs are dropped without a word
	starts    table[workflowKey, start]
	targets   table[string, []holder] // by target, in the order in which they took it
}

// start is a workflow that is to be dispatched, as it was last said to wait.
type start struct {
	key         workflowKey
	priority    uint32
	order       uint64
	datacenters []string
	waits       string // why; empty when it does not
}

// holder is a job that has a target.
type holder struct {
	job    string
	shared bool
}

func newInTurn() check.Invariant { return &inTurn{} }

// Name implements check.Invariant.
func (c *inTurn) Name() string { return "in turn" }

// Observe implements check.Invariant.
func (c *inTurn) Observe(o check.Observation) error {
	if c.overtaken.err != nil && o.At > c.at+dropWithin {
		return c.overtaken.err
	}
	switch f := o.Event.(type) {
	case fact.CancelTaken:
		if f.Accepted {
			c.drop(f.Job)
		}
	case fact.Leaving:
		c.leaving = c.leaving || o.Node == gateName
	case fact.StartQueued:
		key := workflowKey{f.Job, f.Workflow}
		*c.starts.of(key) = start{key, f.Priority, f.Order, f.Datacenters, f.Why}
	case fact.StartBegan:
		c.begin(f, o.At)
	case fact.WorkflowMoved:
		if s := c.starts.find(workflowKey{f.Job, f.Workflow}); s != nil && f.To.Ended() {
			s.waits = ""
		}
	case fact.State:
		if f.To.Terminal() {
			c.end(f.Job)
		}
	case fact.TargetTaken:
		return c.take(f)
	case fact.TargetFreed:
		c.free(f.Job, f.Target)
	}
	return nil
}

func (c *inTurn) begin(f fact.StartBegan, at time.Duration) {
	c.starts.of(workflowKey{f.Job, f.Workflow}).waits = ""
	for _, s := range c.starts.order {
		before := s.priority > f.Priority || s.priority == f.Priority && s.order < f.Order
		waits := s.waits == waitsForTurn || s.waits == waitsForRoom
		if waits && before && !c.leaving && meet(s.datacenters, f.Datacenters) {
			c.at = at
			c.overtaken = suspicion{0, s.key.job, fmt.Errorf("the start of %s/%s (priority %d, "+
				"accepted as %d) begins while that of %s/%s (priority %d, accepted as %d) waits for its %s",
				f.Job, f.Workflow, f.Priority, f.Order, s.key.job, s.key.workflow, s.priority, s.order,
				s.waits)}
		}
	}
}

// drop takes note that nothing of a job is to start any more.
func (c *inTurn) drop(job string) {
	for _, s := range c.starts.order {
		if s.key.job == job {
			s.waits = ""
		}
	}
	if c.overtaken.of == job {
		c.overtaken = suspicion{}
	}
}

// dropWithin is how long it may take from the drop of a job's starts to the word of it.
const dropWithin = time.Second

// Why a start waits that others hold up.
const (
	waitsForTurn = "turn"
	waitsForRoom = "room"
)

func meet(a, b []string) bool {
	return slices.ContainsFunc(a, func(dc string) bool { return slices.Contains(b, dc) })
}

func (c *inTurn) take(f fact.TargetTaken) error {
	holders := c.targets.of(f.Target)
	for _, h := range *holders {
		if h.job != f.Job && !(h.shared && f.Shared) {
			return fmt.Errorf("target %s was taken by %s while %s had it, and not both share it",
				f.Target, f.Job, h.job)
		}
	}
	*holders = append(*holders, holder{f.Job, f.Shared})
	return nil
}

func (c *inTurn) free(job, target string) {
	holders := c.targets.of(target)
	*holders = slices.DeleteFunc(*holders, func(h holder) bool { return h.job == job })
}

// end is a job's: it waits for nothing more, and its targets are free.
func (c *inTurn) end(job string) {
	c.drop(job)
	for _, holders := range c.targets.order {
		*holders = slices.DeleteFunc(*holders, func(h holder) bool { return h.job == job })
	}
}

// End implements check.Invariant.
func (c *inTurn) End() error { return c.overtaken.err }
