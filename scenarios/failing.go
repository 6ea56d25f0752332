package scenarios

import (
	"strings"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/gate"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/manager"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/worker"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

// failing are the scenarios of parts that fail while the rest goes on as if nothing were.
func failing() []*Scenario {
	return []*Scenario{replacedWithEmptyState(), datacenterFails(), slowMerger(), datacenterClocks()}
}

// replacedWithEmptyState restarts workers as a scheduler does that replaces a pod: at once, under the same
// name and address, or not at all.
func replacedWithEmptyState() *Scenario {
	return &Scenario{
		ID: "replaced-with-empty-state", Family: "worker death",
		Line: "workers are replaced at once under the same name, with their state gone, or never: " +
			"nothing comes back, and the rest is run once",
		Shape:      hastyShape(3, 2),
		Faults:     []sim.FaultKind{sim.FaultSlowLink, sim.FaultHold},
		FaultsFrom: time.Second, FaultsUntil: 7 * time.Second,
		Aim:        func(f *sim.Faults) { befall(f, managerName(0)) },
		Invariants: []string{straysNot, conserves, appliesOnce, keepsCapacity, lives},
		Sometimes: []string{
			"a stream was closed", "a successor was opened", "an entry came after its stream was closed",
			"a job was COMPLETED",
		},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				session, err := s.submit(env, c, s.inSmallWindows("j", 8*time.Second))
				if err != nil {
					env.Log().Info("not submitted", "error", err)
					return
				}
				for n := range 4 {
					s.sleep(env, time.Duration(env.Rand().Int64N(int64(1800*time.Millisecond))))
					node := s.World.Node(workerName(0, n%3))
					if n > 0 && check.Draw(s.Run, "replaced "+number(n), true, true, false) {
						node.Restart()
					} else if n == 0 {
						node.Crash() // for good
					}
				}
				s.await(env, session, longEnough)
				s.afterwards(env)
			})
		},
	}
}

// datacenterFails has the engine of one datacenter break.
func datacenterFails() *Scenario {
	return &Scenario{
		ID: "datacenter-fails", Family: "results",
		Line: "the engine of one datacenter fails while the other runs to its end: the job is not " +
			"COMPLETED, and says which datacenter failed",
		Shape: Shape{
			Datacenters: 2, Workers: 2, Clients: 1, Cores: 4,
			Engines: []Engine{{"broken", load.Script{BreakAt: 5}}},
			Worker: func(_ *Stage, c *worker.Config) {
				if strings.HasPrefix(c.Name, "w-b") {
					c.Engines[0].Engine = c.Engines[1].Engine
				}
			},
		},
		Invariants: []string{aggregatesOnce, conserves, staysTerminal, endsOneWay, lives},
		Sometimes:  []string{"a job was PARTIAL", "a workflow was SKIPPED"},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				for _, spec := range []protocol.JobSpec{s.job("j-1", 30, time.Second), s.chain("j-2", 2)} {
					session, err := s.submit(env, c, spec)
					if err != nil {
						s.Run.Errorf("submit: %v", err)
						return
					}
					result, ok := s.await(env, session, longEnough)
					if ok && (result.State != protocol.JobPartial || !blames(result, datacenterName(1))) {
						s.Run.Errorf("job %s is %v: %q, and %s has failed", session.Job(), result.State,
							result.Message, datacenterName(1))
					}
				}
				s.afterwards(env)
			})
		},
	}
}

// blames says whether a result names a datacenter as failed, and no other.
func blames(r protocol.JobResult, datacenter string) bool {
	named := false
	for _, w := range r.Workflows {
		for _, d := range w.Datacenters {
			failed := d.State == protocol.EndFailed
			if failed != (d.Datacenter == datacenter) && w.State != protocol.EndSkipped {
				return false
			}
			named = named || failed
		}
	}
	return named
}

// slowMerger has windows come faster than a slow gate merges them.
func slowMerger() *Scenario {
	return &Scenario{
		ID: "slow-merger", Family: "load shedding",
		Line: "windows arrive faster than the gate merges them: small buffers keep their bounds, " +
			"cancels and results pass, and all is counted",
		Shape: Shape{
			Datacenters: 2, Workers: 4, Clients: 2, Cores: 4,
			Gate:    func(c *gate.Config) { c.JobQueue = 16 },
			Manager: func(_ *Stage, _ int, c *manager.Config) { c.RelayBuffer, c.RelayMost = 256, 16 },
			Worker:  resends,
		},
		Faults:     []sim.FaultKind{sim.FaultSlowCPU, sim.FaultNarrowLink, sim.FaultPause},
		FaultsFrom: 600 * time.Millisecond, FaultsUntil: 5 * time.Second,
		Aim: func(f *sim.Faults) {
			befall(f, gateName)
			f.Intensity = 2
		},
		Invariants: []string{keepsCapacity, conserves, endsOneWay, holdsPushes, lives},
		Sometimes: []string{
			"a full queue refused", "the level rose to REJECT", "a cancel was accepted",
			"a job was CANCELLED", "a job was COMPLETED",
		},
		Body: func(s *Stage) {
			s.slow(gateName)
			for i := range s.Shape.Clients {
				s.Client(i, func(env core.Env, c *client.Client) {
					first := s.inSmallWindows("j-"+number(i)+"-1", 3*time.Second)
					first.Workflows[0].Cores = 4
					if i > 0 {
						s.cancelAfter(env, c, first, 2*time.Second)
					} else {
						second := first
						second.Name = "j-" + number(i) + "-2"
						s.together(env, c, []protocol.JobSpec{first, second})
					}
					s.afterwards(env)
				})
			}
		},
	}
}

// datacenterClocks has each datacenter, managers and workers, live by a clock of its own.
func datacenterClocks() *Scenario {
	return &Scenario{
		ID: "datacenter-clocks", Family: "clock skew, drift, jump",
		Line: "the clocks of a whole datacenter are minutes off: one moment is in different windows, " +
			"and the totals are right all the same",
		Shape:      Shape{Datacenters: 2, Workers: 2, Clients: 1, Cores: 2},
		Faults:     []sim.FaultKind{sim.FaultWallJump, sim.FaultWallDrift},
		FaultsFrom: 600 * time.Millisecond, FaultsUntil: 6 * time.Second,
		Invariants: []string{tellsLate, conserves, aggregatesOnce, straysNot, lives},
		Sometimes: []string{
			"an entry was too old for its window", "an entry was too far ahead", "a job was COMPLETED",
		},
		Body: func(s *Stage) {
			for dc := range s.Shape.Datacenters {
				off := check.Draw(s.Run, datacenterName(dc)+" is off by", 0, -5*time.Minute, 3*time.Minute,
					-time.Second, 40*time.Second)
				s.World.Node(managerName(dc)).SkewWall(off)
				for i := range s.Shape.Workers {
					s.World.Node(workerName(dc, i)).SkewWall(off)
				}
			}
			alone := check.Draw(s.Run, workerName(0, 1)+" is off by", 0, -10*time.Minute, 10*time.Minute)
			s.World.Node(workerName(0, 1)).JumpWall(alone)
			s.Client(0, func(env core.Env, c *client.Client) {
				s.together(env, c, []protocol.JobSpec{
					s.job("j-1", 30, 3*time.Second), s.inSmallWindows("j-2", 2*time.Second),
				})
				s.together(env, c, []protocol.JobSpec{s.chain("j-3", 2)})
				s.afterwards(env)
			})
		},
	}
}
