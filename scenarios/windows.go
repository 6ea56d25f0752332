package scenarios

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/gate"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

// windows are the scenarios of windows on their way from the collector into pushes.
func windows() []*Scenario {
	return []*Scenario{oneJobFails(), twoTakers(), skewedClocks()}
}

// oneJobFails is F1. Whether the wide job's windows are over the limit depends on how its target's
// latencies spread, and on how many of its workers' entries have come when the window is taken.
func oneJobFails() *Scenario {
	return &Scenario{
		ID: "one-job-fails", Family: "statistics windows",
		Line:  "of many jobs that push at once, one has windows too large to push, and the others go on",
		Shape: Shape{Datacenters: 2, Workers: 2, Clients: 2, Cores: 8, Gate: smallPushes},
		Vary: func(s *Stage) {
			const ms = time.Millisecond
			tail := check.Draw(s.Run, "the wide job's tail", 0, 0, ms, 20*ms, 200*ms)
			s.Shape.Engines = []Engine{{"wide", load.Script{Latency: ms, Tail: tail}}}
		},
		Invariants: []string{holdsPushes, conserves},
		Sometimes:  []string{"a push failed", "another job was pushed after one had failed"},
		Body: func(s *Stage) {
			for i := range s.Shape.Clients {
				s.Client(i, func(env core.Env, c *client.Client) {
					var specs []protocol.JobSpec
					for n := range 3 {
						specs = append(specs, s.job("j-"+number(i)+"-"+number(n), 40, 2*time.Second))
					}
					if i == 0 {
						specs[1].Workflows[0].Engine = "wide"
						specs[1].Workflows[0].Plan.Rate = load.PerSecond(1500)
					}
					s.together(env, c, specs)
				})
			}
		},
	}
}

func smallPushes(c *gate.Config) { c.PushBytes = 1024 }

// twoTakers is F2. Jobs are short and windows small, so that a job's end often meets the push of its last
// windows; the gate is slow, so that they meet in the middle.
func twoTakers() *Scenario {
	return &Scenario{
		ID: "two-takers", Family: "statistics windows",
		Line: "the push task and the flush at a job's end take windows at the same time, " +
			"and each revision goes to one of them",
		Shape: Shape{
			Datacenters: 2, Workers: 1, Clients: 2, Cores: 8,
			Gate: func(c *gate.Config) { c.PushInterval = 20 * time.Millisecond },
		},
		Invariants: []string{appliesOnce, conserves},
		Sometimes: []string{
			"push and flush both took windows of a job", "a window was taken again, revised",
		},
		Body: func(s *Stage) {
			s.slow(gateName)
			for i := range s.Shape.Clients {
				s.Client(i, func(env core.Env, c *client.Client) {
					var specs []protocol.JobSpec
					for n := range 4 {
						lasts := time.Duration(600+50*n) * time.Millisecond
						spec := s.job("j-"+number(i)+"-"+number(n), 60, lasts)
						spec.Windows = smallWindows()
						specs = append(specs, spec)
					}
					s.together(env, c, specs)
				})
			}
		},
	}
}

// skewedClocks is F6.
func skewedClocks() *Scenario {
	return &Scenario{
		ID: "skewed-clocks", Family: "clock skew, drift, jump",
		Line: "workers' clocks are off by more than the tolerance, " +
			"and what comes late or too early is counted, and said so",
		Shape: Shape{Datacenters: 2, Workers: 2, Clients: 1, Cores: 4},
		Faults: []sim.FaultKind{
			sim.FaultWallSkew, sim.FaultWallDrift, sim.FaultWallJump, sim.FaultSteadyDrift,
		},
		// Clocks are off before the first stream starts: a worker reads its wall clock once a stream.
		FaultsFrom: time.Millisecond, FaultsUntil: 15 * time.Second,
		Aim:        func(f *sim.Faults) { f.Intensity = 12 },
		Invariants: []string{tellsLate, conserves},
		Sometimes: []string{
			"an entry was late", "an entry was too old for its window", "an entry was too far ahead",
		},
		Body: func(s *Stage) {
			for dc := range s.Shape.Datacenters {
				skew := check.Draw(s.Run, "skew in "+datacenterName(dc), 0,
					-20*time.Second, -2*time.Second, -100*time.Millisecond, 2*time.Second, 20*time.Second)
				s.World.Node(workerName(dc, 0)).SkewWall(skew)
			}
			s.Client(0, func(env core.Env, c *client.Client) {
				for n := range 3 {
					s.together(env, c, []protocol.JobSpec{s.job("j-"+number(n), 20, 2*time.Second)})
				}
				s.afterwards(env)
			})
		},
	}
}
