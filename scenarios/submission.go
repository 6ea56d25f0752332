package scenarios

import (
	"context"
	"errors"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/gate"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

// submission are the scenarios of jobs on their way into the gate and out to the managers.
func submission() []*Scenario { return []*Scenario{sameKey(), dispatchAgain(), moreThanFits()} }

// sameKey is a storm of retries: every answer that is late or lost is another try.
func sameKey() *Scenario {
	return &Scenario{
		ID: "same-key", Family: "idempotent submission and retry storms",
		Line: "two clients submit one key ten times at once, and with another payload, over bad connections",
		Shape: Shape{
			Datacenters: 1, Workers: 2, Clients: 2, Cores: 4,
			Gate: func(c *gate.Config) { c.KeyMemory = 20 * time.Second }, // longer than a job is kept
			Client: func(c *client.Config) {
				c.CallTimeout, c.RetryMost = 300*time.Millisecond, 200*time.Millisecond
			},
		},
		Faults: []sim.FaultKind{
			sim.FaultCut, sim.FaultReset, sim.FaultSlowLink, sim.FaultHold, sim.FaultHalfOpen,
		},
		FaultsFrom: 400 * time.Millisecond, FaultsUntil: 4 * time.Second,
		Aim:        func(f *sim.Faults) { befall(f, gateName, clientName(0), clientName(1)) },
		Invariants: []string{keepsKeys, keepsCapacity, leavesNothing},
		Sometimes: []string{
			"a key was known", "another payload was refused", "the key of a forgotten job was known",
		},
		Body: func(s *Stage) {
			for i := range s.Shape.Clients {
				s.Client(i, func(env core.Env, c *client.Client) {
					storm := core.NewGroup(env, env.Context())
					for n := range 5 {
						storm.Go("same/"+number(n), func(context.Context) error {
							s.submitOnce(env, c, s.job("j", 20, time.Second))
							return nil
						})
					}
					storm.Go("other", func(context.Context) error {
						s.submitOnce(env, c, s.job("j", 21, time.Second))
						return nil
					})
					_ = storm.Wait()
					// After 6 s the job is forgotten and its key is not; after 30 s both are.
					after := check.Draw(s.Run, clientName(i)+" asks again after",
						0, 6*time.Second, 30*time.Second)
					if s.sleep(env, after); after > 0 {
						s.submitOnce(env, c, s.job("j", 20, time.Second))
					}
					s.afterwards(env)
				})
			}
		},
	}
}

// submitOnce submits and, if the job is taken, waits for its end.
func (s *Stage) submitOnce(env core.Env, c *client.Client, spec protocol.JobSpec) {
	job, err := s.register(env, c, spec)
	if errors.Is(err, rpc.Conflict) {
		s.Run.Reached("another payload was refused")
	}
	if errors.Is(err, rpc.NotFound) {
		s.Run.Reached("the key of a forgotten job was known")
	}
	if err != nil {
		env.Log().Info("not submitted", "error", err)
		return
	}
	s.await(env, c.Follow(job), longEnough)
}

// dispatchAgain has the gate ask again soon, and often while an earlier answer is on its way.
func dispatchAgain() *Scenario {
	return &Scenario{
		ID: "dispatch-again", Family: "dispatch and retry",
		Line: "answers to dispatches are lost or late, and managers that are asked again " +
			"allocate and run nothing twice",
		Shape: Shape{
			Datacenters: 2, Workers: 2, Clients: 1, Cores: 4,
			Gate: func(c *gate.Config) { c.DispatchTimeout, c.DispatchTries = 100*time.Millisecond, 50 },
		},
		Faults: []sim.FaultKind{
			sim.FaultSlowLink, sim.FaultHold, sim.FaultCut, sim.FaultReset, sim.FaultPause,
		},
		FaultsFrom: 300 * time.Millisecond, FaultsUntil: 4 * time.Second,
		Aim: func(f *sim.Faults) {
			befall(f, managerName(0), managerName(1))
			f.Intensity = 4
		},
		Invariants: []string{keepsCapacity, straysNot, conserves, lives},
		Sometimes:  []string{"a job was COMPLETED"},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				for n := range 3 {
					s.together(env, c, []protocol.JobSpec{
						s.job("j-"+number(n)+"-1", 20, 300*time.Millisecond),
						s.job("j-"+number(n)+"-2", 20, 500*time.Millisecond),
					})
				}
				s.afterwards(env)
			})
		},
	}
}

// moreThanFits has jobs wait for each other's cores.
func moreThanFits() *Scenario {
	return &Scenario{
		ID: "more-than-fits", Family: "capacity and core allocation",
		Line:       "there are more jobs than cores: they wait their turn, and no core is given away twice",
		Shape:      Shape{Datacenters: 2, Workers: 2, Clients: 3, Cores: 2},
		Invariants: []string{keepsCapacity, straysNot, conserves, leavesNothing},
		Sometimes:  []string{"a job was QUEUED", "a job was COMPLETED"},
		Body: func(s *Stage) {
			for i := range s.Shape.Clients {
				s.Client(i, func(env core.Env, c *client.Client) {
					specs := []protocol.JobSpec{
						s.job("j-"+number(i)+"-1", 30, time.Second),
						s.job("j-"+number(i)+"-2", 20, 2*time.Second),
					}
					specs[0].Workflows[0].Cores = 3
					specs[1].Workflows[0].Cores = uint32(1 + i)
					for n := range specs {
						specs[n].Deadline = 40 * time.Second
					}
					s.together(env, c, specs)
					s.afterwards(env)
				})
			}
		},
	}
}
