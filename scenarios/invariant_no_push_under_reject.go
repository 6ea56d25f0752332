package scenarios

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/sim/check"
)

// noPushUnderReject holds the gate to the level that is in force in the step in which it decides: no
// periodic push starts while it is REJECT, and none is held while it is not. Once the level has fallen,
// what was held goes out within two intervals of the level then in force, not counting what the gate was
// paused or its tasks were late. What closes while no level holds it goes out within the same bound,
// whatever became of other jobs' pushes. Both are judged in a World only.
type noPushUnderReject struct {
	pace
	interval time.Duration // at NONE
	jobs     table[string, restraint]
}

// alreadyLate is by how much the push task may be late when a job is listed: that is counted as delay before.
const alreadyLate = 200 * time.Millisecond

// restraint is one job's pushes at the gate.
type restraint struct {
	job     string
	level   backpressure.Level
	held    int  // windows that are held
	falling bool // the level fell, and what is held must go out
	listed  bool // windows have closed since the last push, and must go out
	since   stopwatch
}

func newNoPushUnderReject(s *Stage) check.Invariant {
	return &noPushUnderReject{pace: s.pace(), interval: s.gateConfig().PushInterval}
}

// Name implements check.Invariant.
func (c *noPushUnderReject) Name() string { return "no push under REJECT" }

// Observe implements check.Invariant.
func (c *noPushUnderReject) Observe(o check.Observation) error {
	switch f := o.Event.(type) {
	case fact.Level:
		return c.change(f, o)
	case fact.PushHeld:
		p := c.of(f.Job)
		if p.level != backpressure.Reject {
			return fmt.Errorf("job %s: windows are held at level %v, only REJECT holds any", f.Job, p.level)
		}
		p.held = max(p.held, f.Windows)
	case fact.WindowsEvicted:
		p := c.of(f.Job)
		p.held -= min(p.held, int(f.Count))
	case fact.PushListed:
		if p := c.of(f.Job); !p.listed && !p.falling {
			p.listed, p.since = true, c.start(o.Node, o.At)
		}
	case fact.PushStarted:
		return c.push(f, o)
	case fact.State:
		if p := c.of(f.Job); f.To.Terminal() {
			p.listed, p.falling = false, false // its flush took all
		}
	}
	return nil
}

func (c *noPushUnderReject) of(job string) *restraint {
	p := c.jobs.of(job)
	p.job = job
	return p
}

func (c *noPushUnderReject) change(f fact.Level, o check.Observation) error {
	p := c.of(f.Job)
	if f.From != p.level {
		return fmt.Errorf("job %s: the level went from %v to %v, but it was %v", f.Job, f.From, f.To, p.level)
	}
	p.level = f.To
	p.falling = f.To != backpressure.Reject && p.held > 0
	p.since = c.start(o.Node, o.At)
	return nil
}

func (c *noPushUnderReject) push(f fact.PushStarted, o check.Observation) error {
	p := c.of(f.Job)
	switch {
	case f.Periodic && p.level == backpressure.Reject:
		return fmt.Errorf("job %s: push %d of %d windows started under REJECT", f.Job, f.Number, f.Windows)
	case f.Windows < p.held:
		return fmt.Errorf("job %s: push %d brings %d windows, %d were held",
			f.Job, f.Number, f.Windows, p.held)
	}
	err := c.overdue(p, o.At)
	p.held, p.falling, p.listed = 0, false, false
	return err
}

// overdue says that what is held of a job should have gone out by then.
func (c *noPushUnderReject) overdue(p *restraint, at time.Duration) error {
	if !p.falling && (!p.listed || p.level == backpressure.Reject) || !c.judged() {
		return nil
	}
	bound := drifted(2 * p.level.Interval(c.interval))
	if !p.falling {
		bound += alreadyLate
	}
	if taken := c.taken(p.since, gateName, at); taken > bound {
		return fmt.Errorf(
			"job %s: %d windows that were held, and those that closed, are not out after %v at level %v, "+
				"must be after %v", p.job, p.held, taken, p.level, bound)
	}
	return nil
}

// Scan implements check.Scanner: a push that never starts is late as well.
func (c *noPushUnderReject) Scan() error {
	if !c.judged() {
		return nil
	}
	for _, p := range c.jobs.order {
		if err := c.overdue(p, c.now()); err != nil {
			return err
		}
	}
	return nil
}

// End implements check.Invariant.
func (c *noPushUnderReject) End() error { return nil }
