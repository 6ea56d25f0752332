package scenarios

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/manager"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

// everything is a random cluster with random jobs, all faults of the simulator and all invariants.
func everything() *Scenario {
	return &Scenario{
		ID: "everything", Family: "chaos",
		Line:   "random jobs of several clients on a random cluster, under every fault",
		Shape:  Shape{Datacenters: 2, Workers: 2, Clients: 2, Manager: pressed},
		Vary:   randomCluster,
		Faults: sim.EveryFault(),
		Sometimes: []string{
			"a job was COMPLETED", "a job was PARTIAL", "a job was TIMEOUT", "a stream was closed",
			"an entry was late",
			"an entry came twice", "a push came twice", "the level rose to REJECT", "a result was revised",
		},
		Body: func(s *Stage) {
			for i := range s.Shape.Clients {
				s.Client(i, func(env core.Env, c *client.Client) { s.randomJobs(env, c, i) })
			}
		},
	}
}

// randomCluster draws the cluster's size and what its workers' target does.
func randomCluster(s *Stage) {
	s.Shape.Datacenters = check.Draw(s.Run, "datacenters", 2, 1, 3)
	s.Shape.Workers = check.Draw(s.Run, "workers of each", 2, 1, 3)
	s.Shape.Clients = check.Draw(s.Run, "clients", 1, 2)
	s.Shape.Cores = check.Draw(s.Run, "cores of each", uint32(2), 1, 4)
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

// pressed has something press on some of the managers.
func pressed(s *Stage, dc int, c *manager.Config) {
	if check.Draw(s.Run, "pressure on "+managerName(dc), false, false, true) {
		c.ExtraFill = s.pressure("pressure on "+managerName(dc), 12)
	}
}

// randomJobs submits a few jobs one after another and waits for each.
func (s *Stage) randomJobs(env core.Env, c *client.Client, i int) {
	jobs := check.Draw(s.Run, "jobs of "+clientName(i), 1, 2, 3)
	for n := range jobs {
		label := "client " + number(i) + " job " + number(n)
		rate := check.Draw(s.Run, label+" rate", uint64(50), 10, 200)
		duration := check.Draw(s.Run, label+" duration", 2*time.Second, time.Second, 5*time.Second)
		spec := s.job("j-"+number(i)+"-"+number(n), rate, duration)
		session, err := s.submit(env, c, spec)
		if err != nil {
			env.Log().Info("not submitted", "error", err)
			continue
		}
		if _, err := session.Subscribe("log", client.Callbacks{}); err != nil {
			s.Run.Errorf("subscribe: %v", err)
		}
		every := check.Draw(s.Run, label+" reads every", time.Second, 70*time.Millisecond)
		s.readStatus(env, c, session.Job(), every)
		s.await(env, session, 2*time.Minute)
		s.sleep(env, check.Draw(s.Run, label+" pause", 0, time.Second))
	}
	s.afterwards(env)
}
