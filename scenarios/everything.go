package scenarios

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

// everything is a random cluster with random jobs, all faults of the simulator and all invariants.
func everything() *Scenario {
	return &Scenario{
		ID: "everything", Family: "chaos",
		Line:   "random jobs of several clients on a random cluster, under every fault",
		Shape:  Shape{Datacenters: 2, Workers: 2, Clients: 2},
		Faults: sim.EveryFault(),
		Body: func(s *Stage) {
			for i := range s.Shape.Clients {
				s.Client(i, func(env core.Env, c *client.Client) { s.randomJobs(env, c, i) })
			}
		},
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
		s.readStatus(env, c, session.Job(), check.Draw(s.Run, label+" reads every", time.Second, 70*time.Millisecond))
		s.await(env, session, 2*time.Minute)
		s.sleep(env, check.Draw(s.Run, label+" pause", 0, time.Second))
	}
	s.afterwards(env)
}
