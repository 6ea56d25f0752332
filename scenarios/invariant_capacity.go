package scenarios

import (
	"fmt"

	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/sim/check"
)

// capacity: a manager never gives a worker's cores away twice, takes back only what it gave, and all of it
// before it forgets the job; every queue stays within its bound, and a level is what the fill and the
// hysteresis make it. A manager that boots again begins anew: what its predecessor gave it holds again when
// it adopts it, perhaps before it knows how many cores there are (Of is 0). And a worker that has told its
// manager that it leaves is given nothing new.
type capacity struct {
	stage   *Stage
	drained drained
	workers table[workerOf, uint32] // cores in use
	shards  table[shardOf, holding]
	gauges  table[gaugeOf, backpressure.Level]
	jobs    table[string, backpressure.Level]
}

// workerOf is one incarnation of a worker, as one life of its manager sees it.
type workerOf struct {
	manager     life
	worker      string
	incarnation uint64
}

// shardOf is a shard that holds cores.
type shardOf struct {
	manager       life
	job, workflow string
	shard         uint32
}

// gaugeOf is one gauge of a manager.
type gaugeOf struct {
	manager life
	gauge   string
}

// holding is the cores that a shard has.
type holding struct {
	of    shardOf
	cores uint32
}

func newCapacity(s *Stage) *capacity {
	return &capacity{stage: s, drained: drained{world: s.World}}
}

// Name implements check.Invariant.
func (c *capacity) Name() string { return "capacity" }

// Observe implements check.Invariant.
func (c *capacity) Observe(o check.Observation) error {
	by := life{o.Node, o.Incarnation}
	if err := c.drained.observe(o); err != nil {
		return err
	}
	switch f := o.Event.(type) {
	case fact.Allocated:
		return c.allocate(by, f)
	case fact.Freed:
		return c.free(by, f)
	case fact.Forgotten:
		return c.forget(by, f.Job)
	case fact.Queue:
		if f.Refused > 0 {
			c.stage.Run.Reached("a full queue refused")
		}
		if f.Len > f.Bound {
			return fmt.Errorf("queue %s of %s holds %d, its bound is %d", f.Name, o.Node, f.Len, f.Bound)
		}
	case fact.Pressure:
		return c.press(by, f)
	case fact.Level:
		level := c.jobs.of(f.Job)
		if *level != f.From || f.From == f.To {
			return fmt.Errorf("the level of %s went from %v to %v, it was %v", f.Job, f.From, f.To, *level)
		}
		*level = f.To
	}
	return nil
}

func (c *capacity) allocate(by life, f fact.Allocated) error {
	used := c.workers.of(workerOf{by, f.Worker, f.Incarnation})
	of := shardOf{by, f.Job, f.Workflow, f.Shard}
	held := c.shards.of(of)
	if held.cores != 0 {
		return fmt.Errorf("%s gave cores to shard %d of %s/%s twice", by.node, f.Shard, f.Job, f.Workflow)
	}
	*used += f.Cores
	*held = holding{of, f.Cores}
	unsure := f.Of == 0 || f.Adopted // of what has ended on its worker, that worker is yet to say so
	if *used > f.Of && !unsure || f.Cores == 0 {
		return fmt.Errorf("%s gave %d cores of %s to %s, which makes %d of %d", by.node, f.Cores, f.Worker,
			f.Job, *used, f.Of)
	}
	return nil
}

func (c *capacity) free(by life, f fact.Freed) error {
	used := c.workers.of(workerOf{by, f.Worker, f.Incarnation})
	held := c.shards.of(shardOf{by, f.Job, f.Workflow, f.Shard})
	if f.Cores == 0 || held.cores != f.Cores || *used < f.Cores {
		return fmt.Errorf("%s took %d cores of %s back from %s, which holds %d of the %d in use",
			by.node, f.Cores, f.Worker, f.Job, held.cores, *used)
	}
	*used -= f.Cores
	held.cores = 0
	return nil
}

// forget is the last moment at which a manager can free what a job holds.
func (c *capacity) forget(by life, job string) error {
	for _, held := range c.shards.order {
		if held.of.manager == by && held.of.job == job && held.cores > 0 {
			return fmt.Errorf("%s forgot job %s, which holds %d cores for shard %d of %s", by.node, job,
				held.cores, held.of.shard, held.of.workflow)
		}
	}
	return nil
}

// press judges a gauge's change: up at once to what the fill asks for, down only ten points below a
// threshold.
func (c *capacity) press(by life, f fact.Pressure) error {
	level := c.gauges.of(gaugeOf{by, f.Gauge})
	if *level != f.From {
		return fmt.Errorf("gauge %s of %s went from %v, it was at %v", f.Gauge, by.node, f.From, *level)
	}
	*level = f.To
	if want := levelAt(f.From, f.Fill); f.To != want {
		return fmt.Errorf("gauge %s of %s went from %v to %v at a fill of %.3f, must be %v",
			f.Gauge, by.node, f.From, f.To, f.Fill, want)
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
func (c *capacity) End() error { return c.drained.pending.err }
