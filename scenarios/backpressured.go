package scenarios

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/manager"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

// backpressured are the scenarios of levels that rise and fall while something waits.
func backpressured() []*Scenario {
	return []*Scenario{staleLevel(), withheldProgress(), slowGate()}
}

// staleLevel is F4. What presses is drawn for each manager, a phase of so many readings after another: a
// manager reads it with every report and heartbeat, so that levels change at any moment of the push
// task's wait.
func staleLevel() *Scenario {
	return &Scenario{
		ID: "stale-level", Family: "backpressure",
		Line: "the level rises to REJECT at any moment of the push task's wait, " +
			"and no periodic push starts until it falls",
		Shape: Shape{
			Datacenters: 2, Workers: 2, Clients: 1, Cores: 4,
			Manager: func(s *Stage, dc int, c *manager.Config) {
				c.Heartbeat = 200 * time.Millisecond
				c.ExtraFill = s.pressure("pressure on "+managerName(dc), 16)
			},
		},
		Invariants: []string{holdsPushes, conserves, keepsCapacity},
		Sometimes: []string{
			"the level rose to REJECT", "the level fell from REJECT", "held windows were pushed after REJECT",
		},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				specs := []protocol.JobSpec{s.job("j-1", 40, 4*time.Second), s.job("j-2", 20, 5*time.Second)}
				s.together(env, c, specs)
				s.afterwards(env)
			})
		},
	}
}

// withheldProgress has REJECT withhold what a gate knows progress by, for longer than it is patient.
func withheldProgress() *Scenario {
	return &Scenario{
		ID: "withheld-progress", Family: "backpressure",
		Line: "a level of REJECT withholds all progress for longer than a workflow may be without: " +
			"it is not stuck",
		Shape: Shape{
			Datacenters: 2, Workers: 1, Clients: 1, Cores: 2,
			Manager: func(s *Stage, dc int, c *manager.Config) {
				c.Heartbeat = 200 * time.Millisecond
				readings := check.Draw(s.Run, "readings of "+managerName(dc), 0, 25, 60, 1000)
				c.ExtraFill = func() float64 {
					if readings--; readings < 0 {
						return 0
					}
					return 1
				}
			},
		},
		Invariants: []string{lives, holdsPushes, conserves},
		Sometimes:  []string{"the level rose to REJECT", "a job was COMPLETED"},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				spec := s.job("j", 20, 8*time.Second)
				spec.Stuck = time.Second
				s.allComplete(env, c, []protocol.JobSpec{spec})
				s.afterwards(env)
			})
		},
	}
}

// phase is a fill, for so many readings.
type phase struct {
	fill     float64
	readings int
}

// pressure is a fill that goes through drawn phases, and is gone after the last.
func (s *Stage) pressure(label string, phases int) func() float64 {
	plan := make([]phase, phases)
	for i := range plan {
		plan[i] = check.Draw(s.Run, label+" "+number(i),
			phase{0, 10}, phase{1, 1}, phase{0, 3}, phase{1, 4},
			phase{0.75, 8}, phase{1, 12}, phase{0.9, 8}, phase{1, 30})
	}
	return func() float64 {
		for len(plan) > 0 && plan[0].readings == 0 {
			plan = plan[1:]
		}
		if len(plan) == 0 {
			return 0
		}
		plan[0].readings--
		return plan[0].fill
	}
}

// slowGate has everybody wait for the control plane: nothing may be lost by that, and nothing may be held
// for ever.
func slowGate() *Scenario {
	return &Scenario{
		ID: "stalled-control-plane", Family: "process pause",
		Line:  "gate and managers stop and go on, and links are slow, while workers keep measuring",
		Shape: Shape{Datacenters: 2, Workers: 2, Clients: 1, Cores: 4},
		Faults: []sim.FaultKind{
			sim.FaultPause, sim.FaultSlowCPU, sim.FaultSlowLink, sim.FaultNarrowLink, sim.FaultHold,
		},
		Aim:        controlPlane(2),
		Invariants: []string{conserves, appliesOnce, lives},
		Sometimes:  []string{"an entry came twice", "a job was COMPLETED"},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				s.together(env, c, []protocol.JobSpec{
					s.job("j-1", 30, 3*time.Second), s.job("j-2", 30, 6*time.Second),
				})
				s.together(env, c, []protocol.JobSpec{s.job("j-3", 30, 2*time.Second)})
				s.afterwards(env)
			})
		},
	}
}

// controlPlane aims every fault at the gate and the managers.
func controlPlane(datacenters int) func(f *sim.Faults) {
	nodes := []string{gateName}
	for dc := range datacenters {
		nodes = append(nodes, managerName(dc))
	}
	return func(f *sim.Faults) { befall(f, nodes...) }
}

// befall aims every fault at some nodes, and the links that end there.
func befall(f *sim.Faults, nodes ...string) {
	for _, kind := range f.Kinds {
		f.Nodes[kind] = nodes
	}
}
