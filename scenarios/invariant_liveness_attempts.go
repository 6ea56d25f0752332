package scenarios

import (
	"fmt"
	"slices"
	"time"

	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

// careOf is the part of liveness about attempts: as long as its job is not terminal and its datacenter has a
// manager, an attempt that the gate opened is not forgotten. Once faults stop, it is run by a process that
// lives, or was run to its end, or is closed - within the time after which a worker is given up + 10 s, and
// what a slow link's last packet may take, which holds up all behind it.
type careOf struct {
	pace
	stage    *Stage
	attempts table[stats.Stream, cared]
	leaving  bool     // the gate is: no job outlives it
	open     []*cared // that are neither closed nor run to their end
}

// cared is one attempt.
type cared struct {
	stream stats.Stream
	alone  time.Duration // since when no process is known to run it
	by     life          // who accepted it; nobody yet when it has no name
	over   bool
}

func (c *careOf) observe(o check.Observation) {
	switch f := o.Event.(type) {
	case fact.Opened:
		a := c.attempts.of(f.Stream)
		*a = cared{stream: f.Stream, alone: o.At}
		c.open = append(c.open, a)
	case fact.LoadAccepted:
		c.attempts.of(f.Stream).by = life{o.Node, o.Incarnation}
	case fact.Applied:
		a := c.attempts.of(f.Stream)
		a.over = a.over || f.Final
	case fact.StreamClosed:
		c.attempts.of(f.Stream).over = true
	case fact.Leaving:
		c.leaving = c.leaving || o.Node == gateName
	case fact.State:
		if f.To.Terminal() {
			c.end(f.Job)
		}
	}
}

// end is a job's: nobody needs its attempts any more.
func (c *careOf) end(job string) {
	for _, a := range c.open {
		a.over = a.over || a.stream.Job == job
	}
}

func (c *careOf) scan(now, calm time.Duration) error {
	c.open = slices.DeleteFunc(c.open, func(a *cared) bool { return a.over })
	if c.leaving {
		return nil
	}
	for _, a := range c.open {
		manager := c.stage.World.Node(managerOf(a.stream.Datacenter))
		if manager == nil || !manager.Up() || a.by.node != "" && c.lives(a.by) {
			a.alone = now
			continue
		}
		over := now - max(a.alone, calm) - c.delayed(gateName) - c.delayed(manager.Name())
		most := drifted(c.stage.givenUpAfter() + 10*time.Second)
		if over > most && c.slowed() {
			most += learnWithin
		}
		if over > most {
			return fmt.Errorf("%v is neither run nor closed for %v after the last fault, must be within %v",
				a.stream, over, most)
		}
	}
	return nil
}

// slowed says that links were slow in this run.
func (c *careOf) slowed() bool {
	return slices.ContainsFunc(c.stage.World.FaultCounts(), func(f sim.FaultCount) bool {
		return f.Kind == sim.FaultSlowLink && f.Injected > 0
	})
}
