package scenarios

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/sim"
)

// workers are the scenarios of workers that die, or seem to.
func workers() []*Scenario { return []*Scenario{workerDies(), workerCutOff()} }

// workerDies has crashes before the dispatch is acknowledged, in the middle, and after the last entry.
func workerDies() *Scenario {
	return &Scenario{
		ID: "worker-dies", Family: "worker death",
		Line: "workers crash at any moment of their jobs and come back under the same name, or never",
		Shape: Shape{
			Datacenters: 2, Workers: 2, Clients: 1, Cores: 2,
			Script: load.Script{
				Latency: 5 * time.Millisecond, Tail: 30 * time.Millisecond, Failed: 300, Unknown: 50,
			},
		},
		Faults:     []sim.FaultKind{sim.FaultCrash, sim.FaultCrashForGood},
		FaultsFrom: 400 * time.Millisecond, FaultsUntil: 6 * time.Second,
		Invariants: []string{conserves, keepsCapacity, straysNot, lives},
		Sometimes:  []string{"a stream was closed", "a worker was thought dead", "a job was COMPLETED"},
		Body:       twoRounds,
	}
}

// workerCutOff has workers that live and are not heard: for less than dead + grace they come back, for
// longer they stop by themselves, and what they had counted is refused.
func workerCutOff() *Scenario {
	return &Scenario{
		ID: "worker-cut-off", Family: "fencing and zombies",
		Line: "workers are cut off, stopped or slowed for longer than they may be; " +
			"they stop by themselves and come back as zombies",
		Shape: Shape{Datacenters: 2, Workers: 2, Clients: 1, Cores: 2},
		Faults: []sim.FaultKind{
			sim.FaultPartitionPartial, sim.FaultPartitionOneWay, sim.FaultPause, sim.FaultSlowCPU,
			sim.FaultSteadyDrift,
		},
		FaultsFrom: time.Second, FaultsUntil: 60 * time.Second,
		Aim: func(f *sim.Faults) {
			befall(f, workerName(0, 0), workerName(1, 1))
			f.Intensity = 2
		},
		Invariants: []string{straysNot, conserves, keepsCapacity, lives},
		Sometimes: []string{
			"a suspected worker came back", "a worker was thought dead",
			"a worker that was cut off stopped by itself", "refused load was counted",
		},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				spec := s.job("j", 4, 50*time.Second)
				spec.ResultWait = 40 * time.Second
				s.together(env, c, []protocol.JobSpec{spec})
				s.sleep(env, 20*time.Second) // zombies come back, and find that they are
				s.afterwards(env)
			})
		},
	}
}

// twoRounds plays two jobs at once, and then another that needs what they have left behind.
func twoRounds(s *Stage) {
	s.Client(0, func(env core.Env, c *client.Client) {
		s.together(env, c, []protocol.JobSpec{
			s.job("j-1", 40, 2*time.Second), s.job("j-2", 20, 4*time.Second),
		})
		s.together(env, c, []protocol.JobSpec{s.job("j-3", 20, time.Second)})
		s.afterwards(env)
	})
}
