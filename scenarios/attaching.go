package scenarios

import (
	"context"
	"errors"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/gate"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

// attaching are the scenarios of jobs that are followed from elsewhere, or by nobody.
func attaching() []*Scenario {
	return []*Scenario{resumesAfterTheLast(), joinsInTheMiddle(), twoPlaces(), submitsAndLeaves()}
}

// submitted waits for the id of a job that another client submits; empty when there is none.
func (s *Stage) submitted(env core.Env, job *string) string {
	for *job == "" && env.Now() < core.Instant(longEnough) {
		s.sleep(env, 50*time.Millisecond)
	}
	return *job
}

// followedFrom submits a job for others to find, and waits for its end.
func (s *Stage) followedFrom(spec protocol.JobSpec, id *string) {
	s.Client(0, func(env core.Env, c *client.Client) {
		session, err := s.submit(env, c, spec)
		if err != nil {
			s.Run.Errorf("submit: %v", err)
			return
		}
		*id = session.Job()
		s.await(env, session, longEnough)
		s.afterwards(env)
	})
}

// resumesAfterTheLast has a client that writes down what it saw, dies, and goes on from there as another
// process.
func resumesAfterTheLast() *Scenario {
	return &Scenario{
		ID: "resumes-after-the-last", Family: followFamily,
		Line: "a client dies, and another process takes the job up from the last push that it saw: " +
			"it gets every later one, or is told of the gap",
		Shape: Shape{
			Datacenters: 2, Workers: 1, Clients: 2, Cores: 2,
			Gate: func(c *gate.Config) {
				c.PushInterval, c.PushTimeout, c.ReplayLog = 50*time.Millisecond, 500*time.Millisecond, 24
			},
			Client: func(c *client.Config) { c.Silence, c.CallTimeout = time.Second, time.Second },
		},
		Faults:     []sim.FaultKind{sim.FaultSlowLink, sim.FaultHold, sim.FaultCut},
		FaultsFrom: time.Second, FaultsUntil: 6 * time.Second,
		Aim:        func(f *sim.Faults) { befall(f, clientName(0), clientName(1)) },
		Invariants: []string{keepsOrder, logsForAll, conserves, staysTerminal, lives},
		Sometimes: []string{
			"a session began in the middle", "a gap was announced", "a job was COMPLETED",
		},
		Body: func(s *Stage) {
			var id string
			seen := uint64(0)
			s.World.Observe(func(o check.Observation) {
				if f, ok := o.Event.(fact.PushIn); ok && o.Node == clientName(0) && !f.Skipped {
					seen = max(seen, f.Number)
				}
			})
			spec := s.job("j", 30, 5*time.Second)
			spec.Windows = smallWindows()
			s.followedFrom(spec, &id)
			s.Client(1, func(env core.Env, c *client.Client) {
				job := s.submitted(env, &id)
				s.sleep(env, check.Draw(s.Run, "the first dies after", time.Second, 2*time.Second,
					100*time.Millisecond))
				s.World.Node(clientName(0)).Crash()
				s.sleep(env, check.Draw(s.Run, "the next is there after", 0, time.Second, 3*time.Second))
				session := s.attach(c, job, seen)
				s.subscribe(session, "gaps", client.Callbacks{Gap: func(protocol.Gap) {
					s.Run.Reached("a gap was announced")
				}})
				s.await(env, session, longEnough)
				s.afterwards(env)
			})
		},
	}
}

func joinsInTheMiddle() *Scenario {
	return &Scenario{
		ID: "joins-in-the-middle", Family: followFamily,
		Line: "a second client attaches to a running job by its id: it comes to the same books, or to " +
			"all that came after a push",
		Shape:      Shape{Datacenters: 2, Workers: 1, Clients: 3, Cores: 2},
		Invariants: []string{keepsOrder, conserves, aggregatesOnce},
		Sometimes: []string{
			"a session began in the middle", "a client joined after the end", "a job was COMPLETED",
		},
		Body: func(s *Stage) {
			var id string
			spec := s.job("j", 30, 3*time.Second)
			s.followedFrom(spec, &id)
			s.Client(1, func(env core.Env, c *client.Client) {
				job := s.submitted(env, &id)
				s.sleep(env, check.Draw(s.Run, "it joins after", time.Second, 4200*time.Millisecond, 0))
				if s.Truth.ended(job) {
					s.Run.Reached("a client joined after the end")
				}
				session := s.attach(c, job, 0)
				s.witness(session, spec)
				s.await(env, session, longEnough)
			})
			s.Client(2, func(env core.Env, c *client.Client) {
				job := s.submitted(env, &id)
				s.sleep(env, time.Second)
				s.await(env, s.attach(c, job, check.Draw(s.Run, "from number", uint64(1), 3)), longEnough)
			})
		},
	}
}

func twoPlaces() *Scenario {
	return &Scenario{
		ID: "two-places", Family: followFamily,
		Line: "a job is followed from several places, and one of them is slow, stops, or is gone: " +
			"the others get everything in time",
		Shape: Shape{
			Datacenters: 2, Workers: 1, Clients: 3, Cores: 2,
			Gate: func(c *gate.Config) {
				c.PushInterval, c.PushTimeout, c.ReplayLog = 50*time.Millisecond, 500*time.Millisecond, 16
			},
			Client: func(c *client.Config) {
				c.Silence, c.CallTimeout, c.Queue = time.Second, time.Second, 4
			},
		},
		Faults: []sim.FaultKind{
			sim.FaultPause, sim.FaultSlowCPU, sim.FaultNarrowLink, sim.FaultPartition, sim.FaultCrashForGood,
		},
		FaultsFrom: time.Second, FaultsUntil: 7 * time.Second,
		Aim:        func(f *sim.Faults) { befall(f, clientName(2)) },
		Invariants: []string{keepsOrder, isolates, conserves, lives},
		Sometimes: []string{
			"a gap was announced", "a stuck subscription's pushes were dropped", "a job was COMPLETED",
		},
		Body: func(s *Stage) {
			var id string
			spec := s.job("j", 30, 5*time.Second)
			spec.Windows = smallWindows()
			s.followedFrom(spec, &id)
			for i := 1; i < s.Shape.Clients; i++ {
				s.Client(i, func(env core.Env, c *client.Client) {
					session := s.attach(c, s.submitted(env, &id), 0)
					s.witness(session, spec)
					takes := check.Draw(s.Run, clientName(i)+" takes", 0, 300*time.Millisecond)
					s.subscribe(session, "slow", client.Callbacks{
						Windows: func([]stats.Window) { s.sleep(env, takes) },
						Gap:     func(protocol.Gap) { s.Run.Reached("a gap was announced") },
					})
					s.awaitAny(env, session)
				})
			}
		},
	}
}

// submitsAndLeaves has nobody follow a job. Another client only asks how it is.
func submitsAndLeaves() *Scenario {
	return &Scenario{
		ID: "submits-and-leaves", Family: "idempotent submission and retry storms",
		Line: "a client sends one submission ten times at once, again and again, and is gone: " +
			"the job runs once, ends, and is forgotten, though nobody follows it",
		Shape:      Shape{Datacenters: 2, Workers: 1, Clients: 2, Cores: 2, Client: impatient},
		Faults:     []sim.FaultKind{sim.FaultCut, sim.FaultReset, sim.FaultHalfOpen, sim.FaultHold},
		FaultsFrom: 20 * time.Millisecond, FaultsUntil: 1500 * time.Millisecond, // while it submits
		Aim:        func(f *sim.Faults) { befall(f, clientName(0)) },
		Invariants: []string{keepsKeys, registersOnce, leavesNothing, lives, keepsCapacity},
		Sometimes: []string{
			"a key was known", "a job was COMPLETED", "a job was forgotten that nobody followed",
		},
		Body: func(s *Stage) {
			var id string
			s.Client(0, func(env core.Env, c *client.Client) {
				storm := core.NewGroup(env, env.Context())
				for n := range 10 {
					storm.Go("same/"+number(n), func(context.Context) error {
						for env.Now() < core.Instant(1200*time.Millisecond) {
							if job, err := s.register(env, c, s.job("j", 20, time.Second)); err == nil {
								id = job.Job
							}
							s.sleep(env, 100*time.Millisecond)
						}
						return nil
					})
				}
				_ = storm.Wait()
				s.World.Node(clientName(0)).Crash()
			})
			s.Client(1, func(env core.Env, c *client.Client) {
				for job := s.submitted(env, &id); env.Now() < core.Instant(longEnough); {
					if _, err := s.status(env, c, job); errors.Is(err, rpc.NotFound) {
						s.Run.Reached("a job was forgotten that nobody followed")
						break
					}
					s.sleep(env, 500*time.Millisecond)
				}
				s.afterwards(env)
			})
		},
	}
}
