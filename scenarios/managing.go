package scenarios

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

const failoverFamily = "manager failover"

// managing are the scenarios of managers that die, are replaced, or come back.
func managing() []*Scenario {
	return []*Scenario{
		managerRestarts(), managerRestartsWhileDispatching(), managerNeverReturns(), managerCutOff(),
		managerAndWorkersDie(), oldManagerReturns(), managerRestartsUnderCancel(),
	}
}

// crashes aims crashes at some nodes, and nothing else.
func crashes(f *sim.Faults, nodes ...string) {
	for _, kind := range []sim.FaultKind{sim.FaultCrash, sim.FaultCrashForGood} {
		f.Nodes[kind] = nodes
	}
}

func managerRestarts() *Scenario {
	return &Scenario{
		ID: "manager-restarts", Family: failoverFamily,
		Line: "a manager is restarted in mid-run, with its state gone: its workers run on, register again, " +
			"and entries, attempts and cores come out right",
		Shape:      Shape{Datacenters: 2, Workers: 2, Clients: 1, Cores: 2},
		Faults:     []sim.FaultKind{sim.FaultCrash},
		FaultsFrom: time.Second, FaultsUntil: 6 * time.Second,
		Aim: func(f *sim.Faults) {
			crashes(f, managerName(0), managerName(1))
			f.Intensity = 2
		},
		Invariants: []string{conserves, keepsCapacity, straysNot, appliesOnce, lives},
		Sometimes:  []string{"a manager adopted attempts", "a job was COMPLETED"},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				s.together(env, c, []protocol.JobSpec{
					s.job("j-1", 30, 4*time.Second), s.job("j-2", 20, 8*time.Second),
				})
				all := s.job("j-3", 20, time.Second) // it needs every core that was ever given away
				all.Workflows[0].Cores = 4
				s.together(env, c, []protocol.JobSpec{all})
				s.recovers(env, c)
				s.afterwards(env)
			})
		},
	}
}

func managerRestartsWhileDispatching() *Scenario {
	return &Scenario{
		ID: "manager-restarts-at-dispatch", Family: failoverFamily,
		Line: "managers are restarted while jobs are dispatched to them: " +
			"what the old one promised the new one keeps, and gives to nobody else",
		Shape:      Shape{Datacenters: 2, Workers: 2, Clients: 1, Cores: 2},
		Faults:     []sim.FaultKind{sim.FaultCrash, sim.FaultSlowLink, sim.FaultHold},
		FaultsFrom: 450 * time.Millisecond, FaultsUntil: 5 * time.Second,
		Aim: func(f *sim.Faults) {
			befall(f, managerName(0), managerName(1))
			f.Intensity = 6
		},
		Invariants: []string{keepsCapacity, straysNot, conserves, leavesNothing, lives},
		Sometimes:  []string{"a manager adopted a job", "a job was COMPLETED"},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				for n := range 4 {
					spec := s.chain("j-"+number(n), 2)
					spec.Deadline = 30 * time.Second
					brief := s.job("k-"+number(n), 20, 500*time.Millisecond)
					s.together(env, c, []protocol.JobSpec{spec, brief})
				}
				s.recovers(env, c)
				s.afterwards(env)
			})
		},
	}
}

func managerNeverReturns() *Scenario {
	return &Scenario{
		ID: "manager-never-returns", Family: failoverFamily,
		Line: "a manager dies for good: its workers stop by themselves, and the job ends with what the " +
			"others did",
		Shape: Shape{
			Datacenters: 2, Workers: 2, Clients: 1, Cores: 2, Manager: hasty, Worker: hastyWorker,
		},
		Faults:     []sim.FaultKind{sim.FaultCrashForGood},
		FaultsFrom: time.Second, FaultsUntil: 4 * time.Second,
		Aim:        func(f *sim.Faults) { crashes(f, managerName(0)) },
		Invariants: []string{lives, conserves, straysNot, staysTerminal, leavesNothing},
		Sometimes: []string{
			"a worker that was cut off stopped by itself", "a job was PARTIAL", "a job was COMPLETED",
		},
		Body: oneJob(30, 6*time.Second, func(_ *Stage, spec *protocol.JobSpec) {
			spec.ResultWait = 5 * time.Second
		}),
	}
}

func managerCutOff() *Scenario {
	return &Scenario{
		ID: "manager-cut-off", Family: failoverFamily,
		Line: "a manager is cut off from its workers, or from the gate, and comes back: it knows all it " +
			"knew, " +
			"and nobody was asked to do its work twice",
		Shape: Shape{
			Datacenters: 2, Workers: 2, Clients: 1, Cores: 2, Manager: hasty, Worker: hastyWorker,
		},
		Faults: []sim.FaultKind{
			sim.FaultPartition, sim.FaultPartitionOneWay, sim.FaultPartitionPartial, sim.FaultPause,
		},
		FaultsFrom: time.Second, FaultsUntil: 8 * time.Second,
		Aim: func(f *sim.Faults) {
			befall(f, managerName(0))
			f.Intensity = 3
		},
		Invariants: []string{conserves, straysNot, keepsCapacity, appliesOnce, lives},
		Sometimes: []string{
			"a successor was opened", "an entry came twice", "a job was COMPLETED",
			"a worker that was cut off stopped by itself",
		},
		Body: oneJob(30, 9*time.Second, nil),
	}
}

func managerAndWorkersDie() *Scenario {
	return &Scenario{
		ID: "manager-and-workers-die", Family: failoverFamily,
		Line: "managers and workers die together and come back: what the new manager adopts of dead " +
			"workers " +
			"it gives to others, in time",
		Shape: Shape{
			Datacenters: 2, Workers: 3, Clients: 1, Cores: 2, Manager: hasty, Worker: hastyWorker,
		},
		Faults:     []sim.FaultKind{sim.FaultCrash},
		FaultsFrom: time.Second, FaultsUntil: 9 * time.Second,
		Aim: func(f *sim.Faults) {
			f.Nodes[sim.FaultCrash] = []string{
				managerName(0), managerName(1), workerName(0, 0), workerName(0, 1), workerName(1, 0),
			}
			f.Intensity = 8
		},
		Invariants: []string{conserves, straysNot, keepsCapacity, appliesOnce, lives, leavesNothing},
		Sometimes:  []string{"a manager adopted attempts", "a successor was opened", "a job was COMPLETED"},
		Body:       oneJob(30, 12*time.Second, nil),
	}
}

// oldManagerReturns has a second manager of the same datacenter, and then both.
func oldManagerReturns() *Scenario {
	return &Scenario{
		ID: "old-manager-returns", Family: failoverFamily,
		Line: "a manager is replaced by another process, and then comes back: one of them is the " +
			"datacenter's, " +
			"and no core is given away by both",
		Shape:      Shape{Datacenters: 1, Workers: 2, Clients: 1, Cores: 2},
		Faults:     []sim.FaultKind{sim.FaultPause, sim.FaultCrash},
		FaultsFrom: time.Second, FaultsUntil: 8 * time.Second,
		Aim: func(f *sim.Faults) {
			befall(f, managerName(0))
			f.Intensity = 2
		},
		Invariants: []string{conserves, straysNot, appliesOnce, lives},
		Sometimes:  []string{"a job was COMPLETED", "a manager adopted a job"},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				session, err := s.submit(env, c, s.job("j", 20, 6*time.Second))
				if err != nil {
					env.Log().Info("not submitted", "error", err)
					return
				}
				s.sleep(env, check.Draw(s.Run, "the other boots after", 2*time.Second, 4*time.Second))
				s.Host.Boot("m-other", func(env core.Env) { s.runManagerAt(env, 0, "m-other") })
				s.await(env, session, longEnough)
				s.together(env, c, []protocol.JobSpec{s.job("j-2", 20, time.Second)})
				s.afterwards(env)
			})
		},
	}
}

func managerRestartsUnderCancel() *Scenario {
	return &Scenario{
		ID: "manager-restarts-under-cancel", Family: failoverFamily,
		Line: "a job is cancelled while its manager is down: the new one knows nothing of the job, " +
			"and its workers are told to stop all the same",
		Shape:      Shape{Datacenters: 1, Workers: 2, Clients: 1, Cores: 2},
		Faults:     []sim.FaultKind{sim.FaultCrash},
		FaultsFrom: 1500 * time.Millisecond, FaultsUntil: 6 * time.Second,
		Aim: func(f *sim.Faults) {
			crashes(f, managerName(0))
			f.Intensity = 2
		},
		Invariants: []string{endsOneWay, straysNot, keepsCapacity, conserves, leavesNothing},
		Sometimes:  []string{"a cancel was accepted", "a job was CANCELLED", "a manager adopted a job"},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				after := check.Draw(s.Run, "cancel after", 3*time.Second, 2*time.Second, 4*time.Second)
				s.cancelAfter(env, c, s.job("j", 20, time.Minute), after)
				s.together(env, c, []protocol.JobSpec{s.job("next", 20, time.Second)})
				s.sleep(env, learnWithin) // what still runs then is stray
				s.afterwards(env)
			})
		},
	}
}
