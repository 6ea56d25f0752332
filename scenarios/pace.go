package scenarios

import (
	"time"

	"github.com/windtunnel/windtunnel/core/gate"
)

// pace is what an invariant about durations knows of the World that it judges. Over TCP there is none: then
// no duration is judged.
type pace struct {
	// delayed is by how much a node was paused and its tasks were late so far, all added up; nil over TCP.
	// A bound on a node's reaction is longer by what is added to it meanwhile.
	delayed func(node string) time.Duration
	now     func() time.Duration
	lives   func(life) bool
	calm    func() time.Duration // when the last fault of the run is over
}

// pace returns the Stage's pace.
func (s *Stage) pace() pace {
	if s.World == nil {
		return pace{}
	}
	return pace{
		delayed: func(name string) time.Duration {
			if node := s.World.Node(name); node != nil {
				return node.Delayed()
			}
			return 0
		},
		now: s.World.Now,
		lives: func(l life) bool {
			node := s.World.Node(l.node)
			return node != nil && node.Up() && node.Incarnation() == l.incarnation && node.HasTasks()
		},
		calm: func() time.Duration { return max(s.World.FaultsEnd(), s.disturbed) },
	}
}

// life is one life of a node, from boot to crash.
type life struct {
	node        string
	incarnation int
}

// judged says that durations can be judged.
func (p pace) judged() bool { return p.delayed != nil }

// stopwatch measures how long a node takes for something, without what it was delayed.
type stopwatch struct {
	at      time.Duration
	delayed time.Duration
}

func (p pace) start(node string, at time.Duration) stopwatch {
	if !p.judged() {
		return stopwatch{}
	}
	return stopwatch{at, p.delayed(node)}
}

// taken is how long the node has taken at the moment at.
func (p pace) taken(w stopwatch, node string, at time.Duration) time.Duration {
	return at - w.at - (p.delayed(node) - w.delayed)
}

// toldWithin is how long after the last fault a word takes from the gate through a manager to a worker, where
// faults were crashes only, which leave no connection half-open: a call that failed is tried again after at
// most 2 s, and a worker registers again with its next heartbeat.
const toldWithin = 6 * time.Second

// drifted is d as long as the slowest steady clock makes it.
func drifted(d time.Duration) time.Duration { return d + d/20 }

// gateConfig is the configuration of the Stage's gate.
func (s *Stage) gateConfig() gate.Config {
	config := gate.DefaultConfig()
	config.Retention, config.KeyMemory = retention, retention
	if s.Shape.Gate != nil {
		s.Shape.Gate(&config)
	}
	return config
}
