package scenarios

import (
	"errors"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/gate"
	"github.com/windtunnel/windtunnel/core/manager"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/worker"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

const shutdownFamily = "graceful shutdown under load"

// leaving are the scenarios of nodes that are asked to stop.
func leaving() []*Scenario {
	return []*Scenario{workerLeaves(), managerLeaves(), gateLeaves(), rollingRestart()}
}

// soonGone has nodes that are asked to stop do so soon.
func soonGone(s *Shape) {
	managers, workers := s.Manager, s.Worker
	s.Gate = func(c *gate.Config) { c.StopWithin = 6 * time.Second }
	s.Manager = func(s *Stage, dc int, c *manager.Config) {
		c.StopWithin = 3 * time.Second
		if managers != nil {
			managers(s, dc, c)
		}
	}
	s.Worker = func(s *Stage, c *worker.Config) {
		c.StopWithin = 3 * time.Second
		if workers != nil {
			workers(s, c)
		}
	}
}

// soon is a cluster whose nodes stop soon.
func soon(s Shape) Shape {
	soonGone(&s)
	return s
}

func workerLeaves() *Scenario {
	return &Scenario{
		ID: "worker-leaves", Family: shutdownFamily,
		Line: "workers are asked to stop under load: they take nothing new, finish what is short, " +
			"hand the rest over, and nothing is lost or sent twice",
		Shape:      soon(Shape{Datacenters: 1, Workers: 3, Clients: 1, Cores: 2}),
		Faults:     []sim.FaultKind{sim.FaultStop},
		FaultsFrom: time.Second, FaultsUntil: 9 * time.Second,
		Aim: func(f *sim.Faults) {
			f.Nodes[sim.FaultStop] = []string{workerName(0, 0), workerName(0, 1)}
			f.Intensity = 3
		},
		Invariants: []string{conserves, straysNot, keepsCapacity, lives, leavesNothing},
		Sometimes: []string{
			"a worker that leaves handed its load over", "a successor was opened", "a node left in order",
			"a job was COMPLETED",
		},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				s.together(env, c, []protocol.JobSpec{
					s.job("long", 20, 10*time.Second), s.job("short", 20, time.Second),
				})
				s.together(env, c, []protocol.JobSpec{s.job("next", 20, time.Second)})
				s.afterwards(env)
			})
		},
	}
}

func managerLeaves() *Scenario {
	return &Scenario{
		ID: "manager-leaves", Family: shutdownFamily,
		Line: "managers are asked to stop under load, say what they wait for, and their successors " +
			"go on",
		Shape:      soon(Shape{Datacenters: 2, Workers: 2, Clients: 1, Cores: 2}),
		Faults:     []sim.FaultKind{sim.FaultStop},
		FaultsFrom: time.Second, FaultsUntil: 9 * time.Second,
		Aim: func(f *sim.Faults) {
			f.Nodes[sim.FaultStop] = []string{managerName(0), managerName(1)}
			f.Intensity = 2
		},
		Invariants: []string{conserves, straysNot, keepsCapacity, appliesOnce, lives},
		Sometimes: []string{
			"a node that leaves waited", "a node left in order", "a manager adopted a job",
			"a job was COMPLETED",
		},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				s.together(env, c, []protocol.JobSpec{
					s.job("j-1", 20, 8*time.Second), s.job("j-2", 20, 2*time.Second),
				})
				s.together(env, c, []protocol.JobSpec{s.job("j-3", 20, time.Second)})
				s.afterwards(env)
			})
		},
	}
}

// gateLeaves stops the gate itself, once: no fault does, since no job outlives its gate.
func gateLeaves() *Scenario {
	return &Scenario{
		ID: "gate-leaves", Family: shutdownFamily,
		Line: "the gate is asked to stop: it takes no new jobs, gives those that run time to end, " +
			"ends the rest, and their clients learn it",
		Shape:      soon(Shape{Datacenters: 2, Workers: 1, Clients: 2, Cores: 4}),
		Faults:     []sim.FaultKind{sim.FaultSlowLink, sim.FaultSlowCPU},
		FaultsFrom: 500 * time.Millisecond, FaultsUntil: 6 * time.Second,
		Invariants: []string{endsOneWay, staysTerminal, conserves, straysNot},
		Sometimes: []string{
			"a node that leaves waited", "a node left in order", "a job was CANCELLED",
			"a job was COMPLETED", "a job was refused by a gate that leaves",
		},
		Body: func(s *Stage) {
			for i := range s.Shape.Clients {
				s.Client(i, func(env core.Env, c *client.Client) {
					long := s.job("long-"+number(i), 20, 12*time.Second)
					short := s.job("short-"+number(i), 20, time.Second)
					var sessions []*client.Session
					for _, spec := range []protocol.JobSpec{long, short} {
						if session, err := s.submit(env, c, spec); err == nil {
							sessions = append(sessions, session)
						}
					}
					if i == 0 {
						wait := check.Draw(s.Run, "the gate is stopped after", time.Second, 3*time.Second)
						s.sleep(env, wait)
						s.World.Node(gateName).Stop()
						s.sleep(env, 500*time.Millisecond)
						s.refusedByLeaving(env, c)
					}
					for _, session := range sessions {
						s.awaitAny(env, session)
					}
					s.afterwards(env)
				})
			}
		},
	}
}

// refusedByLeaving submits a job to a gate that was asked to stop.
func (s *Stage) refusedByLeaving(env core.Env, c *client.Client) {
	ctx, cancel := env.WithTimeout(env.Context(), 2*time.Second)
	defer cancel()
	spec := s.job("too-late", 20, time.Second)
	if _, err := c.Submit(ctx, spec.Name, spec); errors.Is(err, rpc.Busy) {
		s.Run.Reached("a job was refused by a gate that leaves")
	}
}

// awaitAny waits for a job's end, or for the word that nobody knows it any more.
func (s *Stage) awaitAny(env core.Env, session *client.Session) {
	ctx, cancel := env.WithTimeout(env.Context(), longEnough)
	defer cancel()
	if _, err := session.Wait(ctx); err != nil {
		env.Log().Info("no result", "job", session.Job(), "error", err)
	}
}

func rollingRestart() *Scenario {
	return &Scenario{
		ID: "rolling-restart", Family: shutdownFamily,
		Line: "all managers and workers are asked to stop and boot again, one after the other, " +
			"under jobs that come and go",
		Shape:      soon(Shape{Datacenters: 2, Workers: 3, Clients: 2, Cores: 2}),
		Faults:     []sim.FaultKind{sim.FaultStop},
		FaultsFrom: time.Second, FaultsUntil: 18 * time.Second,
		Aim: func(f *sim.Faults) {
			for dc := range 2 {
				f.Nodes[sim.FaultStop] = append(f.Nodes[sim.FaultStop], managerName(dc))
				for i := range 3 {
					f.Nodes[sim.FaultStop] = append(f.Nodes[sim.FaultStop], workerName(dc, i))
				}
			}
			f.Intensity = 10
		},
		Invariants: []string{conserves, straysNot, keepsCapacity, appliesOnce, lives, leavesNothing},
		Sometimes: []string{
			"a node left in order", "a successor was opened", "a manager adopted a job",
			"a job was COMPLETED",
		},
		Body: func(s *Stage) {
			for i := range s.Shape.Clients {
				s.Client(i, func(env core.Env, c *client.Client) {
					for n := range 5 {
						spec := s.job("j-"+number(i)+"-"+number(n), 20, 3*time.Second)
						spec.Deadline = 40 * time.Second
						s.together(env, c, []protocol.JobSpec{spec})
					}
					s.afterwards(env)
				})
			}
		},
	}
}
