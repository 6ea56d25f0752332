package gate

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/core/wire"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/simtest"
)

// few is enough where the thin tasks are looked at, and not the protocol: that is what the scenarios are for.
var few = simtest.Options{Seeds: 20}

const gateAt = core.Address("g:1")

// stage is a gate, and a peer of it whose script plays both manager and client.
type stage struct {
	run  *check.Run
	gate *sim.Node
	env  core.Env
	node *rpc.Node

	pushed []uint64     // numbers, as they came
	deaf   bool         // pushes are not answered
	states []fact.State // of the gate's jobs
	closes []fact.StreamClosed
	ends   []fact.Ended // results

	// What the gate asked of the datacenter.
	dispatched []protocol.Dispatch
	ended      []protocol.JobEnd
	adopted    []protocol.Adopt
	extended   []protocol.Extend
	full       bool   // it has no room
	hesitates  func() // before it says so; nil: it says so at once

	waits []fact.StartQueued // of jobs that had ended

	final *protocol.JobResult // the newest that was pushed
}

// play runs a script against a gate.
func play(r *check.Run, change func(*Config), script func(s *stage)) {
	w := r.World(sim.Config{})
	s := &stage{run: r}
	w.Observe(func(o sim.Observation) {
		switch f := o.Event.(type) {
		case fact.State:
			s.states = append(s.states, f)
		case fact.StreamClosed:
			s.closes = append(s.closes, f)
		case fact.Ended:
			s.ends = append(s.ends, f)
		case fact.StartQueued:
			if slices.ContainsFunc(s.states, func(state fact.State) bool {
				return state.Job == f.Job && state.To.Terminal()
			}) {
				s.waits = append(s.waits, f)
			}
		}
	})
	s.gate = w.AddNode("g", func(env core.Env) {
		config := DefaultConfig()
		config.Listen = string(gateAt)
		config.Retention, config.KeyMemory = 2*time.Second, 2*time.Second
		if change != nil {
			change(&config)
		}
		g, err := New(env, config)
		require.NoError(r, err)
		require.NoError(r, g.Run())
	})
	peer := w.AddNode("p", func(core.Env) {})
	w.Workload(peer, "script", func(env core.Env) {
		endpoint, err := env.Listen("tcp", "p:1")
		require.NoError(r, err)
		s.env = env
		s.node, err = rpc.New(env, endpoint, rpc.Config{})
		require.NoError(r, err)
		s.handle()
		env.Go("serve", func() { _ = s.node.Serve(env.Context()) })
		script(s)
	})
	require.Nil(r, w.Run())
}

func (s *stage) handle() {
	rpc.HandleInline(s.node, protocol.MethodDispatch,
		func(_ core.Address, in *protocol.Dispatch, r rpc.Responder) {
			s.dispatched = append(s.dispatched, *in)
			if s.full {
				s.refuse(r)
				return
			}
			r.Reply(&protocol.Split{Shards: []protocol.Shard{
				{Cores: in.Workflow.Cores, Plan: in.Workflow.Plan, Worker: "w", Incarnation: 9},
			}})
		})
	taken := func(_ core.Address, _ *protocol.Open, r rpc.Responder) { r.Reply(&protocol.Taken{}) }
	rpc.HandleInline(s.node, protocol.MethodOpen, taken)
	rpc.HandleInline(s.node, protocol.MethodJobEnd,
		func(_ core.Address, in *protocol.JobEnd, r rpc.Responder) {
			s.ended = append(s.ended, *in)
			r.Reply(&protocol.Taken{})
		})
	rpc.HandleInline(s.node, protocol.MethodAdopt,
		func(_ core.Address, in *protocol.Adopt, r rpc.Responder) {
			s.adopted = append(s.adopted, *in)
			r.Reply(&protocol.Taken{})
		})
	rpc.HandleInline(s.node, protocol.MethodExtend,
		func(_ core.Address, in *protocol.Extend, r rpc.Responder) {
			s.extended = append(s.extended, *in)
			r.Reply(&protocol.Taken{})
		})
	rpc.HandleInline(s.node, protocol.MethodGateMarks, func(core.Address, *protocol.Marks, rpc.Responder) {})
	rpc.HandleInline(s.node, protocol.MethodPush, func(_ core.Address, in *protocol.PushBatch,
		r rpc.Responder) {
		if s.deaf {
			return
		}
		last := uint64(0)
		for _, p := range in.Pushes {
			s.pushed = append(s.pushed, p.Number)
			last = p.Number
			if p.Final != nil {
				s.final = p.Final
			}
		}
		r.Reply(&protocol.PushTaken{Through: last})
	})
}

// refuse says that there is no room.
func (s *stage) refuse(r rpc.Responder) {
	if s.hesitates == nil {
		r.Fail(rpc.Errorf(rpc.Busy, "no room"))
		return
	}
	s.env.Go("refuse", func() {
		s.hesitates()
		r.Fail(rpc.Errorf(rpc.Busy, "no room"))
	})
}

// ask makes one call of the gate.
func ask[Resp any, P interface {
	*Resp
	wire.Message
}](s *stage, method string, request wire.Message) (Resp, error) {
	ctx, cancel := rpc.WithTimeout(s.env, context.Background(), 10*time.Second)
	defer cancel()
	return rpc.Call[Resp, P](ctx, s.node, gateAt, core.High, method, request)
}

func (s *stage) sleep(d time.Duration) { _ = s.env.Sleep(s.env.Context(), d) }

// job registers the datacenter and submits a job; it returns once its attempts are open.
func (s *stage) job(workflows ...string) protocol.Submitted {
	return s.submit("k", func(spec *protocol.JobSpec) {
		for _, name := range workflows {
			w := spec.Workflows[0]
			w.Name = name
			spec.Workflows = append(spec.Workflows, w)
		}
	})
}

// submit is job, for any one.
func (s *stage) submit(key string, change func(*protocol.JobSpec)) protocol.Submitted {
	s.register(7)
	spec := goodJob()
	spec.Datacenters = []string{"dc"}
	spec.ResultWait = time.Second
	change(&spec)
	job, err := ask[protocol.Submitted](s, protocol.MethodSubmit, &protocol.Submit{Key: key, Spec: spec})
	require.NoError(s.run, err)
	s.sleep(time.Second)
	return job
}

func (s *stage) register(boot uint64) protocol.GateHello {
	hello, err := ask[protocol.GateHello](s, protocol.MethodManagerRegister,
		&protocol.ManagerHello{Datacenter: "dc", Boot: boot, Cores: 4})
	require.NoError(s.run, err)
	return hello
}

func (s *stage) closeOf(job, workflow string) *protocol.CloseStream {
	return &protocol.CloseStream{
		Stream: stats.Stream{Job: job, Datacenter: "dc", Workflow: workflow, Attempt: 1},
		Token:  1, Worker: "w", Incarnation: 9, Reason: "dead",
	}
}

func (s *stage) end(job, workflow string) {
	_, err := ask[protocol.StreamClosed](s, protocol.MethodStreamClose, s.closeOf(job, workflow))
	require.NoError(s.run, err)
	_, err = ask[protocol.Taken](s, protocol.MethodResult, &protocol.Result{
		Job: job, Workflow: workflow, Datacenter: "dc", Token: 1, Incarnation: 1, Count: 1, Send: 1,
		State: protocol.EndCompleted, Attempts: []protocol.AttemptEnd{{Attempt: 1, Worker: "w"}},
	})
	require.NoError(s.run, err)
}

func TestACloseIsOneCloseHoweverOftenItIsAskedFor(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, nil, func(s *stage) {
			job := s.job()
			for range 3 {
				_, err := ask[protocol.StreamClosed](s, protocol.MethodStreamClose, s.closeOf(job.Job, "wf"))
				require.NoError(r, err)
				s.sleep(2 * time.Second)
			}
			require.Len(r, s.closes, 1)
			status, err := ask[protocol.JobStatus](s, protocol.MethodStatus,
				&protocol.StatusRequest{Job: job.Job})
			require.NoError(r, err)
			require.Len(r, status.Degraded, 1)
		})
	})
}

// Whatever a peer asks to close, the gate says no and lives on.
func TestWhatIsNotAManagersToCloseStaysOpen(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, nil, func(s *stage) {
			job := s.job()
			for _, c := range []struct {
				name   string
				change func(*protocol.CloseStream)
				want   rpc.Code
			}{
				{"an unknown job", func(c *protocol.CloseStream) { c.Stream.Job = "no" }, rpc.NotFound},
				{"a stream never opened", func(c *protocol.CloseStream) { c.Stream.Shard = 5 }, rpc.NotFound},
				{"another worker's", func(c *protocol.CloseStream) { c.Worker = "v" }, rpc.NotFound},
				{"a former incarnation's", func(c *protocol.CloseStream) { c.Incarnation = 8 }, rpc.NotFound},
				{"under a stale token", func(c *protocol.CloseStream) { c.Token = 0 }, rpc.NotOwner},
			} {
				request := s.closeOf(job.Job, "wf")
				c.change(request)
				_, err := ask[protocol.StreamClosed](s, protocol.MethodStreamClose, request)
				require.ErrorIs(r, err, c.want, c.name)
			}
			require.Empty(r, s.closes)
		})
	})
}

func TestAWorkflowWaitsFromItsOwnFirstResult(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, nil, func(s *stage) {
			job := s.job("second")
			s.end(job.Job, "wf")
			s.sleep(5 * time.Second) // five times the result wait: the second workflow is not over
			s.end(job.Job, "second")
			s.sleep(time.Second)
			last := s.states[len(s.states)-1]
			require.Equal(r, protocol.JobCompleted, last.To)
		})
	})
}

func TestAClientThatComesBackGetsWhatItMissed(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		change := func(c *Config) {
			c.PushTimeout, c.RetryLongest = 500*time.Millisecond,
				500*time.Millisecond
		}
		play(r, change, func(s *stage) {
			job := s.job("second")
			subscribe := func(after uint64) uint64 {
				answer, err := ask[protocol.Subscribed](s, protocol.MethodSubscribe,
					&protocol.Subscribe{Job: job.Job, After: after})
				require.NoError(r, err)
				return answer.Last
			}
			last := subscribe(0)
			s.sleep(time.Second)
			require.Len(r, s.pushed, int(last))
			s.deaf = true
			s.end(job.Job, "wf")
			s.sleep(10 * time.Second)
			require.NotContains(r, s.gate.Tasks(), "job/"+job.Job+"/to/p", "it was given up")
			s.deaf = false
			require.Greater(r, subscribe(last), last)
			s.end(job.Job, "second")
			s.sleep(time.Second)
			for i, number := range s.pushed {
				require.Equal(r, uint64(i+1), number, "each once, and in order")
			}
			require.Greater(r, len(s.pushed), int(last)+2)
		})
	})
}

func TestAFinishedJobLeavesNothingBehind(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, nil, func(s *stage) {
			s.sleep(time.Second)
			before := s.gate.Tasks()
			job := s.job()
			s.end(job.Job, "wf")
			s.sleep(5 * time.Second)
			_, err := ask[protocol.JobStatus](s, protocol.MethodStatus, &protocol.StatusRequest{Job: job.Job})
			require.ErrorIs(r, err, rpc.NotFound)
			require.ElementsMatch(r, before, s.gate.Tasks())
		})
	})
}

// A client that does not answer holds a forgotten job's task for no moment longer: the call to it ends, too.
func TestAFinishedJobLeavesNothingBehindForADeafClient(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, nil, func(s *stage) {
			s.sleep(time.Second)
			before := s.gate.Tasks()
			job := s.job()
			s.deaf = true
			_, err := ask[protocol.Subscribed](s, protocol.MethodSubscribe, &protocol.Subscribe{Job: job.Job})
			require.NoError(r, err)
			s.sleep(9 * time.Second) // in the second call, unanswered like the first
			s.end(job.Job, "wf")
			s.sleep(5 * time.Second) // kept for at most 2 s and half a push's timeout
			require.ElementsMatch(r, before, s.gate.Tasks())
		})
	})
}

func TestAGateThatIsAskedToStopEndsAllItsTasks(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, func(c *Config) { c.StopWithin = 2 * time.Second }, func(s *stage) {
			job := s.job()
			_, err := ask[protocol.Subscribed](s, protocol.MethodSubscribe, &protocol.Subscribe{Job: job.Job})
			require.NoError(r, err)
			s.gate.Stop()
			s.sleep(3 * time.Second)
			require.Empty(r, s.gate.Tasks())
		})
	})
}
