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

const deadlineFamily = "timeouts and deadlines with extensions"

// deadlines are the scenarios of jobs whose time is up.
func deadlines() []*Scenario {
	return []*Scenario{
		deadlineExtended(), deadlineExtendedLate(), deadlinePasses(), workflowStuck(), ownAuthority(),
	}
}

func deadlineExtended() *Scenario {
	return &Scenario{
		ID: "deadline-extended", Family: deadlineFamily,
		Line: "a job waits for cores until its deadline is too near: it is put off while there is " +
			"progress, " +
			"each time by less",
		Shape:      Shape{Datacenters: 2, Workers: 1, Clients: 1, Cores: 2},
		Invariants: []string{lives, conserves, staysTerminal, straysNot},
		Sometimes:  []string{"a deadline was put off", "a job was COMPLETED", "a job was QUEUED"},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				first := s.job("j-1", 20, 4*time.Second)
				first.Workflows[0].Cores = 2
				second := s.job("j-2", 20, 4*time.Second)
				second.Workflows[0].Cores = 2
				second.Deadline, second.Extensions, second.Extension = 7*time.Second, 3, 3*time.Second
				s.allComplete(env, c, []protocol.JobSpec{first, second})
				s.afterwards(env)
			})
		},
	}
}

// deadlineExtendedLate has the word of the new deadline come late, or never, to some.
func deadlineExtendedLate() *Scenario {
	return &Scenario{
		ID: "deadline-extended-late", Family: deadlineFamily,
		Line: "the word that a deadline was put off is late: who did not hear of it stops in time, " +
			"and the books say so",
		Shape: Shape{Datacenters: 2, Workers: 1, Clients: 1, Cores: 2},
		Faults: []sim.FaultKind{
			sim.FaultSlowLink, sim.FaultHold, sim.FaultPartitionPartial, sim.FaultPause,
		},
		FaultsFrom: 2 * time.Second, FaultsUntil: 8 * time.Second,
		Aim:        func(f *sim.Faults) { befall(f, managerName(0), workerName(1, 0)) },
		Invariants: []string{lives, conserves, staysTerminal, straysNot},
		Sometimes:  []string{"a deadline was put off", "a job was COMPLETED"},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				spec := s.job("j", 20, 6*time.Second)
				spec.Deadline, spec.Extensions, spec.Extension = 5*time.Second, 2, 6*time.Second
				s.together(env, c, []protocol.JobSpec{spec})
				s.afterwards(env)
			})
		},
	}
}

func deadlinePasses() *Scenario {
	return &Scenario{
		ID: "deadline-passes", Family: deadlineFamily, InWorld: true,
		Line: "engines hang, and a job's deadline passes: it is a TIMEOUT or PARTIAL that names the " +
			"datacenters, " +
			"extensions or not",
		Shape: Shape{
			Datacenters: 2, Workers: 2, Clients: 1, Cores: 2,
			Engines: []Engine{{"hangs", load.Script{HangAt: 5}}},
		},
		Invariants: []string{lives, conserves, staysTerminal, aggregatesOnce},
		Sometimes:  []string{"a job was TIMEOUT", "a job was COMPLETED"},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				spec := s.job("j-1", 20, 2*time.Second)
				spec.Workflows[0].Engine = check.Draw(s.Run, "engine", "hangs", "scripted")
				spec.Deadline = 5 * time.Second
				spec.Extensions = check.Draw(s.Run, "extensions", uint32(0), 2)
				spec.Extension = 2 * time.Second
				s.together(env, c, []protocol.JobSpec{spec, s.job("j-2", 20, time.Second)})
				s.afterwards(env)
			})
		},
	}
}

func workflowStuck() *Scenario {
	return &Scenario{
		ID: "workflow-stuck", Family: deadlineFamily, InWorld: true,
		Line: "a workflow shows no progress though load is due: it is given up long before the deadline, " +
			"and one of which nothing is due is not",
		Shape: Shape{
			Datacenters: 2, Workers: 1, Clients: 1, Cores: 4,
			Engines: []Engine{{"hangs", load.Script{HangAt: 3}}},
		},
		Invariants: []string{lives, conserves, staysTerminal, startsAfter},
		Sometimes:  []string{"a workflow was stuck", "a workflow was SKIPPED", "a job was COMPLETED"},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				stuck := s.chain("stuck", 2)
				stuck.Workflows[0].Engine, stuck.Workflows[0].Plan.Duration = "hangs", 20*time.Second
				stuck.Stuck, stuck.Deadline = 2*time.Second, 60*time.Second
				rare := s.job("rare", 1, 10*time.Second)
				rare.Workflows[0].Plan.Rate = load.Rate{Count: 1, Per: 4 * time.Second}
				rare.Workflows[0].Cores, rare.Stuck = 1, 3*time.Second
				session, err := s.submit(env, c, stuck)
				if err != nil {
					s.Run.Errorf("not submitted: %v", err)
					return
				}
				s.endsWithin(session.Job(), 20*time.Second)
				s.allComplete(env, c, []protocol.JobSpec{rare})
				s.await(env, session, longEnough)
				s.afterwards(env)
			})
		},
	}
}

// ownAuthority cuts a whole datacenter off until after its load is over.
func ownAuthority() *Scenario {
	return &Scenario{
		ID: "own-authority", Family: "datacenter isolation",
		Line: "a datacenter that is cut off finishes by itself within its deadline; its result comes " +
			"before the " +
			"gate's deadline has fired, or after",
		Shape:      Shape{Datacenters: 2, Workers: 2, Clients: 1, Cores: 2},
		Faults:     []sim.FaultKind{sim.FaultPartitionPartial, sim.FaultPartition},
		FaultsFrom: time.Second, FaultsUntil: 13 * time.Second,
		Aim: func(f *sim.Faults) {
			befall(f, managerName(1))
			f.Intensity = 1
		},
		Invariants: []string{conserves, aggregatesOnce, staysTerminal, lives, appliesOnce},
		Sometimes: []string{
			"a result came after the end", "a job was PARTIAL", "a job was COMPLETED", "a result was revised",
		},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				for n := range 2 {
					spec := s.job("j-"+number(n), 20, 3*time.Second)
					spec.Deadline = check.Draw(s.Run, "deadline "+number(n), 5*time.Second, 9*time.Second)
					s.together(env, c, []protocol.JobSpec{spec})
				}
				s.sleep(env, 5*time.Second)
				s.afterwards(env)
			})
		},
	}
}
