package scenarios

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/gate"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

const followFamily = "status and replay"

// pushing are the scenarios of pushes on their way to clients.
func pushing() []*Scenario { return []*Scenario{brokenConnections(), clientDies(), clientResumes()} }

// brokenConnections has a short replay log too, so that a client that was away for long is told of a gap.
func brokenConnections() *Scenario {
	return &Scenario{
		ID: "broken-connections", Family: followFamily,
		Line: "connections to clients break with lost tails, and each resumes after the last push it saw",
		Shape: Shape{
			Datacenters: 2, Workers: 1, Clients: 2, Cores: 4,
			Gate: func(c *gate.Config) {
				c.PushInterval, c.PushTimeout, c.ReplayLog = 50*time.Millisecond, 500*time.Millisecond, 16
			},
			Client: func(c *client.Config) { c.Silence, c.CallTimeout = time.Second, time.Second },
		},
		Faults: []sim.FaultKind{
			sim.FaultCut, sim.FaultHalfOpen, sim.FaultReset, sim.FaultHold, sim.FaultSlowLink,
			sim.FaultPartitionPartial,
		},
		FaultsFrom: time.Second, FaultsUntil: 9 * time.Second,
		Aim:        func(f *sim.Faults) { befall(f, clientName(0), clientName(1)) },
		Invariants: []string{keepsOrder, logsForAll, conserves, staysTerminal},
		Sometimes:  []string{"a push came twice", "a gap was announced", "a job was COMPLETED"},
		Body: func(s *Stage) {
			for i := range s.Shape.Clients {
				s.Client(i, func(env core.Env, c *client.Client) {
					spec := s.job("j", 30, 6*time.Second) // both clients follow one job
					spec.Windows = smallWindows()
					session, err := s.submit(env, c, spec)
					if err != nil {
						env.Log().Info("not submitted", "error", err)
						return
					}
					s.subscribe(session, "gaps", client.Callbacks{Gap: func(protocol.Gap) {
						s.Run.Reached("a gap was announced")
					}})
					s.await(env, session, longEnough)
					s.afterwards(env)
				})
			}
		},
	}
}

// clientDies has clients crash with all that they know; a key is all that the next one needs.
func clientDies() *Scenario {
	return &Scenario{
		ID: "client-dies", Family: followFamily,
		Line:   "a client crashes in the middle of its job, and another takes the job over by its key",
		Shape:  Shape{Datacenters: 2, Workers: 1, Clients: 3, Cores: 4},
		Faults: []sim.FaultKind{sim.FaultCrash, sim.FaultCrashForGood, sim.FaultSlowLink},
		// Crashes come while the job runs, on every client but the last.
		FaultsFrom: 300 * time.Millisecond, FaultsUntil: 5 * time.Second,
		Aim:        func(f *sim.Faults) { befall(f, clientName(0), clientName(1)) },
		Invariants: []string{keepsKeys, keepsOrder, conserves, leavesNothing},
		Sometimes:  []string{"a key was known", "a job was taken over", "a job was COMPLETED"},
		Body: func(s *Stage) {
			submitted := false
			for i := range s.Shape.Clients {
				s.Client(i, func(env core.Env, c *client.Client) {
					s.sleep(env, time.Duration(i)*700*time.Millisecond)
					session, err := s.submit(env, c, s.job("j", 30, 3*time.Second))
					if err != nil {
						env.Log().Info("not submitted", "error", err)
						return
					}
					if i > 0 && submitted {
						s.Run.Reached("a job was taken over")
					}
					submitted = true
					s.await(env, session, longEnough)
					s.afterwards(env)
				})
			}
		},
	}
}

// clientResumes has a second client go on with what a first one followed, from any number.
func clientResumes() *Scenario {
	return &Scenario{
		ID: "client-resumes", Family: "status and replay",
		Line: "a second client follows a running job from some number on: it gets what comes after that, " +
			"and nothing from before",
		Shape: Shape{
			Datacenters: 1, Workers: 2, Clients: 2, Cores: 2,
			Gate: func(c *gate.Config) { c.PushInterval = 50 * time.Millisecond },
		},
		Faults:     []sim.FaultKind{sim.FaultSlowLink, sim.FaultHold},
		FaultsFrom: 600 * time.Millisecond, FaultsUntil: 4 * time.Second,
		Aim:        func(f *sim.Faults) { befall(f, clientName(0), clientName(1)) },
		Invariants: []string{keepsOrder, lives, staysTerminal},
		Sometimes:  []string{"a session began in the middle", "a job was COMPLETED"},
		Body: func(s *Stage) {
			var first *client.Session
			s.Client(0, func(env core.Env, c *client.Client) {
				spec := s.job("j", 30, 4*time.Second)
				spec.Windows = smallWindows()
				session, err := s.submit(env, c, spec)
				if err != nil {
					s.Run.Errorf("not submitted: %v", err)
					return
				}
				first = session
				s.await(env, session, longEnough)
				s.afterwards(env)
			})
			s.Client(1, func(env core.Env, c *client.Client) {
				s.sleep(env, check.Draw(s.Run, "attaches after", time.Second, 2*time.Second,
					3500*time.Millisecond))
				if first == nil {
					return // its submission is held up
				}
				has := first.Books().Pushes
				session := s.attach(c, first.Job(), check.Draw(s.Run, "from", has, has/2, 0))
				s.awaitAny(env, session)
				s.afterwards(env)
			})
		},
	}
}
