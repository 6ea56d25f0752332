package scenarios

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/manager"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/worker"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

const stormFamily = "registration storms and reconnect floods"

// storming are the scenarios of nodes that all come at once.
func storming() []*Scenario { return []*Scenario{registrationStorm(), reconnectFlood()} }

// registrationStorm has real workers, but few of them get load: 900 attempts would cost a second a run.
func registrationStorm() *Scenario {
	return &Scenario{
		ID: "registration-storm", Family: stormFamily,
		Line: "900 workers register at one manager within a second, which has room for a few at once: " +
			"all of them are in soon, and run what comes",
		Shape: Shape{
			Datacenters: 1, Workers: 900, Clients: 1, Cores: 1,
			Manager: func(_ *Stage, _ int, c *manager.Config) {
				c.Commands, c.Suspected, c.Dead = 64, 30*time.Second, 30*time.Second
			},
			Worker: func(_ *Stage, c *worker.Config) { c.Heartbeat, c.Dead = 10*time.Second, 30*time.Second },
		},
		Faults:     []sim.FaultKind{sim.FaultPause, sim.FaultSlowCPU},
		FaultsFrom: time.Millisecond, FaultsUntil: time.Second,
		Aim:        func(f *sim.Faults) { befall(f, managerName(0)) },
		Invariants: []string{keepsCapacity, straysNot, conserves, lives},
		Sometimes:  []string{"a registration was made again", "a job was COMPLETED"},
		Body: func(s *Stage) {
			asked, registered := table[string, int]{}, table[string, bool]{}
			s.World.Observe(func(o check.Observation) {
				if f, ok := o.Event.(fact.Heartbeat); ok {
					if *asked.of(o.Node)++; f.Answered {
						*registered.of(o.Node) = true
					} else if *asked.of(o.Node) > 1 && registered.find(o.Node) == nil {
						s.Run.Reached("a registration was made again")
					}
				}
			})
			s.Client(0, func(env core.Env, c *client.Client) {
				spec := s.job("j", 40, time.Second)
				spec.Workflows[0].Cores = 4
				s.together(env, c, []protocol.JobSpec{spec})
				for len(registered.order) < s.Shape.Workers && env.Now() < core.Instant(stormBound) {
					s.sleep(env, 100*time.Millisecond)
				}
				if n := len(registered.order); n < s.Shape.Workers {
					s.Run.Errorf("%d of %d workers are registered after %v", n, s.Shape.Workers, stormBound)
				}
			})
		},
	}
}

// stormBound is when all are in, however often each was turned away: a retry waits for up to 2 s.
const stormBound = 10 * time.Second

// reconnectFlood breaks every connection that there is, between steps that a schedule draws.
func reconnectFlood() *Scenario {
	return &Scenario{
		ID: "reconnect-flood", Family: stormFamily,
		Line: "all connections of the cluster break at once, several times, under load: " +
			"everybody comes back, and nothing is lost or counted twice",
		Shape: Shape{
			Datacenters: 2, Workers: 6, Clients: 2, Cores: 2,
			Manager: func(_ *Stage, _ int, c *manager.Config) { c.Commands, c.RelayBuffer = 16, 512 },
			Worker:  resends,
		},
		Faults:     []sim.FaultKind{sim.FaultSlowLink, sim.FaultHold, sim.FaultReset},
		FaultsFrom: time.Second, FaultsUntil: 8 * time.Second,
		Invariants: []string{conserves, appliesOnce, straysNot, keepsOrder, keepsCapacity, lives},
		Sometimes: []string{
			"an entry came twice", "a full queue refused", "a job was COMPLETED",
		},
		Body: func(s *Stage) {
			for i := range s.Shape.Clients {
				s.Client(i, func(env core.Env, c *client.Client) {
					spec := s.job("j-"+number(i), 60, 6*time.Second)
					spec.Workflows[0].Cores, spec.Windows = 6, smallWindows()
					session, err := s.submit(env, c, spec)
					if err != nil {
						env.Log().Info("not submitted", "error", err)
						return
					}
					for n := range 4 {
						s.sleep(env, time.Duration(env.Rand().Int64N(int64(1800*time.Millisecond))))
						if i == 0 {
							s.breakAll(check.Draw(s.Run, "flood "+number(n)+" is half-open", false, true))
						}
					}
					s.await(env, session, longEnough)
					s.afterwards(env)
				})
			}
		},
	}
}

// breakAll breaks the connections between all nodes that talk to each other.
func (s *Stage) breakAll(halfOpen bool) {
	how := s.World.Cut
	if halfOpen {
		how = s.World.HalfOpen
	}
	for i := range s.Shape.Clients {
		how(gateName, clientName(i))
	}
	for dc := range s.Shape.Datacenters {
		how(gateName, managerName(dc))
		for i := range s.Shape.Workers {
			how(managerName(dc), workerName(dc, i))
		}
	}
}
