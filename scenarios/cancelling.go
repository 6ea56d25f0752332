package scenarios

import (
	"context"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/gate"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

const cancelFamily = "cancellation against completion, retry, dispatch"

// cancelling are the scenarios of jobs that their client ends.
func cancelling() []*Scenario {
	return []*Scenario{
		cancelRunning(), cancelAtAnyMoment(), cancelQueued(), cancelDispatching(), cancelAgainstSuccessor(),
		cancelStorm(), cancelCutOff(), cancelThenAgain(), cancelDependents(),
	}
}

// end asks for a job's end, for as long as it takes to know.
func (s *Stage) end(env core.Env, c *client.Client, job string) {
	if _, err := s.cancel(env, c, job, "by the script"); err != nil {
		env.Log().Info("not cancelled", "job", job, "error", err)
	}
}

// cancelAfter submits a job, cancels it after a while, and waits for its end.
func (s *Stage) cancelAfter(env core.Env, c *client.Client, spec protocol.JobSpec, after time.Duration) {
	session, err := s.submit(env, c, spec)
	if err != nil {
		env.Log().Info("not submitted", "job", spec.Name, "error", err)
		return
	}
	s.sleep(env, after)
	s.end(env, c, session.Job())
	s.await(env, session, longEnough)
}

func cancelRunning() *Scenario {
	return &Scenario{
		ID: "cancel-running", Family: cancelFamily,
		Line: "a job is cancelled in the middle of its load, which stops within two heartbeats; " +
			"what was measured is kept",
		Shape:      Shape{Datacenters: 2, Workers: 2, Clients: 1, Cores: 2},
		Invariants: []string{endsOneWay, straysNot, conserves, staysTerminal, leavesNothing},
		Sometimes:  []string{"a cancel was accepted", "a job was CANCELLED"},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				s.cancelAfter(env, c, s.job("j", 60, 10*time.Second), 2*time.Second)
				s.afterwards(env)
			})
		},
	}
}

// cancelAtAnyMoment has the cancel meet each step of a short job, its last ones above all.
func cancelAtAnyMoment() *Scenario {
	return &Scenario{
		ID: "cancel-against-completion", Family: cancelFamily,
		Line: "a cancel and the completion of a job meet: one of them is first, and everybody agrees on " +
			"which",
		Shape: Shape{
			Datacenters: 2, Workers: 1, Clients: 2, Cores: 2,
			Client: func(c *client.Config) { c.CallTimeout = 500 * time.Millisecond },
		},
		Faults:     []sim.FaultKind{sim.FaultSlowLink, sim.FaultHold, sim.FaultSlowCPU},
		FaultsFrom: time.Second, FaultsUntil: 5 * time.Second,
		Invariants: []string{endsOneWay, staysTerminal, aggregatesOnce, conserves},
		Sometimes: []string{
			"a cancel was accepted", "a cancel came too late", "a job was CANCELLED", "a job was COMPLETED",
		},
		Body: func(s *Stage) {
			for i := range s.Shape.Clients {
				s.Client(i, func(env core.Env, c *client.Client) {
					for n := range 3 {
						label := clientName(i) + " cancels job " + number(n) + " after"
						after := check.Draw(s.Run, label, 1000, 0, 5, 200, 1050, 1100, 1200, 1300)
						spec := s.job("j-"+number(i)+"-"+number(n), 40, time.Second)
						spec.Workflows[0].Cores = 1
						s.cancelAfter(env, c, spec, time.Duration(after)*time.Millisecond)
					}
					s.afterwards(env)
				})
			}
		},
	}
}

func cancelQueued() *Scenario {
	return &Scenario{
		ID: "cancel-queued", Family: cancelFamily,
		Line:       "jobs that wait in the queue are cancelled, and those behind them move up",
		Shape:      Shape{Datacenters: 1, Workers: 2, Clients: 1, Cores: 1},
		Invariants: []string{endsOneWay, startsInTurn, straysNot, leavesNothing, lives},
		Sometimes:  []string{"a job was QUEUED", "a cancel was accepted", "a start waited for its turn"},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				group := core.NewGroup(env, env.Context())
				for n := range 5 {
					spec := s.job("j-"+number(n), 20, 2*time.Second)
					spec.Deadline = 30 * time.Second
					group.Go(spec.Name, func(context.Context) error {
						if n%2 == 1 {
							s.cancelAfter(env, c, spec, time.Duration(n)*time.Second)
							return nil
						}
						s.together(env, c, []protocol.JobSpec{spec})
						return nil
					})
				}
				_ = group.Wait()
				s.afterwards(env)
			})
		},
	}
}

func cancelDispatching() *Scenario {
	return &Scenario{
		ID: "cancel-dispatching", Family: cancelFamily,
		Line: "a job is cancelled while its datacenters are being asked, and none of its cores " +
			"stay taken",
		Shape:      Shape{Datacenters: 3, Workers: 1, Clients: 1, Cores: 2},
		Faults:     []sim.FaultKind{sim.FaultSlowLink, sim.FaultHold, sim.FaultCut, sim.FaultReset},
		FaultsFrom: 300 * time.Millisecond, FaultsUntil: 6 * time.Second,
		Aim: func(f *sim.Faults) {
			befall(f, managerName(0), managerName(1), managerName(2))
			f.Intensity = 4
		},
		Invariants: []string{endsOneWay, keepsCapacity, straysNot, leavesNothing, lives},
		Sometimes: []string{
			"a job was cancelled before it ran", "a job was CANCELLED", "a job was COMPLETED",
		},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				for n := range 4 {
					after := check.Draw(s.Run, "cancel "+number(n)+" after", 0, 1, 2, 4, 20, 500)
					s.cancelAfter(env, c, s.job("j-"+number(n), 30, time.Minute),
						time.Duration(after)*time.Millisecond)
				}
				s.together(env, c, []protocol.JobSpec{s.job("last", 30, time.Second)})
				s.sleep(env, learnWithin) // what still runs then is stray
				s.afterwards(env)
			})
		},
	}
}

// cancelAgainstSuccessor has the cancel meet a worker's death and what follows from it.
func cancelAgainstSuccessor() *Scenario {
	return &Scenario{
		ID: "cancel-against-successor", Family: cancelFamily,
		Line: "a job is cancelled while the load of a dead worker is on its way to another, " +
			"and nothing starts after it",
		Shape: Shape{
			Datacenters: 1, Workers: 3, Clients: 1, Cores: 2, Manager: hasty, Worker: hastyWorker,
		},
		Faults:     []sim.FaultKind{sim.FaultCrash, sim.FaultCrashForGood},
		FaultsFrom: 700 * time.Millisecond, FaultsUntil: 5 * time.Second,
		Invariants: []string{endsOneWay, straysNot, conserves, keepsCapacity},
		Sometimes:  []string{"a successor was opened", "a cancel was accepted", "a stream was closed"},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				after := check.Draw(s.Run, "cancel after", 4000, 2500, 3200, 3700, 4500, 6000)
				spec := s.job("j", 20, time.Minute)
				spec.LostWorkers = check.Draw(s.Run, "policy", protocol.LostRedispatch, protocol.LostFail)
				s.cancelAfter(env, c, spec, time.Duration(after)*time.Millisecond)
				s.sleep(env, learnWithin) // what still runs then is stray
				s.afterwards(env)
			})
		},
	}
}

func cancelStorm() *Scenario {
	return &Scenario{
		ID: "cancel-storm", Family: cancelFamily,
		Line:       "several clients cancel one job, again and again, over connections that break",
		Shape:      Shape{Datacenters: 1, Workers: 2, Clients: 3, Cores: 2, Client: impatient},
		Faults:     []sim.FaultKind{sim.FaultCut, sim.FaultHalfOpen, sim.FaultHold},
		FaultsFrom: time.Second, FaultsUntil: 6 * time.Second,
		Aim:        func(f *sim.Faults) { befall(f, gateName, clientName(0), clientName(1), clientName(2)) },
		Invariants: []string{endsOneWay, staysTerminal, keepsKeys},
		Sometimes:  []string{"a cancel was accepted", "a cancel came twice", "a job was CANCELLED"},
		Body: func(s *Stage) {
			for i := range s.Shape.Clients {
				s.Client(i, func(env core.Env, c *client.Client) {
					spec := s.job("j", 20, 5*time.Second)
					job, err := s.register(env, c, spec)
					if err != nil {
						env.Log().Info("not submitted", "error", err)
						return
					}
					session := c.Follow(job)
					for range 3 {
						wait := check.Draw(s.Run, clientName(i)+" waits", 400*time.Millisecond, time.Second)
						s.sleep(env, wait)
						s.end(env, c, job.Job)
					}
					s.await(env, session, longEnough)
					s.afterwards(env)
				})
			}
		},
	}
}

func cancelCutOff() *Scenario {
	return &Scenario{
		ID: "cancel-cut-off", Family: cancelFamily,
		Line: "a job is cancelled while one of its datacenters is cut off: it ends without waiting for " +
			"ever, " +
			"and what comes later is told",
		Shape: Shape{
			Datacenters: 2, Workers: 1, Clients: 1, Cores: 2,
			Gate: func(c *gate.Config) { c.CancelWait, c.Retention = 2*time.Second, 12*time.Second },
		},
		Faults:     []sim.FaultKind{sim.FaultPartition, sim.FaultPartitionPartial, sim.FaultPartitionOneWay},
		FaultsFrom: time.Second, FaultsUntil: 22 * time.Second,
		Aim: func(f *sim.Faults) {
			befall(f, managerName(1))
			f.Intensity = 2
		},
		Invariants: []string{endsOneWay, conserves, staysTerminal, lives},
		Sometimes:  []string{"a cancel was accepted", "a job was CANCELLED", "a result was revised"},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				s.cancelAfter(env, c, s.job("j", 20, 12*time.Second), 4*time.Second)
				s.sleep(env, 20*time.Second)
				s.afterwards(env)
			})
		},
	}
}

// cancelThenAgain starts the next run at once, while stragglers of the first are still about.
func cancelThenAgain() *Scenario {
	return &Scenario{
		ID: "cancel-then-again", Family: cancelFamily,
		Line:       "a run is stopped and started again at once: stragglers of the first count for the first",
		Shape:      Shape{Datacenters: 2, Workers: 2, Clients: 1, Cores: 2, Gate: hurried},
		Faults:     []sim.FaultKind{sim.FaultSlowLink, sim.FaultHold, sim.FaultSlowCPU},
		FaultsFrom: time.Second, FaultsUntil: 8 * time.Second,
		Invariants: []string{endsOneWay, appliesOnce, conserves, straysNot, keepsCapacity},
		Sometimes: []string{
			"a start waited for room", "a job was CANCELLED", "a job was COMPLETED",
		},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				first := s.job("j-1", 60, 10*time.Second)
				first.Workflows[0].Cores = 4
				session, err := s.submit(env, c, first)
				if err != nil {
					env.Log().Info("not submitted", "error", err)
					return
				}
				s.sleep(env, 2*time.Second)
				s.end(env, c, session.Job())
				second := s.job("j-2", 60, 2*time.Second)
				second.Workflows[0].Cores = 4
				s.together(env, c, []protocol.JobSpec{second})
				s.await(env, session, longEnough)
				s.afterwards(env)
			})
		},
	}
}

func cancelDependents() *Scenario {
	return &Scenario{
		ID: "cancel-dependents", Family: cancelFamily,
		Line:       "a job of several workflows is cancelled: those that wait for others never start",
		Shape:      Shape{Datacenters: 2, Workers: 1, Clients: 1, Cores: 2},
		Invariants: []string{endsOneWay, startsAfter, straysNot, conserves},
		Sometimes:  []string{"a workflow was CANCELLED", "a workflow was COMPLETED", "a job was CANCELLED"},
		Body: func(s *Stage) {
			s.Client(0, func(env core.Env, c *client.Client) {
				for n := range 3 {
					after := check.Draw(s.Run, "cancel "+number(n)+" after", 1000, 300, 1200, 1300, 2500)
					s.cancelAfter(env, c, s.chain("j-"+number(n), 3), time.Duration(after)*time.Millisecond)
				}
				s.afterwards(env)
			})
		},
	}
}

// hurried has a gate end a cancelled job before all that it measured may be in.
func hurried(c *gate.Config) { c.CancelWait = 1200 * time.Millisecond }

// impatient makes clients ask again soon.
func impatient(c *client.Config) {
	c.CallTimeout, c.RetryMost = 300*time.Millisecond, 200*time.Millisecond
}
