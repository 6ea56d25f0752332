package scenarios

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

const dependencyFamily = "dependencies and context passing between workflows"

// dependent are the scenarios of workflows that wait for others.
func dependent() []*Scenario {
	return []*Scenario{
		dependentWorkflows(), dependentSkipped(), dependentDisturbed(), dependentLacksDatacenter(),
		dependentAfterLoss(),
	}
}

// chain is a job of n workflows, each of which waits for the one before it, and needs what it provided.
func (s *Stage) chain(name string, n int) protocol.JobSpec {
	spec := s.job(name, 30, time.Second)
	first := spec.Workflows[0]
	first.Name, first.Cores = "wf-1", 1
	first.Target.Provide = []load.Provide{{Name: "token", Header: "X-Token"}}
	spec.Workflows = []protocol.WorkflowSpec{first}
	for i := 1; i < n; i++ {
		w := first
		w.Name, w.After = "wf-"+number(i), []string{"wf-" + number(i-1)}
		w.Target.URL = first.Target.URL + "${wf-" + number(i-1) + ".token}"
		spec.Workflows = append(spec.Workflows, w)
	}
	spec.Deadline = time.Duration(n)*time.Second + 20*time.Second
	return spec
}

// diamond is a job of four workflows: two wait for the first, and the last for both.
func (s *Stage) diamond(name string) protocol.JobSpec {
	spec := s.chain(name, 2)
	third := spec.Workflows[1]
	third.Name = "wf-3"
	last := spec.Workflows[0]
	last.Name, last.After = "wf-4", []string{"wf-2", "wf-3"}
	last.Target.URL += "${wf-2.sent}/${wf-3.token}"
	spec.Workflows = append(spec.Workflows, third, last)
	return spec
}

func dependentWorkflows() *Scenario {
	return &Scenario{
		ID: "dependent-workflows", Family: dependencyFamily,
		Line: "workflows start once those before them have completed everywhere, " +
			"and are given what those provided",
		Shape:      Shape{Datacenters: 2, Workers: 2, Clients: 2, Cores: 2},
		Invariants: []string{startsAfter, conserves, keepsCapacity, aggregatesOnce},
		Sometimes:  []string{"a dependent was opened", "a context was made", "a job was COMPLETED"},
		Body: func(s *Stage) {
			for i := range s.Shape.Clients {
				s.Client(i, func(env core.Env, c *client.Client) {
					s.together(env, c, []protocol.JobSpec{
						s.chain("chain-"+number(i), 3), s.diamond("diamond-" + number(i)),
					})
					s.afterwards(env)
				})
			}
		},
	}
}

func dependentSkipped() *Scenario {
	return &Scenario{
		ID: "dependent-skipped", Family: dependencyFamily,
		Line: "a workflow fails, and those that wait for it, directly or through others, are skipped and " +
			"say so; the rest of the job goes on",
		Shape: Shape{
			Datacenters: 2, Workers: 2, Clients: 1, Cores: 2,
			Engines: []Engine{{"broken", load.Script{BreakAt: 3}}},
		},
		Invariants: []string{startsAfter, conserves, aggregatesOnce, lives},
		Sometimes:  []string{"a workflow was SKIPPED", "a workflow was FAILED", "a job was PARTIAL"},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				spec := s.diamond("j")
				broken := check.Draw(s.Run, "which is broken", 1, 0, 2)
				spec.Workflows[broken].Engine = "broken"
				s.together(env, c, []protocol.JobSpec{spec, s.chain("other", 2)})
				s.afterwards(env)
			})
		},
	}
}

func dependentDisturbed() *Scenario {
	return &Scenario{
		ID: "dependent-disturbed", Family: dependencyFamily,
		Line:  "chains of workflows run over bad links, on workers that stop and go on",
		Shape: Shape{Datacenters: 2, Workers: 2, Clients: 1, Cores: 2},
		Faults: []sim.FaultKind{
			sim.FaultSlowLink, sim.FaultHold, sim.FaultCut, sim.FaultReset, sim.FaultPause, sim.FaultSlowCPU,
		},
		FaultsFrom: 500 * time.Millisecond, FaultsUntil: 8 * time.Second,
		Invariants: []string{startsAfter, conserves, appliesOnce, lives},
		Sometimes:  []string{"a dependent was opened", "a job was COMPLETED"},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				s.together(env, c, []protocol.JobSpec{s.chain("j-1", 3), s.diamond("j-2")})
				s.afterwards(env)
			})
		},
	}
}

// dependentLacksDatacenter has one datacenter cut off when the first workflow ends.
func dependentLacksDatacenter() *Scenario {
	return &Scenario{
		ID: "dependent-lacks-datacenter", Family: dependencyFamily,
		Line: "a workflow ends without one of its datacenters: nothing starts on an aggregate that lacks " +
			"it, " +
			"not even when its result comes later",
		Shape:      Shape{Datacenters: 2, Workers: 1, Clients: 1, Cores: 2},
		Faults:     []sim.FaultKind{sim.FaultPartition, sim.FaultPartitionPartial, sim.FaultPause},
		FaultsFrom: time.Second, FaultsUntil: 16 * time.Second,
		Aim: func(f *sim.Faults) {
			befall(f, managerName(1))
			f.Intensity = 2
		},
		Invariants: []string{startsAfter, aggregatesOnce, conserves, staysTerminal},
		Sometimes:  []string{"a workflow was PARTIAL", "a workflow was SKIPPED", "a workflow was COMPLETED"},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				for n := range 3 {
					spec := s.chain("j-"+number(n), 2)
					spec.ResultWait = 2 * time.Second
					s.together(env, c, []protocol.JobSpec{spec})
				}
				s.afterwards(env)
			})
		},
	}
}

func dependentAfterLoss() *Scenario {
	return &Scenario{
		ID: "dependent-after-loss", Family: dependencyFamily,
		Line: "workers die under the first of two workflows: the second starts once the remainder was run, " +
			"and never beside it",
		Shape: Shape{
			Datacenters: 1, Workers: 3, Clients: 1, Cores: 2, Manager: hasty, Worker: hastyWorker,
		},
		Faults:     []sim.FaultKind{sim.FaultCrash, sim.FaultCrashForGood},
		FaultsFrom: 700 * time.Millisecond, FaultsUntil: 4 * time.Second,
		Invariants: []string{startsAfter, conserves, straysNot},
		Sometimes:  []string{"a successor was opened", "a dependent was opened", "a stream was closed"},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				spec := s.chain("j", 2)
				spec.Workflows[0].Plan.Duration = 8 * time.Second
				spec.Workflows[0].Cores = 3
				s.together(env, c, []protocol.JobSpec{spec})
				s.afterwards(env)
			})
		},
	}
}
