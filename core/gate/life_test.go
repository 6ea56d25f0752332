package gate

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/simtest"
)

func (s *stage) cancel(job string) protocol.Cancelling {
	answer, err := ask[protocol.Cancelling](s, protocol.MethodCancel, &protocol.Cancel{Job: job})
	require.NoError(s.run, err)
	return answer
}

func (s *stage) status(job string) protocol.JobStatus {
	status, err := ask[protocol.JobStatus](s, protocol.MethodStatus, &protocol.StatusRequest{Job: job})
	require.NoError(s.run, err)
	return status
}

// beat keeps the datacenter there for so long.
func (s *stage) beat(d time.Duration) {
	for end := s.env.Now().Add(d); s.env.Now() < end; {
		_, _ = ask[protocol.GateHello](s, protocol.MethodManagerHeartbeat,
			&protocol.ManagerHeartbeat{Datacenter: "dc", Boot: 7, Cores: 4, Free: 4})
		s.sleep(500 * time.Millisecond)
	}
}

func TestACancelIsTheEndOfAJobThatHasNotEnded(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, nil, func(s *stage) {
			job := s.job().Job
			require.Equal(r, protocol.Cancelling{Accepted: true, State: protocol.JobRunning}, s.cancel(job))
			s.sleep(time.Second)
			require.Equal(r, protocol.JobCompleting, s.status(job).State)
			require.Equal(r, protocol.JobCancelled, s.ended[0].State)
			s.end(job, "wf") // it completed, after all: that is too late
			s.sleep(time.Second)
			require.Equal(r, protocol.JobCancelled, s.status(job).State)
			require.Contains(r, s.status(job).Message, "cancelled: by its client")
			require.True(r, s.cancel(job).Accepted)
			require.Len(r, s.ended, 1)
		})
	})
}

func TestACancelComesTooLateForAJobThatHasEnded(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, nil, func(s *stage) {
			job := s.job().Job
			s.end(job, "wf")
			s.sleep(time.Second)
			require.Equal(r, protocol.Cancelling{State: protocol.JobCompleted}, s.cancel(job))
			require.Equal(r, protocol.JobCompleted, s.status(job).State)
			_, err := ask[protocol.Cancelling](s, protocol.MethodCancel, &protocol.Cancel{Job: "no"})
			require.ErrorIs(r, err, rpc.NotFound)
			_, err = ask[protocol.Cancelling](s, protocol.MethodCancel,
				&protocol.Cancel{Job: job, Reason: strings.Repeat("x", mostReason+1)})
			require.ErrorIs(r, err, rpc.Invalid)
		})
	})
}

func TestACancelledJobWaitsForWhatWasMeasuredAndNotForEver(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, func(c *Config) { c.CancelWait = 3 * time.Second }, func(s *stage) {
			job := s.job().Job
			s.cancel(job)
			s.sleep(2500 * time.Millisecond)
			require.Equal(r, protocol.JobCompleting, s.status(job).State)
			s.sleep(time.Second)
			require.Equal(r, protocol.JobCancelled, s.status(job).State)
		})
	})
}

func TestAClosedAttemptHasOneSuccessor(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, nil, func(s *stage) {
			job := s.job().Job
			request := s.closeOf(job, "wf")
			next := func(worker string) (protocol.NextOpened, error) {
				return ask[protocol.NextOpened](s, protocol.MethodNextAttempt, &protocol.NextAttempt{
					Stream: request.Stream, Token: 1, Worker: worker, Incarnation: 3, Cores: 1,
				})
			}
			_, err := next("v")
			require.ErrorIs(r, err, rpc.Conflict, "it is not closed")
			closed, err := ask[protocol.StreamClosed](s, protocol.MethodStreamClose, request)
			require.NoError(r, err)
			require.True(r, closed.Next)
			require.InDelta(r, 2*time.Second, closed.Left, float64(300*time.Millisecond))
			first, err := next("v")
			require.NoError(r, err)
			require.EqualValues(r, 2, first.Attempt)
			require.InDelta(r, 3*time.Second-closed.Left, first.Elapsed, float64(300*time.Millisecond),
				"what was due before is not its")
			again, err := next("v")
			require.NoError(r, err)
			require.EqualValues(r, 2, again.Attempt)
			_, err = next("u")
			require.ErrorIs(r, err, rpc.Conflict, "another has it")
			// The first attempt's statement is no word of the second's.
			s.end(job, "wf")
			s.sleep(time.Second)
			require.Equal(r, protocol.JobRunning, s.status(job).State)
			require.Len(r, s.status(job).Degraded, 2)
		})
	})
}

// lost is what a job's result says of its lost attempts, once it has ended.
func (s *stage) lost(job string) []protocol.LostStream {
	s.cancel(job)
	s.end(job, "wf")
	s.sleep(time.Second)
	require.NotNil(s.run, s.final)
	return s.final.Lost
}

func TestACloseBoundsWhatItsWorkerMaySendUntilItHasStopped(t *testing.T) {
	for name, c := range map[string]struct {
		change   func(*protocol.CloseStream)
		atMost   uint64
		answered bool
	}{
		"it has":           {func(*protocol.CloseStream) {}, 12, false},
		"it may run on":    {func(c *protocol.CloseStream) { c.MayRun = time.Second }, 23, false},
		"it said so":       {func(c *protocol.CloseStream) { c.Stopped = true }, 0, true},
		"it did much more": {func(c *protocol.CloseStream) { c.MayRun = 1 << 62 }, 30, false},
	} {
		t.Run(name, func(t *testing.T) {
			simtest.CheckWith(t, few, func(r *check.Run) {
				play(r, nil, func(s *stage) {
					job := s.job().Job
					_, err := ask[protocol.Subscribed](s, protocol.MethodSubscribe,
						&protocol.Subscribe{Job: job})
					require.NoError(r, err)
					request := s.closeOf(job, "wf")
					c.change(request)
					_, err = ask[protocol.StreamClosed](s, protocol.MethodStreamClose, request)
					require.NoError(r, err)
					lost := s.lost(job)
					require.Len(r, lost, 1)
					require.Equal(r, c.answered, lost[0].Answered)
					require.InDelta(r, c.atMost, lost[0].AtMost, 4)
					require.Equal(r, "dead", lost[0].Why)
				})
			})
		})
	}
}

func TestAfterItsPlanAClosedAttemptHasNoSuccessor(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, nil, func(s *stage) {
			job := s.job().Job
			s.sleep(3 * time.Second)
			closed, err := ask[protocol.StreamClosed](s, protocol.MethodStreamClose, s.closeOf(job, "wf"))
			require.NoError(r, err)
			require.False(r, closed.Next)
		})
	})
}

func TestTheJobSaysWhatBecomesOfLostWorkers(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, nil, func(s *stage) {
			for _, policy := range []protocol.LostPolicy{protocol.LostDegrade, protocol.LostFail} {
				want := protocol.JobRunning
				if policy == protocol.LostFail {
					want = protocol.JobFailed
				}
				job := s.submit(policy.String(), func(spec *protocol.JobSpec) {
					spec.LostWorkers, spec.ShareTarget = policy, true
				}).Job
				closed, err := ask[protocol.StreamClosed](s, protocol.MethodStreamClose, s.closeOf(job, "wf"))
				require.NoError(r, err)
				require.False(r, closed.Next, policy)
				s.sleep(time.Second)
				if policy == protocol.LostFail {
					s.end(job, "wf")
					s.sleep(time.Second)
					require.Contains(r, s.status(job).Message, "w in dc lost")
				}
				require.Equal(r, want, s.status(job).State, policy)
			}
		})
	})
}

// dependents is a job of login, and of browse and order after it.
func dependents(spec *protocol.JobSpec) {
	login := &spec.Workflows[0]
	login.Name = "login"
	login.Target.Provide = []load.Provide{{Name: "token", Header: "X-Token"}}
	for _, name := range []string{"browse", "order"} {
		w := spec.Workflows[0]
		w.Name, w.After, w.Target.Provide = name, []string{"login"}, nil
		w.Target.URL += "${login.token}"
		spec.Workflows = append(spec.Workflows, w)
	}
}

func (s *stage) state(job, workflow string, end protocol.EndState, provided ...load.Value) {
	_, err := ask[protocol.StreamClosed](s, protocol.MethodStreamClose, s.closeOf(job, workflow))
	require.NoError(s.run, err)
	_, err = ask[protocol.Taken](s, protocol.MethodResult, &protocol.Result{
		Job: job, Workflow: workflow, Datacenter: "dc", Token: 1, Incarnation: 1, Count: 1, Send: 1,
		State: end, Attempts: []protocol.AttemptEnd{{Attempt: 1, Worker: "w"}}, Provided: provided,
	})
	require.NoError(s.run, err)
	s.sleep(time.Second)
}

func TestAWorkflowStartsOnceThoseBeforeItHaveCompletedWithWhatTheyProvided(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, nil, func(s *stage) {
			job := s.submit("k", dependents).Job
			require.Len(r, s.dispatched, 1)
			s.state(job, "login", protocol.EndCompleted, load.Value{Name: "token", Value: "t1"},
				load.Value{Name: "not a name", Value: "x"}, load.Value{Name: "sent", Value: "a lie"})
			require.Len(r, s.dispatched, 3)
			require.Equal(r, "http://target/t1", s.dispatched[2].Workflow.Target.URL)
			require.EqualValues(r, 1, s.status(job).Context)
			s.state(job, "browse", protocol.EndCompleted)
			s.state(job, "order", protocol.EndCompleted)
			require.Equal(r, protocol.JobCompleted, s.status(job).State)
		})
	})
}

func TestAWorkflowIsSkippedWhenOneBeforeItDidNotComplete(t *testing.T) {
	for name, end := range map[string]protocol.EndState{
		"failed": protocol.EndFailed, "lost all its workers": protocol.EndLost,
	} {
		t.Run(name, func(t *testing.T) {
			simtest.CheckWith(t, few, func(r *check.Run) {
				play(r, nil, func(s *stage) {
					job := s.submit("k", dependents).Job
					s.state(job, "login", end)
					require.Len(r, s.dispatched, 1)
					status := s.status(job)
					require.True(r, status.State.Terminal(), "%v", status.State)
					require.NotEqual(r, protocol.JobCompleted, status.State)
					require.Equal(r, protocol.WorkflowSkipped, status.Workflows[1].State)
					require.Contains(r, status.Workflows[1].Message, "workflow login")
				})
			})
		})
	}
}

func TestWhatWasNotProvidedFailsTheWorkflowThatNeedsIt(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, nil, func(s *stage) {
			job := s.submit("k", dependents).Job
			s.state(job, "login", protocol.EndCompleted)
			require.Len(r, s.dispatched, 1)
			require.Equal(r, protocol.WorkflowFailed, s.status(job).Workflows[2].State)
			require.Contains(r, s.status(job).Message, "nothing was provided for ${login.token}")
			require.Equal(r, protocol.JobPartial, s.status(job).State)
		})
	})
}

func TestAReplacedManagerIsHandedWhatItsPredecessorHad(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, nil, func(s *stage) {
			job := s.job().Job
			require.Empty(r, s.register(7).Adopt, "it is the same one")
			require.Equal(r, []string{job}, s.register(8).Adopt)
			s.sleep(time.Second)
			require.Len(r, s.adopted, 1)
			share := s.adopted[0].Shares[0]
			require.Equal(r, "w", share.Split.Shards[0].Worker)
			require.Equal(r, []protocol.AdoptedAttempt{{
				Attempt: protocol.Attempt{Attempt: 1, Worker: "w", Incarnation: 9}, Cores: 2,
			}}, share.Attempts)
			require.Empty(r, s.register(8).Adopt, "it has it")
			_, err := ask[protocol.StreamClosed](s, protocol.MethodStreamClose, s.closeOf(job, "wf"))
			require.NoError(r, err)
			s.register(9)
			s.sleep(500 * time.Millisecond)
			closed := s.adopted[1].Shares[0].Attempts[0]
			require.True(r, closed.Closed)
			require.Equal(r, closed.Left > 0, closed.Next)
		})
	})
}

func TestAJobThatFindsNoRoomShowsItsPlaceAndGoesInItsTurn(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, nil, func(s *stage) {
			s.full = true
			var jobs []string
			for priority, key := range []string{"low", "high"} {
				jobs = append(jobs, s.submit(key, func(spec *protocol.JobSpec) {
					spec.ShareTarget, spec.Priority = true, uint32(priority)
				}).Job)
			}
			s.sleep(time.Second)
			require.EqualValues(r, 2, s.status(jobs[0]).Place, "the other is more urgent")
			require.EqualValues(r, 1, s.status(jobs[1]).Place)
			require.Equal(r, protocol.JobQueued, s.status(jobs[0]).State)
			s.full, s.dispatched = false, nil
			s.beat(3 * time.Second)
			require.Equal(r, jobs[1], s.dispatched[0].Job)
			require.Equal(r, protocol.JobRunning, s.status(jobs[0]).State)
			require.Zero(r, s.status(jobs[0]).Place)
		})
	})
}

// A refusal that arrives just as the job ends must not have its start wait in the queue again.
func TestNoStartWaitsForAJobThatHasEnded(t *testing.T) {
	simtest.CheckWith(t, simtest.Options{Seeds: 1000}, func(r *check.Run) {
		const half = time.Millisecond / 2 // what a message takes
		later := half * time.Duration(check.Draw(r, "halves of a millisecond", 0, 2, 3, 4, 5, 6, 7, 8, 9, 10))
		play(r, nil, func(s *stage) {
			s.sleep(200 * time.Millisecond) // a gate may boot late
			s.full = true
			due := s.env.Now().Add(2*time.Second + later)
			s.hesitates = func() { s.sleep(due.Sub(s.env.Now())) }
			s.submit("k", func(spec *protocol.JobSpec) { spec.Deadline = 2 * time.Second })
			s.sleep(3 * time.Second)
			require.Equal(r, protocol.JobTimeout, s.states[len(s.states)-1].To)
			require.Empty(r, s.waits)
		})
	})
}

// say has the worker's entries reach the gate: n requests in one entry.
func (s *stage) say(stream stats.Stream, number, before, n uint64) {
	var sketch stats.Sketch
	for range n {
		sketch.Add(time.Millisecond)
	}
	entry := stats.Entry{
		Stream: stream, N: number, K: stats.DefaultConfig().Index(stats.At(s.env.Wall())),
		Delta: stats.Counts{OK: n}, Cumulative: stats.Counts{OK: before + n}, Position: before + n,
		Measures: stats.Measures{Latency: sketch, Service: sketch, SendLag: sketch},
	}
	relay := protocol.Relay{
		Datacenter: "dc", Boot: 7,
		Reports: []protocol.Report{{Worker: "w", Incarnation: 9, Entries: []stats.Entry{entry}}},
	}
	ctx := s.env.Context()
	require.NoError(s.run, rpc.Notify(ctx, s.node, gateAt, core.Low, protocol.MethodRelay, &relay))
	s.sleep(100 * time.Millisecond)
}

func TestADeadlineIsPutOffWhileThereIsProgress(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, nil, func(s *stage) {
			job := s.submit("k", func(spec *protocol.JobSpec) {
				spec.Deadline, spec.Extensions, spec.Extension = 5*time.Second, 3, 4*time.Second
			}).Job
			stream := s.closeOf(job, "wf").Stream
			s.say(stream, 1, 0, 3)
			s.beat(4 * time.Second) // past the first deadline's eve
			require.Equal(r, 9*time.Second, s.status(job).Deadline)
			s.say(stream, 2, 3, 1)
			s.beat(3 * time.Second)
			require.Equal(r, 11*time.Second, s.status(job).Deadline)
			require.Len(r, s.extended, 2)
			s.beat(4 * time.Second) // no progress since
			require.Equal(r, protocol.JobTimeout, s.status(job).State)
			require.Equal(r, 11*time.Second, s.status(job).Deadline)
		})
	})
}

func TestAWorkflowWithoutProgressIsGivenUp(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, nil, func(s *stage) {
			job := s.submit("k", func(spec *protocol.JobSpec) {
				spec.Stuck, spec.Deadline = 3*time.Second, time.Hour
				spec.Workflows[0].Plan.Duration = time.Minute
			}).Job
			stream := s.closeOf(job, "wf").Stream
			s.beat(time.Second)
			s.say(stream, 1, 0, 3)
			s.beat(3 * time.Second)
			require.Equal(r, protocol.JobRunning, s.status(job).State)
			s.beat(2 * time.Second)
			require.Equal(r, protocol.JobTimeout, s.status(job).State)
			require.Contains(r, s.status(job).Workflows[0].Message, "stuck: no progress for 3s")
		})
	})
}

func TestAWorkflowOfWhichNothingIsDueIsNotStuck(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, nil, func(s *stage) {
			job := s.submit("k", func(spec *protocol.JobSpec) {
				spec.Stuck, spec.Deadline = 3*time.Second, time.Hour
				spec.Workflows[0].Plan = load.Plan{
					Rate: load.Rate{Count: 1, Per: time.Minute}, Duration: time.Hour,
				}
			}).Job
			s.say(s.closeOf(job, "wf").Stream, 1, 0, 1)
			s.beat(60 * time.Second)
			require.Equal(r, protocol.JobRunning, s.status(job).State)
			s.beat(3500 * time.Millisecond)
			require.Equal(r, protocol.JobTimeout, s.status(job).State, "the second was due")
		})
	})
}

func TestAGateThatLeavesTakesNoJobsAndEndsThoseThatRun(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, func(c *Config) { c.StopWithin, c.CancelWait = 4*time.Second, time.Minute }, func(s *stage) {
			job := s.job().Job
			s.gate.Stop()
			s.sleep(time.Second)
			_, err := ask[protocol.Submitted](s, protocol.MethodSubmit,
				&protocol.Submit{Key: "other", Spec: goodJob()})
			require.ErrorIs(r, err, rpc.Busy)
			require.Equal(r, protocol.JobRunning, s.status(job).State)
			s.sleep(2500 * time.Millisecond)
			last := s.states[len(s.states)-1]
			require.Equal(r, protocol.JobCancelled, last.To)
			s.sleep(time.Second)
			require.Empty(r, s.gate.Tasks())
			require.Len(r, s.ends, 1, "its result is there")
		})
	})
}
