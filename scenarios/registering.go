package scenarios

import (
	"errors"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

// registering are the scenarios of clients that ask about the same jobs.
func registering() []*Scenario { return []*Scenario{sameJobsAtOnce(), clientsGiveUp()} }

// sameJobsAtOnce has few keys, so that every operation meets those of the others.
func sameJobsAtOnce() *Scenario {
	return &Scenario{
		ID: "same-jobs-at-once", Family: "idempotent submission and retry storms",
		Line: "clients submit, cancel and ask for the same few jobs at the same time over bad links: " +
			"all answers make sense in one order",
		Shape: Shape{Datacenters: 1, Workers: 2, Clients: 4, Cores: 4, Client: impatient},
		Faults: []sim.FaultKind{
			sim.FaultCut, sim.FaultHalfOpen, sim.FaultHold, sim.FaultSlowLink, sim.FaultPause,
		},
		FaultsFrom: 400 * time.Millisecond, FaultsUntil: 6 * time.Second,
		Aim: func(f *sim.Faults) {
			befall(f, gateName, clientName(0), clientName(1), clientName(2), clientName(3))
		},
		Invariants: []string{registersOnce, keepsKeys, endsOneWay, staysTerminal},
		Sometimes: []string{
			"a key was known", "a cancel was accepted", "a cancel came too late", "a cancel came twice",
			"a job was CANCELLED", "a job was COMPLETED", "a forgotten job was asked for",
		},
		Body: atOnce,
	}
}

// clientsGiveUp has clients that do not wait for as long as their one call may take: only the gate knows what
// came of it.
func clientsGiveUp() *Scenario {
	return &Scenario{
		ID: "clients-give-up", Family: "idempotent submission and retry storms",
		Line: "clients submit and cancel the same few jobs and do not wait for the answers: what the gate " +
			"did all the same binds it, and nothing else happened",
		Shape: Shape{Datacenters: 1, Workers: 2, Clients: 3, Cores: 4, Client: func(c *client.Config) {
			c.CallTimeout, c.SubmitTries = 10*time.Millisecond, 1
		}},
		Faults:     []sim.FaultKind{sim.FaultSlowLink, sim.FaultHold, sim.FaultPause},
		FaultsFrom: 400 * time.Millisecond, FaultsUntil: 6 * time.Second,
		Aim:        func(f *sim.Faults) { befall(f, gateName, clientName(0), clientName(1), clientName(2)) },
		Invariants: []string{registersOnce, keepsKeys, endsOneWay, staysTerminal},
		Sometimes: []string{
			"what a client gave up happened", "what a client gave up never happened",
			"a job was CANCELLED", "a job was COMPLETED",
		},
		Body: atOnce,
	}
}

// atOnce has every client do something with one of two jobs, again and again.
func atOnce(s *Stage) {
	jobs := map[string]string{} // by key
	for i := range s.Shape.Clients {
		s.Client(i, func(env core.Env, c *client.Client) {
			for n := range 10 {
				label := clientName(i) + " operation " + number(n)
				key := check.Draw(s.Run, label+" on", "j-1", "j-2")
				what := check.Draw(s.Run, label, "status", "submit", "status", "cancel")
				s.operate(env, c, jobs, key, what)
				s.sleep(env, check.Draw(s.Run, label+" waits", 200*time.Millisecond, 0, 0,
					20*time.Millisecond, 2*time.Second))
			}
			s.afterwards(env)
		})
	}
}

// operate does one thing with the job of a key, which is submitted if nobody has.
func (s *Stage) operate(env core.Env, c *client.Client, jobs map[string]string, key, what string) {
	job, known := jobs[key]
	var err error
	switch {
	case !known || what == "submit":
		submitted, failed := s.register(env, c, s.job(key, 20, 1500*time.Millisecond))
		if err = failed; err == nil {
			jobs[key] = submitted.Job
		}
	case what == "cancel":
		_, err = s.cancel(env, c, job, "somebody wants it so")
	default:
		_, err = s.status(env, c, job)
	}
	if errors.Is(err, rpc.NotFound) {
		s.Run.Reached("a forgotten job was asked for")
	}
}
