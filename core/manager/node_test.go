package manager

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/load"
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

// stage is a manager, and a peer of it whose script plays both its gate and its worker "w".
type stage struct {
	run     *check.Run
	manager *sim.Node
	env     core.Env
	node    *rpc.Node
	alive   bool // the worker sends heartbeats

	answered core.Instant // when the last answered heartbeat was sent
	closed   []core.Instant
	results  []protocol.Result
	holding  bool // closes are not answered
	final    bool // what a close is answered
	next     bool // ditto
	left     time.Duration

	adopt      []string // jobs that the gate names
	late       bool     // the script registers the worker
	silent     bool     // the worker answers no run
	deaf       int      // to so many stops
	configure  func(*Config)
	running    protocol.Running
	runs       []protocol.Run
	ranAt      []core.Instant
	nexts      []protocol.NextAttempt
	nextAt     []core.Instant
	refuseNext bool
	holdNext   bool
	stops      []protocol.Stop
	extends    []protocol.Extend
	waits      []string // for what the manager said that it waits, leaving
	beatIn     protocol.ManagerHeartbeat
}

// play runs a script against a manager whose worker has registered with two cores.
func play(r *check.Run, script func(s *stage)) { (&stage{}).play(r, script) }

func (s *stage) play(r *check.Run, script func(s *stage)) {
	w := r.World(sim.Config{})
	w.Observe(func(o sim.Observation) {
		if f, ok := o.Event.(fact.Leaving); ok {
			s.waits = append(s.waits, f.Waits)
		}
	})
	s.run, s.alive = r, true
	s.manager = w.AddNode("m", func(env core.Env) {
		config := DefaultConfig()
		config.Datacenter, config.Listen, config.Gate = "dc", "m:1", "p:1"
		if s.configure != nil {
			s.configure(&config)
		}
		m, err := New(env, config)
		require.NoError(r, err)
		require.NoError(r, m.Run())
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
		s.sleep(time.Second)
		if !s.late {
			s.register(1)
			env.Go("heartbeats", s.beat)
		}
		script(s)
	})
	require.Nil(r, w.Run())
}

func (s *stage) handle() {
	hello := protocol.GateHello{GateBoot: 3, Incarnation: 1, Adopt: s.adopt}
	rpc.HandleInline(s.node, protocol.MethodManagerRegister,
		func(_ core.Address, _ *protocol.ManagerHello, r rpc.Responder) { r.Reply(&hello) })
	rpc.HandleInline(s.node, protocol.MethodManagerHeartbeat,
		func(_ core.Address, in *protocol.ManagerHeartbeat, r rpc.Responder) {
			s.beatIn = *in
			r.Reply(&hello)
		})
	rpc.HandleInline(s.node, protocol.MethodRelay, func(core.Address, *protocol.Relay, rpc.Responder) {})
	rpc.HandleInline(s.node, protocol.MethodWorkerMarks,
		func(core.Address, *protocol.Marks, rpc.Responder) {})
	rpc.HandleInline(s.node, protocol.MethodStop,
		func(_ core.Address, in *protocol.Stop, r rpc.Responder) {
			s.stops = append(s.stops, *in)
			if len(s.stops) > s.deaf {
				r.Reply(&protocol.Taken{})
			}
		})
	rpc.HandleInline(s.node, protocol.MethodAttemptExtend,
		func(_ core.Address, in *protocol.Extend, r rpc.Responder) {
			s.extends = append(s.extends, *in)
			r.Reply(&protocol.Taken{})
		})
	rpc.HandleInline(s.node, protocol.MethodNextAttempt,
		func(_ core.Address, in *protocol.NextAttempt, r rpc.Responder) {
			s.nexts, s.nextAt = append(s.nexts, *in), append(s.nextAt, s.env.Now())
			switch {
			case s.holdNext:
			case s.refuseNext:
				r.Fail(rpc.Errorf(rpc.Conflict, "no"))
			default:
				r.Reply(&protocol.NextOpened{Attempt: in.Stream.Attempt + 1, Elapsed: 20 * time.Second})
			}
		})
	rpc.HandleInline(s.node, protocol.MethodRun,
		func(_ core.Address, in *protocol.Run, r rpc.Responder) {
			s.runs, s.ranAt = append(s.runs, *in), append(s.ranAt, s.env.Now())
			if !s.silent {
				r.Reply(&s.running)
			}
		})
	rpc.HandleInline(s.node, protocol.MethodStreamClose,
		func(_ core.Address, _ *protocol.CloseStream, r rpc.Responder) {
			s.closed = append(s.closed, s.env.Now())
			if !s.holding {
				r.Reply(&protocol.StreamClosed{Final: s.final, Next: s.next, Left: s.left})
			}
		})
	rpc.HandleInline(s.node, protocol.MethodResult,
		func(_ core.Address, in *protocol.Result, r rpc.Responder) {
			s.results = append(s.results, *in)
			r.Reply(&protocol.Taken{})
		})
}

// ask makes one call of the manager.
func ask[Resp any, P interface {
	*Resp
	wire.Message
}](s *stage, method string, request wire.Message) (Resp, error) {
	ctx, cancel := rpc.WithTimeout(s.env, s.env.Context(), time.Second)
	defer cancel()
	return rpc.Call[Resp, P](ctx, s.node, "m:1", core.High, method, request)
}

func (s *stage) sleep(d time.Duration) { _ = s.env.Sleep(s.env.Context(), d) }

func (s *stage) register(incarnation uint64) {
	s.answered = s.env.Now()
	s.hello(protocol.WorkerHello{Worker: "w", Incarnation: incarnation, Cores: 2})
}

func (s *stage) hello(hello protocol.WorkerHello) {
	_, err := ask[protocol.ManagerReply](s, protocol.MethodWorkerRegister, &hello)
	require.NoError(s.run, err)
}

// second registers another worker, which lives.
func (s *stage) second(cores uint32) {
	s.hello(protocol.WorkerHello{Worker: "x", Incarnation: 7, Cores: cores})
	s.env.Go("heartbeats of x", func() {
		for s.env.Context().Err() == nil {
			s.sleep(time.Second)
			_, _ = ask[protocol.ManagerReply](s, protocol.MethodWorkerHeartbeat,
				&protocol.WorkerHeartbeat{Worker: "x", Incarnation: 7})
		}
	})
}

func (s *stage) beat() {
	for s.env.Context().Err() == nil {
		s.sleep(time.Second)
		if !s.alive {
			continue
		}
		sent := s.env.Now()
		if _, err := ask[protocol.ManagerReply](s, protocol.MethodWorkerHeartbeat,
			&protocol.WorkerHeartbeat{Worker: "w", Incarnation: 1}); err == nil {
			s.answered = sent
		}
	}
}

func (s *stage) dispatch(job string, cores, token uint64) (protocol.Split, error) {
	return ask[protocol.Split](s, protocol.MethodDispatch, &protocol.Dispatch{
		Job: job, Token: token, GateBoot: 3, Windows: stats.DefaultConfig(), Deadline: 10 * time.Minute,
		Workflow: protocol.WorkflowSpec{
			Name: "wf", Engine: "scripted", Cores: uint32(cores),
			Plan: load.Plan{Rate: load.PerSecond(10), Duration: time.Minute},
		},
	})
}

// start has a job of so many cores dispatched and opened.
func (s *stage) start(job string, cores uint64) {
	_, err := s.dispatch(job, cores, 5)
	require.NoError(s.run, err)
	_, err = ask[protocol.Taken](s, protocol.MethodOpen, &protocol.Open{
		Job: job, Token: 5, GateBoot: 3, Workflow: "wf",
		Attempts: []protocol.Attempt{{Attempt: 1, Worker: "w", Incarnation: 1}},
	})
	require.NoError(s.run, err)
}

func streamOf(job string) stats.Stream {
	return stats.Stream{Job: job, Datacenter: "dc", Workflow: "wf", Attempt: 1}
}

func (s *stage) ended(job string) {
	_, err := ask[protocol.Taken](s, protocol.MethodAttemptEnded, &protocol.Ended{
		Stream: streamOf(job), Worker: "w", Incarnation: 1, State: protocol.EndCompleted,
	})
	require.NoError(s.run, err)
}

func TestADeadWorkerIsGivenUpAfterGraceAndMarginAndNotBefore(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, func(s *stage) {
			s.start("j", 1)
			s.sleep(4 * time.Second)
			s.alive = false
			s.sleep(30 * time.Second)
			require.Len(r, s.closed, 1)
			waited := s.closed[0].Sub(s.answered)
			require.GreaterOrEqual(r, waited, 16500*time.Millisecond)
			require.Less(r, waited, 19*time.Second)
			require.Len(r, s.results, 1)
			require.Equal(r, protocol.EndLost, s.results[0].State)
		})
	})
}

func TestAWorkerThatIsBackInTimeLosesNothing(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, func(s *stage) {
			s.start("j", 1)
			s.alive = false
			s.sleep(13 * time.Second)
			s.alive = true
			s.sleep(30 * time.Second)
			require.Empty(r, s.closed)
		})
	})
}

func TestARestartedWorkerContinuesNothing(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, func(s *stage) {
			s.start("j", 1)
			s.alive = false
			s.sleep(2 * time.Second)
			s.register(2)
			s.sleep(2 * time.Second)
			require.Len(r, s.closed, 1, "at once")
		})
	})
}

func TestCoresAreNotGivenTwiceToAWorkerThatComesBack(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, func(s *stage) {
			s.start("j", 2)
			s.holding, s.alive = true, false // the gate does not answer closes
			s.sleep(20 * time.Second)
			s.register(1)
			_, err := s.dispatch("k", 1, 5)
			require.ErrorIs(r, err, rpc.Busy, "the lost attempt still has them")
			s.holding = false
			s.sleep(15 * time.Second)
			s.register(1)
			_, err = s.dispatch("k", 2, 5)
			require.NoError(r, err)
			_, err = s.dispatch("l", 1, 5)
			require.ErrorIs(r, err, rpc.Busy)
		})
	})
}

func TestADispatchIsAnsweredTheSameAndUnderAStaleTokenNotAtAll(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, func(s *stage) {
			first, err := s.dispatch("j", 1, 5)
			require.NoError(r, err)
			again, err := s.dispatch("j", 1, 5)
			require.NoError(r, err)
			require.Equal(r, first, again)
			_, err = s.dispatch("j", 1, 4)
			require.ErrorIs(r, err, rpc.NotOwner)
			_, err = s.dispatch("k", 1, 5)
			require.NoError(r, err, "one core was allocated, not two")
			_, err = s.dispatch("l", 0, 5)
			require.ErrorIs(r, err, rpc.Invalid)
			_, err = ask[protocol.Taken](s, protocol.MethodJobEnd, &protocol.JobEnd{Job: "l", Token: 5})
			require.NoError(r, err)
			_, err = s.dispatch("l", 1, 5)
			require.ErrorIs(r, err, rpc.Conflict, "its end was here before it")
		})
	})
}

func TestAWorkerThatDiesAfterTheEndMayHaveKeptItsLastEntry(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, func(s *stage) {
			s.final = check.Draw(r, "the gate had all", true, false)
			s.start("j", 1)
			s.ended("j")
			s.alive = false
			s.sleep(30 * time.Second)
			require.Len(r, s.closed, 1)
			last := s.results[len(s.results)-1]
			if s.final {
				require.Len(r, s.results, 1, "nothing has changed")
				require.Equal(r, protocol.EndCompleted, last.State)
			} else {
				require.Equal(r, protocol.EndLost, last.State)
				require.Equal(r, uint64(2), last.Count)
			}
		})
	})
}

func TestAManagerThatIsAskedToStopEndsAllItsTasks(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, func(s *stage) {
			s.start("j", 1)
			s.holding, s.alive = true, false
			s.sleep(20 * time.Second) // it is asking for a close
			s.manager.Stop()
			s.sleep(33 * time.Second) // what it waits for does not come
			require.Empty(r, s.manager.Tasks())
		})
	})
}
