package scenarios

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

// losing are the scenarios of workers that are lost, and of what takes their place.
func losing() []*Scenario {
	return []*Scenario{
		deathBeforeAnswer(), deathInMidRun(), deathAfterLastEntry(), successorsDie(), suspectedAndBack(),
		zombies(), neverReplaced(), lostPolicies(), remainderOfShares(), sameNameTwice(),
	}
}

// hastyShape is one hasty datacenter.
func hastyShape(workers int, cores uint32) Shape {
	return Shape{
		Datacenters: 1, Workers: workers, Clients: 1, Cores: cores, Manager: hasty, Worker: hastyWorker,
	}
}

// oneJob plays one job and looks at what is left.
func oneJob(rate uint64, duration time.Duration, change func(*Stage, *protocol.JobSpec)) func(*Stage) {
	return func(s *Stage) {
		s.Client(0, func(env core.Env, c *client.Client) {
			spec := s.job("j", rate, duration)
			spec.ResultWait = 30 * time.Second
			if change != nil {
				change(s, &spec)
			}
			s.together(env, c, []protocol.JobSpec{spec})
			s.afterwards(env)
		})
	}
}

func deathBeforeAnswer() *Scenario {
	return &Scenario{
		ID: "death-before-the-answer", Family: "worker death",
		Line: "workers die between the order to run an attempt and its answer: it may have run, or not, " +
			"and never runs twice",
		Shape:      hastyShape(3, 2),
		Faults:     []sim.FaultKind{sim.FaultCrash, sim.FaultCrashForGood, sim.FaultSlowLink, sim.FaultHold},
		FaultsFrom: 450 * time.Millisecond, FaultsUntil: 1600 * time.Millisecond,
		Aim: func(f *sim.Faults) {
			f.Intensity = 3
			f.Nodes[sim.FaultSlowLink] = []string{workerName(0, 0), workerName(0, 1)}
			f.Nodes[sim.FaultHold] = f.Nodes[sim.FaultSlowLink]
		},
		Invariants: []string{straysNot, conserves, keepsCapacity, lives},
		Sometimes:  []string{"a successor was opened", "a job was COMPLETED", "a stream was closed"},
		Body: oneJob(20, 5*time.Second, func(s *Stage, spec *protocol.JobSpec) {
			spec.Workflows[0].Cores = 2
		}),
	}
}

func deathInMidRun() *Scenario {
	return &Scenario{
		ID: "death-in-mid-run", Family: "worker death",
		Line: "a worker dies in the middle of its load, and another runs the remainder: " +
			"nothing is counted twice, and nothing that was acknowledged is lost",
		Shape:      hastyShape(3, 2),
		Faults:     []sim.FaultKind{sim.FaultCrash, sim.FaultCrashForGood},
		FaultsFrom: 1500 * time.Millisecond, FaultsUntil: 5 * time.Second,
		Aim:        func(f *sim.Faults) { f.Intensity = 2 },
		Invariants: []string{conserves, straysNot, appliesOnce, keepsCapacity, lives},
		Sometimes:  []string{"a successor was opened", "a job was COMPLETED"},
		Body:       oneJob(30, 10*time.Second, nil),
	}
}

func deathAfterLastEntry() *Scenario {
	return &Scenario{
		ID: "death-after-the-last-entry", Family: "worker death",
		Line: "workers die when their load is over and their last entries are under way: " +
			"no successor runs what was run to its end",
		Shape:      hastyShape(2, 2),
		Faults:     []sim.FaultKind{sim.FaultCrashForGood, sim.FaultSlowLink, sim.FaultHold},
		FaultsFrom: 1300 * time.Millisecond, FaultsUntil: 2300 * time.Millisecond,
		Aim: func(f *sim.Faults) {
			for _, kind := range []sim.FaultKind{sim.FaultSlowLink, sim.FaultHold} {
				f.Nodes[kind] = []string{managerName(0)}
			}
			f.Intensity = 2
		},
		Invariants: []string{conserves, straysNot, aggregatesOnce, lives},
		Sometimes:  []string{"a stream was closed", "a job was COMPLETED"},
		Body:       oneJob(40, time.Second, nil),
	}
}

func successorsDie() *Scenario {
	return &Scenario{
		ID: "successors-die", Family: "worker death",
		Line:       "one worker after the other dies, successors among them, and a shard has a third attempt",
		Shape:      hastyShape(3, 2),
		Faults:     []sim.FaultKind{sim.FaultCrash},
		FaultsFrom: 800 * time.Millisecond, FaultsUntil: 12 * time.Second,
		Aim:        func(f *sim.Faults) { f.Intensity = 8 },
		Invariants: []string{conserves, straysNot, keepsCapacity, lives},
		Sometimes:  []string{"a successor had a successor", "a job was COMPLETED"},
		Body:       oneJob(20, 16*time.Second, nil),
	}
}

func suspectedAndBack() *Scenario {
	return &Scenario{
		ID: "suspected-and-back", Family: "worker death",
		Line: "workers stall for about as long as they may, whatever wall clocks say: " +
			"those back in time go on, and no other has begun their load",
		Shape: hastyShape(3, 2),
		Faults: []sim.FaultKind{
			sim.FaultPause, sim.FaultPartitionPartial, sim.FaultSlowCPU, sim.FaultWallJump,
		},
		FaultsFrom: time.Second, FaultsUntil: 7 * time.Second,
		Aim: func(f *sim.Faults) {
			befall(f, workerName(0, 0), workerName(0, 1), workerName(0, 2))
			f.Nodes[sim.FaultWallJump] = append([]string{managerName(0)}, f.Nodes[sim.FaultPause]...)
			f.Intensity = 4
		},
		Invariants: []string{straysNot, conserves, keepsCapacity, lives},
		Sometimes: []string{
			"a suspected worker came back", "a worker was thought dead", "a successor was opened",
		},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				// Of the rare one a worker may have nothing due in all the time that it is cut off.
				s.together(env, c, []protocol.JobSpec{
					s.job("j", 20, 10*time.Second), s.job("rare", 1, 12*time.Second),
				})
				s.afterwards(env)
			})
		},
	}
}

func zombies() *Scenario {
	return &Scenario{
		ID: "zombies", Family: "fencing and zombies",
		Line: "workers come back after they were given up, with entries of closed attempts: " +
			"those are refused and counted, and the zombie says what it did",
		Shape:      hastyShape(3, 2),
		Faults:     []sim.FaultKind{sim.FaultPartitionPartial, sim.FaultPartitionOneWay, sim.FaultHold},
		FaultsFrom: time.Second, FaultsUntil: 9 * time.Second,
		Aim: func(f *sim.Faults) {
			befall(f, workerName(0, 0), workerName(0, 1))
			f.Intensity = 2
		},
		Invariants: []string{conserves, straysNot, appliesOnce, keepsCapacity},
		Sometimes: []string{
			"a worker was thought dead", "refused load was counted", "a successor was opened",
			"an entry came after its stream was closed",
		},
		Body: oneJob(40, 12*time.Second, nil),
	}
}

// neverReplaced has no core free for the load of a worker that is lost.
func neverReplaced() *Scenario {
	return &Scenario{
		ID: "never-replaced", Family: "worker death",
		Line: "a worker is lost for good and nobody has a core for its load: the job ends all the same, " +
			"and names what was not sent",
		Shape:      hastyShape(2, 1),
		Faults:     []sim.FaultKind{sim.FaultCrashForGood},
		FaultsFrom: time.Second, FaultsUntil: 3 * time.Second,
		Aim:        func(f *sim.Faults) { f.Nodes[sim.FaultCrashForGood] = []string{workerName(0, 0)} },
		Invariants: []string{conserves, lives, staysTerminal, leavesNothing},
		Sometimes:  []string{"a stream was closed", "a job was COMPLETED"},
		Body:       oneJob(20, 6*time.Second, nil),
	}
}

func lostPolicies() *Scenario {
	return &Scenario{
		ID: "lost-worker-policies", Family: "worker death",
		Line: "a job says what becomes of a lost worker's load: another runs it, the others go on, " +
			"or the job fails; each is said",
		Shape: Shape{
			Datacenters: 2, Workers: 2, Clients: 1, Cores: 3, Manager: hasty, Worker: hastyWorker,
		},
		Faults:     []sim.FaultKind{sim.FaultCrash, sim.FaultCrashForGood},
		FaultsFrom: time.Second, FaultsUntil: 4 * time.Second,
		Invariants: []string{conserves, straysNot, staysTerminal, lives, endsOneWay},
		Sometimes: []string{
			"a job was FAILED", "a job was COMPLETED", "a successor was opened", "a stream was closed",
		},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				var specs []protocol.JobSpec
				for policy := protocol.LostRedispatch; policy.Known(); policy++ {
					spec := s.job(policy.String(), 20, 6*time.Second)
					spec.LostWorkers = policy
					spec.AcceptLost = check.Draw(s.Run, spec.Name+" accepts", false, true)
					specs = append(specs, spec)
				}
				s.together(env, c, specs)
				s.afterwards(env)
			})
		},
	}
}

// remainderOfShares has rates and cores that do not divide by the workers.
func remainderOfShares() *Scenario {
	return &Scenario{
		ID: "shares-with-a-rest", Family: "capacity and core allocation",
		Line: "rates and cores do not divide by datacenters and workers, and then a worker is lost: " +
			"the parts are still the whole",
		Shape: Shape{
			Datacenters: 3, Workers: 3, Clients: 1, Cores: 2, Manager: hasty, Worker: hastyWorker,
		},
		Faults:     []sim.FaultKind{sim.FaultCrashForGood},
		FaultsFrom: time.Second, FaultsUntil: 3 * time.Second,
		Aim:        func(f *sim.Faults) { f.Intensity = 1 },
		Invariants: []string{conserves, reportsQuantiles, straysNot, keepsCapacity},
		Sometimes:  []string{"a successor was opened", "a job was COMPLETED"},
		Body: oneJob(37, 7*time.Second, func(s *Stage, spec *protocol.JobSpec) {
			spec.Workflows[0].Cores = check.Draw(s.Run, "cores", uint32(5), 4)
		}),
	}
}

// sameNameTwice boots a second process under the name of a worker that lives.
func sameNameTwice() *Scenario {
	return &Scenario{
		ID: "same-name-twice", Family: "fencing and zombies",
		Line: "a second worker registers under the name of one that runs load: the newer one stays, " +
			"the older one stops, and no load is sent twice",
		Shape:      hastyShape(2, 2),
		Invariants: []string{straysNot, conserves, keepsCapacity, lives},
		Sometimes:  []string{"a worker was displaced", "a successor was opened", "a job was COMPLETED"},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				spec := s.job("j", 20, 8*time.Second)
				session, err := s.submit(env, c, spec)
				if err != nil {
					env.Log().Info("not submitted", "error", err)
					return
				}
				s.sleep(env, check.Draw(s.Run, "the other boots after", 2*time.Second, 100*time.Millisecond))
				s.Host.Boot("w-other", func(env core.Env) { s.runWorkerAs(env, 0, "w-other", workerName(0, 0)) })
				s.await(env, session, longEnough)
				s.afterwards(env)
			})
		},
	}
}
