package scenarios

import (
	"slices"
	"strings"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/manager"
	"github.com/windtunnel/windtunnel/core/worker"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

// everything is a random cluster with random jobs, all faults that can disturb it and all invariants.
func everything() *Scenario {
	return &Scenario{
		ID: "everything", Family: "chaos",
		Line: "random jobs of several clients on a random cluster, under every fault: they depend, " +
			"wait, are cancelled and followed",
		Shape:  soon(Shape{Datacenters: 2, Workers: 2, Clients: 2, Manager: pressed}),
		Vary:   randomCluster,
		Faults: faultsOfConnections(),
		Aim:    anyoneButTheGate,
		Sometimes: []string{
			"a job was COMPLETED", "a job was PARTIAL", "a job was TIMEOUT", "a job was CANCELLED",
			"a stream was closed", "an entry was late", "an entry came twice", "a push came twice",
			"the level rose to REJECT", "a result was revised", "a successor was opened",
			"a manager adopted attempts", "a dependent was opened", "a workflow was SKIPPED",
			"a deadline was put off", "a start waited for its turn", "a start waited for its target",
			"a cancel was accepted", "a cancel came too late", "a node left in order",
			"a job was followed from elsewhere", "a late worker ran load",
		},
		Body: func(s *Stage) {
			var known []followable
			does := s.operations()
			for i := range s.Shape.Clients {
				s.Client(i, func(env core.Env, c *client.Client) {
					a := &anybody{s, env, c, i, &known, map[string]bool{}, does}
					a.play()
				})
			}
			s.lateComer()
		},
	}
}

// faultsOfConnections lists all kinds but those of datagrams, which no role sends, and the loss of all but a
// core, which no role has.
func faultsOfConnections() []sim.FaultKind {
	others := []sim.FaultKind{sim.FaultLoss, sim.FaultDuplicate, sim.FaultReorder, sim.FaultCore}
	return slices.DeleteFunc(sim.EveryFault(), func(kind sim.FaultKind) bool {
		return slices.Contains(others, kind)
	})
}

// randomCluster draws the cluster's size, its silences, and what its workers' target does.
func randomCluster(s *Stage) {
	s.Shape.Datacenters = check.Draw(s.Run, "datacenters", 2, 1, 3)
	s.Shape.Workers = check.Draw(s.Run, "workers of each", 2, 1, 3)
	s.Shape.Clients = check.Draw(s.Run, "clients", 1, 2, 3)
	s.Shape.Cores = check.Draw(s.Run, "cores of each", uint32(2), 1, 4)
	if check.Draw(s.Run, "silences are short", true, false) {
		s.Shape.Manager = after(s.Shape.Manager, hasty)
		s.Shape.Worker = afterWorker(s.Shape.Worker, hastyWorker)
	}
	script := &s.Shape.Script
	const ms = time.Millisecond
	script.Latency = check.Draw(s.Run, "latency", 0, ms, 50*ms, 500*ms)
	script.Tail = check.Draw(s.Run, "tail", 0, ms, 200*ms)
	script.Failed = check.Draw(s.Run, "failures in 10,000", uint32(0), 10, 1000)
	script.Unknown = check.Draw(s.Run, "without an answer in 10,000", uint32(0), 10, 1000)
	if stall := check.Draw(s.Run, "stall", 0, 300*time.Millisecond, 3*time.Second); stall > 0 {
		script.Stalls = []load.Stall{{From: 500 * time.Millisecond, For: stall}}
	}
}

type managerChange = func(s *Stage, dc int, c *manager.Config)

func after(first, then managerChange) managerChange {
	return func(s *Stage, dc int, c *manager.Config) {
		first(s, dc, c)
		then(s, dc, c)
	}
}

type workerChange = func(s *Stage, c *worker.Config)

func afterWorker(first, then workerChange) workerChange {
	return func(s *Stage, c *worker.Config) {
		first(s, c)
		then(s, c)
	}
}

// anyoneButTheGate lets managers crash and be stopped, too: no job outlives its gate.
func anyoneButTheGate(f *sim.Faults) {
	var managers []string
	for _, name := range f.Nodes[sim.FaultStop] {
		datacenter := strings.TrimRight(strings.TrimPrefix(name, "w-"), "0123456789")
		managers = append(managers, "m-"+datacenter)
	}
	managers = slices.Compact(managers)
	for _, kind := range []sim.FaultKind{sim.FaultCrash, sim.FaultStop} {
		f.Nodes[kind] = slices.Concat(f.Nodes[kind], managers)
	}
}

// pressed has something press on some of the managers.
func pressed(s *Stage, dc int, c *manager.Config) {
	if check.Draw(s.Run, "pressure on "+managerName(dc), false, false, true) {
		c.ExtraFill = s.pressure("pressure on "+managerName(dc), 12)
	}
}

// lateComer boots one more worker, in some runs, while jobs run and wait.
func (s *Stage) lateComer() {
	comes := check.Draw(s.Run, "a worker more comes after", 0, 2*time.Second, 5*time.Second)
	if comes == 0 {
		return
	}
	s.World.After(comes, "late worker", func() {
		s.Host.Boot(lateWorkerName, func(env core.Env) {
			s.runWorkerAs(env, 0, lateWorkerName, lateWorkerName)
		})
	})
}
