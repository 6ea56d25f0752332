package scenarios

import (
	"fmt"

	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/sim/check"
)

// capacity: a manager never gives a worker's cores away twice, takes back only what it gave, every queue
// stays within its bound, and a level is what the fill and the hysteresis make it.
type capacity struct {
	stage   *Stage
	workers table[workerOf, uint32] // cores in use
	shards  table[shardOf, uint32]  // cores held
	gauges  table[gaugeOf, backpressure.Level]
	jobs    table[string, backpressure.Level]
}

// workerOf is one incarnation of a worker, as a manager's process sees it.
type workerOf struct {
	manager     process
	worker      string
	incarnation uint64
}

// shardOf is a shard that holds cores.
type shardOf struct {
	manager       process
	job, workflow string
	shard         uint32
}

// gaugeOf is one gauge of a manager's process.
type gaugeOf struct {
	manager process
	gauge   string
}

func newCapacity(s *Stage) *capacity { return &capacity{stage: s} }

// Name implements check.Invariant.
func (c *capacity) Name() string { return "capacity" }

// Observe implements check.Invariant.
func (c *capacity) Observe(o check.Observation) error {
	who := process{o.Node, o.Incarnation}
	switch f := o.Event.(type) {
	case fact.Allocated:
		return c.allocate(who, f)
	case fact.Freed:
		return c.free(who, f)
	case fact.Queue:
		if f.Refused > 0 {
			c.stage.Run.Reached("a full queue refused")
		}
		if f.Len > f.Bound {
			return fmt.Errorf("queue %s of %s holds %d, its bound is %d", f.Name, o.Node, f.Len, f.Bound)
		}
	case fact.Pressure:
		return c.press(who, f)
	case fact.Level:
		level := c.jobs.of(f.Job)
		if *level != f.From || f.From == f.To {
			return fmt.Errorf("the level of %s went from %v to %v, it was %v", f.Job, f.From, f.To, *level)
		}
		*level = f.To
	}
	return nil
}

func (c *capacity) allocate(manager process, f fact.Allocated) error {
	used := c.workers.of(workerOf{manager, f.Worker, f.Incarnation})
	held := c.shards.of(shardOf{manager, f.Job, f.Workflow, f.Shard})
	if *held != 0 {
		return fmt.Errorf("%s gave cores to shard %d of %s/%s twice", manager.node, f.Shard, f.Job,
			f.Workflow)
	}
	*used += f.Cores
	*held = f.Cores
	unseen := f.Of == 0 // what its predecessor gave, to a worker that it has not seen yet
	if *used > f.Of && !unseen || f.Cores == 0 {
		return fmt.Errorf("%s gave %d cores of %s to %s, which makes %d of %d", manager.node, f.Cores,
			f.Worker, f.Job, *used, f.Of)
	}
	return nil
}

func (c *capacity) free(manager process, f fact.Freed) error {
	used := c.workers.of(workerOf{manager, f.Worker, f.Incarnation})
	held := c.shards.of(shardOf{manager, f.Job, f.Workflow, f.Shard})
	if f.Cores == 0 || *held != f.Cores || *used < f.Cores {
		return fmt.Errorf("%s took %d cores of %s back from %s, which holds %d of the %d in use",
			manager.node, f.Cores, f.Worker, f.Job, *held, *used)
	}
	*used -= f.Cores
	*held = 0
	return nil
}

// press judges a gauge's change: up at once to what the fill asks for, down only ten points below a
// threshold.
func (c *capacity) press(manager process, f fact.Pressure) error {
	level := c.gauges.of(gaugeOf{manager, f.Gauge})
	if *level != f.From {
		return fmt.Errorf("gauge %s of %s went from %v, it was at %v", f.Gauge, manager.node, f.From, *level)
	}
	*level = f.To
	if want := levelAt(f.From, f.Fill); f.To != want {
		return fmt.Errorf("gauge %s of %s went from %v to %v at a fill of %.3f, must be %v",
			f.Gauge, manager.node, f.From, f.To, f.Fill, want)
	}
	c.stage.Run.Reached("a gauge of a manager was at " + f.To.String())
	return nil
}

// levelAt is the level that a fill makes of the one before.
func levelAt(before backpressure.Level, fill float64) backpressure.Level {
	risesAt := [...]float64{backpressure.Throttle: 0.70, backpressure.Batch: 0.85, backpressure.Reject: 0.95}
	level := backpressure.None
	for l := backpressure.Throttle; l <= backpressure.Reject; l++ {
		threshold := risesAt[l]
		if l <= before {
			threshold -= 0.10
		}
		if fill >= threshold {
			level = l
		}
	}
	return level
}

// End implements check.Invariant.
func (c *capacity) End() error { return nil }
