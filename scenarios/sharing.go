package scenarios

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

const priorityFamily = "priority and fairness"

// sharing are the scenarios of jobs that want the same cores, or the same target.
func sharing() []*Scenario {
	return []*Scenario{
		priorities(), largeIsNotOvertaken(), targetLock(), lateWorker(), absentDatacenter(), queueDisturbed(),
	}
}

func priorities() *Scenario {
	return &Scenario{
		ID: "priorities", Family: priorityFamily,
		Line: "urgent jobs start before those that were there first; " +
			"what has begun to start is not overtaken",
		Shape:      Shape{Datacenters: 2, Workers: 1, Clients: 3, Cores: 2},
		Invariants: []string{startsInTurn, keepsCapacity, conserves, lives},
		Sometimes: []string{
			"a start waited for its turn", "a start overtook an earlier one", "a job was COMPLETED",
		},
		Body: func(s *Stage) {
			for i := range s.Shape.Clients {
				s.Client(i, func(env core.Env, c *client.Client) {
					var specs []protocol.JobSpec
					for n := range 3 {
						spec := s.job("j-"+number(i)+"-"+number(n), 20, time.Second)
						spec.Workflows[0].Cores = 2
						spec.Priority = check.Draw(s.Run, spec.Name+" priority", uint32(0), 1, 9)
						spec.Deadline = time.Minute
						specs = append(specs, spec)
					}
					s.together(env, c, specs)
					s.afterwards(env)
				})
			}
		},
	}
}

func largeIsNotOvertaken() *Scenario {
	return &Scenario{
		ID: "large-job-waits", Family: priorityFamily,
		Line: "a job that needs all cores waits for them, " +
			"and a stream of small jobs behind it does not starve it",
		Shape: Shape{Datacenters: 1, Workers: 2, Clients: 2, Cores: 2},
		Invariants: []string{
			startsInTurn, keepsCapacity, conserves, lives,
		},
		Sometimes: []string{"a start waited for room", "a start waited for its turn", "a job was COMPLETED"},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				for n := range 6 {
					spec := s.job("small-"+number(n), 20, 1500*time.Millisecond)
					spec.Workflows[0].Cores, spec.Deadline = 1, time.Minute
					if _, err := s.submit(env, c, spec); err != nil {
						env.Log().Info("not submitted", "error", err)
					}
					s.sleep(env, 400*time.Millisecond)
				}
				s.sleep(env, 10*time.Second)
				s.afterwards(env)
			})
			s.Client(1, func(env core.Env, c *client.Client) {
				s.sleep(env, 500*time.Millisecond)
				spec := s.job("large", 20, time.Second)
				spec.Workflows[0].Cores, spec.Deadline = 4, time.Minute
				s.together(env, c, []protocol.JobSpec{spec})
				s.afterwards(env)
			})
		},
	}
}

func targetLock() *Scenario {
	return &Scenario{
		ID: "one-target", Family: priorityFamily,
		Line:       "jobs do not shoot at one target together unless both say that they may",
		Shape:      Shape{Datacenters: 2, Workers: 2, Clients: 2, Cores: 4},
		Invariants: []string{startsInTurn, straysNot, conserves, lives},
		Sometimes:  []string{"a start waited for its target", "a target was shared", "a job was COMPLETED"},
		Body: func(s *Stage) {
			for i := range s.Shape.Clients {
				s.Client(i, func(env core.Env, c *client.Client) {
					var specs []protocol.JobSpec
					for n := range 3 {
						spec := s.job("j-"+number(i)+"-"+number(n), 20, time.Second)
						spec.ShareTarget = check.Draw(s.Run, spec.Name+" shares", true, false)
						spec.Deadline = time.Minute
						specs = append(specs, spec)
					}
					s.together(env, c, specs)
					s.afterwards(env)
				})
			}
		},
	}
}

// lateWorker boots a worker after the jobs that need it.
func lateWorker() *Scenario {
	return &Scenario{
		ID: "late-worker", Family: "capacity and core allocation",
		Line: "jobs wait for more cores than there are; a worker that joins late is used by what starts " +
			"later",
		Shape: Shape{Datacenters: 1, Workers: 1, Clients: 1, Cores: 2},
		Invariants: []string{
			keepsCapacity, startsInTurn, conserves, lives,
		},
		Sometimes: []string{"a start waited for its place", "a late worker ran load", "a job was COMPLETED"},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				large := s.job("large", 20, 2*time.Second)
				large.Workflows[0].Cores = 4
				sessions, err := s.submit(env, c, large)
				if err != nil {
					env.Log().Info("not submitted", "error", err)
					return
				}
				s.together(env, c, []protocol.JobSpec{s.job("small", 20, time.Second)})
				s.Host.Boot(lateWorkerName, func(env core.Env) {
					s.runWorkerAs(env, 0, lateWorkerName, lateWorkerName)
				})
				s.await(env, sessions, longEnough)
				if s.Truth.ran(lateWorkerName) {
					s.Run.Reached("a late worker ran load")
				}
				s.afterwards(env)
			})
		},
	}
}

const lateWorkerName = "w-late"

func absentDatacenter() *Scenario {
	return &Scenario{
		ID: "absent-datacenter", Family: "capacity and core allocation",
		Line: "a job names a datacenter that never comes: it waits until its deadline, says for what, " +
			"and holds nobody up",
		Shape:      Shape{Datacenters: 1, Workers: 2, Clients: 1, Cores: 2},
		Invariants: []string{startsInTurn, lives, conserves, leavesNothing},
		Sometimes:  []string{"a start waited for its place", "a job was TIMEOUT", "a job was COMPLETED"},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				absent := s.job("absent", 20, time.Second)
				absent.Datacenters = append(absent.Datacenters, "dc-nowhere")
				absent.Deadline, absent.Priority = 8*time.Second, 9
				s.together(env, c, []protocol.JobSpec{absent, s.job("there", 20, time.Second)})
				s.afterwards(env)
			})
		},
	}
}

func queueDisturbed() *Scenario {
	return &Scenario{
		ID: "queue-disturbed", Family: priorityFamily,
		Line:  "jobs of all sizes and priorities queue up while workers die and managers are slow",
		Shape: Shape{Datacenters: 2, Workers: 2, Clients: 2, Cores: 2, Manager: hasty, Worker: hastyWorker},
		Faults: []sim.FaultKind{
			sim.FaultCrash, sim.FaultPause, sim.FaultSlowLink, sim.FaultHold, sim.FaultPartitionPartial,
		},
		FaultsFrom: 500 * time.Millisecond, FaultsUntil: 10 * time.Second,
		Invariants: []string{startsInTurn, keepsCapacity, straysNot, conserves, lives, leavesNothing},
		Sometimes:  []string{"a start waited for its turn", "a start waited for room", "a job was COMPLETED"},
		Body: func(s *Stage) {
			for i := range s.Shape.Clients {
				s.Client(i, func(env core.Env, c *client.Client) {
					var specs []protocol.JobSpec
					for n := range 4 {
						spec := s.job("j-"+number(i)+"-"+number(n), 20, time.Second)
						spec.Workflows[0].Cores = check.Draw(s.Run, spec.Name+" cores", uint32(1), 2, 4)
						spec.Priority = check.Draw(s.Run, spec.Name+" priority", uint32(0), 3)
						spec.Deadline = time.Minute
						specs = append(specs, spec)
					}
					s.together(env, c, specs)
					s.afterwards(env)
				})
			}
		},
	}
}
