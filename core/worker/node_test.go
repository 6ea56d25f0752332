package worker

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/backpressure"
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

// stage is a worker, and a peer of it whose script plays its manager. It is the engine's tap, too.
type stage struct {
	run    *check.Run
	worker *sim.Node
	peer   *sim.Node
	at     *Worker
	env    core.Env
	node   *rpc.Node
	leave  func() error // closes the manager's endpoint
	from   core.Address // the worker, once it has registered

	incarnation uint64
	deaf        bool // heartbeats are not answered
	busy        bool // every second heartbeat is refused: too much waits
	beats       int
	level       backpressure.Level
	unknown     bool // the manager does not know the worker
	conflict    bool // another process has its name
	mute        bool // ends are not answered
	hello       protocol.WorkerHello
	beat        protocol.WorkerHeartbeat
	ended       []protocol.Ended
	result      error // of Run
	marking     bool  // entries are marked durable

	heard    core.Instant // on the worker's clock, when its last answered heartbeat was sent
	released core.Instant // ditto, when its last request was let go
	sent     int
	accepted int
	ends     []fact.LoadEnded
	dropped  uint64
	refused  []protocol.Refused
	entries  []stats.Entry
}

func (s *stage) Released(_ stats.Stream, n int, now core.Instant) { s.released, s.sent = now, s.sent+n }
func (s *stage) NotStarted(stats.Stream, int)                     {}
func (s *stage) Executed(stats.Stream, load.Sample)               {}

// play runs a script against a worker that has registered.
func play(r *check.Run, script func(s *stage)) { playWith(r, func(*Config) {}, script) }

func playWith(r *check.Run, change func(*Config), script func(s *stage)) {
	w := r.World(sim.Config{})
	s := &stage{run: r, marking: true}
	w.Observe(s.observe)
	s.worker = w.AddNode("w", func(env core.Env) {
		engine, err := load.NewScripted(load.ScriptedConfig{
			Script: load.Script{Latency: 20 * time.Millisecond}, Tap: s,
		})
		require.NoError(r, err)
		config := DefaultConfig()
		config.Name, config.Listen, config.Manager = "w", "w:1", "p:1"
		config.Engines = []Engine{{Name: "scripted", Engine: engine}}
		change(&config)
		s.at, err = New(env, config)
		require.NoError(r, err)
		s.result = s.at.Run()
	})
	s.peer = w.AddNode("p", func(core.Env) {})
	w.Workload(s.peer, "script", func(env core.Env) {
		endpoint, err := env.Listen("tcp", "p:1")
		require.NoError(r, err)
		s.env, s.leave = env, endpoint.Close
		s.node, err = rpc.New(env, endpoint, rpc.Config{})
		require.NoError(r, err)
		s.handle()
		env.Go("serve", func() { _ = s.node.Serve(env.Context()) })
		s.sleep(time.Second)
		script(s)
	})
	require.Nil(r, w.Run())
}

func (s *stage) observe(o sim.Observation) {
	switch f := o.Event.(type) {
	case fact.Heartbeat:
		if f.Answered {
			s.heard = f.At
		}
	case fact.LoadAccepted:
		s.accepted++
	case fact.LoadEnded:
		s.ends = append(s.ends, f)
	case fact.EntriesDropped:
		s.dropped += f.Count
	}
}

func (s *stage) handle() {
	taken := func(r rpc.Responder) { r.Reply(&protocol.Taken{}) }
	rpc.HandleInline(s.node, protocol.MethodWorkerRegister,
		func(from core.Address, in *protocol.WorkerHello, r rpc.Responder) {
			s.from, s.incarnation, s.hello, s.unknown = from, in.Incarnation, *in, false
			r.Reply(&protocol.ManagerReply{Datacenter: "dc"})
		})
	rpc.HandleInline(s.node, protocol.MethodWorkerHeartbeat,
		func(_ core.Address, in *protocol.WorkerHeartbeat, r rpc.Responder) {
			s.beat = *in
			s.beats++
			switch {
			case s.deaf:
			case s.busy && s.beats%2 == 0:
				r.Fail(rpc.Errorf(rpc.Busy, "too much waits"))
			case s.conflict:
				r.Fail(rpc.Errorf(rpc.Conflict, "another worker"))
			default:
				r.Reply(&protocol.ManagerReply{Datacenter: "dc", Unknown: s.unknown, Level: s.level})
			}
		})
	rpc.HandleInline(s.node, protocol.MethodAttemptEnded,
		func(_ core.Address, in *protocol.Ended, r rpc.Responder) {
			s.ended = append(s.ended, *in)
			if !s.mute {
				taken(r)
			}
		})
	rpc.HandleInline(s.node, protocol.MethodAttemptRefused,
		func(_ core.Address, in *protocol.Refused, r rpc.Responder) {
			s.refused = append(s.refused, *in)
			taken(r)
		})
	rpc.HandleInline(s.node, protocol.MethodReport,
		func(_ core.Address, in *protocol.Report, _ rpc.Responder) {
			s.entries = append(s.entries, in.Entries...)
			if last := in.Entries[len(in.Entries)-1]; s.marking {
				s.mark(protocol.Mark{Durable: last.N, Ended: last.Final})
			}
		})
}

func (s *stage) mark(m protocol.Mark) {
	m.Stream, m.Worker, m.Incarnation, m.Token = testStream, "w", s.incarnation, 5
	marks := &protocol.Marks{Marks: []protocol.Mark{m}}
	_ = rpc.Notify(s.env.Context(), s.node, s.from, core.High, protocol.MethodWorkerMarks, marks)
}

func (s *stage) sleep(d time.Duration) { _ = s.env.Sleep(s.env.Context(), d) }

func (s *stage) ask(method string, request wire.Message) error {
	ctx, cancel := rpc.WithTimeout(s.env, s.env.Context(), time.Second)
	defer cancel()
	_, err := rpc.Call[protocol.Taken](ctx, s.node, s.from, core.High, method, request)
	return err
}

var testStream = streamOf("j", 0)

// request is to run ten requests a second.
func (s *stage) request(d time.Duration) *protocol.Run {
	return &protocol.Run{
		Stream: testStream, Token: 5, Incarnation: s.incarnation, Engine: "scripted", Cores: 1,
		Plan:    load.Plan{Rate: load.PerSecond(10), Duration: d},
		Target:  load.Target{Method: "GET", URL: "http://target/", Timeout: time.Second},
		Windows: stats.DefaultConfig(), Deadline: time.Hour, Stamp: max(s.beat.Stamp, s.hello.Stamp),
	}
}

func (s *stage) start(d time.Duration) {
	require.False(s.run, s.askRun(s.request(d)).Ended)
}

func (s *stage) askRun(request *protocol.Run) protocol.Running {
	ctx, cancel := rpc.WithTimeout(s.env, s.env.Context(), time.Second)
	defer cancel()
	how, err := rpc.Call[protocol.Running](ctx, s.node, s.from, core.High, protocol.MethodRun, request)
	require.NoError(s.run, err)
	return how
}

func TestAWorkerThatNobodyAnswersStopsByItself(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, func(s *stage) {
			s.start(time.Minute)
			s.sleep(5 * time.Second)
			s.deaf = true
			s.sleep(5 * time.Second)
			s.worker.JumpWall(-time.Hour) // which is nothing to it
			s.sleep(25 * time.Second)
			require.Len(r, s.ends, 1)
			require.Equal(r, protocol.EndCutOff, s.ends[0].State)
			require.Less(r, s.released.Sub(s.heard), 15*time.Second, "not one request later")
			require.Greater(r, s.released.Sub(s.heard), 14*time.Second, "and until then it ran")
			require.Equal(r, uint64(s.sent), s.ends[0].Cumulative.Sent())
			require.Equal(r, uint64(s.sent), s.ends[0].Cumulative.Planned(), "the rest is another's")
			require.Len(r, s.ended, 1)
			require.True(r, s.ended[0].Rest)
		})
	})
}

func TestAllThatRanIsReportedOnceItHasEnded(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, func(s *stage) {
			s.start(3 * time.Second)
			require.NoError(r, s.ask(protocol.MethodRun, s.request(3*time.Second)),
				"asked again it answers as before")
			s.sleep(6 * time.Second)
			require.Equal(r, 1, s.accepted)
			last := s.entries[len(s.entries)-1]
			require.True(r, last.Final)
			require.Equal(r, stats.Counts{OK: 30}, last.Cumulative)
			require.Equal(r, 30, s.sent)
			require.Equal(r, protocol.EndCompleted, s.ends[0].State)
			how := s.askRun(s.request(time.Second))
			want := protocol.Running{Ended: true, State: protocol.EndCompleted}
			require.Equal(r, want, how, "it has ended here")
			require.Zero(r, s.dropped)
		})
	})
}

// Its manager may have given the worker up since, and another may be running the attempt.
func TestAnOrderThatWasHeldUpForTooLongIsNotFollowed(t *testing.T) {
	playAll(t, func(r *check.Run, s *stage) {
		old := s.request(time.Minute)
		s.sleep(12 * time.Second)
		young := *old
		young.Stream.Shard = 1
		require.False(r, s.askRun(&young).Ended)
		s.sleep(4 * time.Second)
		require.ErrorIs(r, s.ask(protocol.MethodRun, old), rpc.Busy)
		require.Equal(r, 1, s.accepted)
		s.start(time.Minute) // asked again, with a newer stamp
		require.Equal(r, 2, s.accepted)
	})
}

// A call that is under way when its attempt is forgotten ends with it.
func TestNothingIsToldOfAnAttemptThatIsForgotten(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		playWith(r, func(c *Config) { c.Retention = 3 * time.Second }, func(s *stage) {
			before := s.worker.Tasks()
			s.mute = true
			s.start(time.Second)
			s.sleep(3 * time.Second)
			require.NotEmpty(r, s.ended)
			require.NotEqual(r, before, s.worker.Tasks())
			s.sleep(1500 * time.Millisecond) // retention is over; one call has 5 s
			require.Equal(r, before, s.worker.Tasks())
		})
	})
}

func TestStaleRequestsAreRefused(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, func(s *stage) {
			old := s.request(time.Second)
			old.Incarnation++
			require.ErrorIs(r, s.ask(protocol.MethodRun, old), rpc.NotFound)
			s.start(10 * time.Second)
			stale := s.request(10 * time.Second)
			stale.Token = 4
			require.ErrorIs(r, s.ask(protocol.MethodRun, stale), rpc.NotOwner)
			stop := &protocol.Stop{Job: "j", Token: 4, Reason: protocol.EndStopped}
			require.ErrorIs(r, s.ask(protocol.MethodStop, stop), rpc.NotOwner)
			s.sleep(2 * time.Second)
			require.Empty(r, s.ends, "it runs on")
			stop.Token = 5
			require.NoError(r, s.ask(protocol.MethodStop, stop))
			s.sleep(3 * time.Second)
			require.Equal(r, protocol.EndStopped, s.ends[0].State)
			other := s.request(time.Second)
			other.Stream.Shard = 1
			require.ErrorIs(r, s.ask(protocol.MethodRun, other), rpc.Conflict, "its job has ended")
		})
	})
}

func TestAClosedAttemptStopsAndSaysWhatItCounted(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, func(s *stage) {
			s.marking = false
			s.start(time.Minute)
			s.sleep(2 * time.Second)
			s.mark(protocol.Mark{Durable: 1, Closed: true})
			s.sleep(5 * time.Second)
			require.Len(r, s.refused, 1)
			require.Equal(r, uint64(s.sent), s.refused[0].Cumulative.Planned(), "the rest is not its own")
			require.Less(r, s.sent, 60)
		})
	})
}

func TestAWorkerThatIsAskedToStopEndsAllItsTasks(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, func(s *stage) {
			s.start(time.Minute)
			s.sleep(2 * time.Second)
			s.worker.Stop()
			s.sleep(25 * time.Second)
			require.Empty(r, s.worker.Tasks())
			require.NoError(r, s.result)
		})
	})
}

// playAll plays a script under some seeds.
func playAll(t *testing.T, script func(r *check.Run, s *stage)) {
	simtest.CheckWith(t, few, func(r *check.Run) { play(r, func(s *stage) { script(r, s) }) })
}

func TestAWorkerThatIsAskedToStopHandsOverWhatItHasNotFinished(t *testing.T) {
	playAll(t, func(r *check.Run, s *stage) {
		s.start(time.Minute)
		s.sleep(2 * time.Second)
		s.worker.Stop()
		s.sleep(100 * time.Millisecond)
		require.True(r, s.beat.Leaving, "its manager knows at once")
		other := s.request(time.Minute)
		other.Stream.Shard = 1
		declined := protocol.Running{Ended: true, State: protocol.EndLeft, Rest: true}
		require.Equal(r, declined, s.askRun(other))
		s.sleep(10 * time.Second)
		require.Empty(r, s.ends, "it may finish")
		s.sleep(10 * time.Second)
		require.Len(r, s.ends, 1)
		require.Len(r, s.ended, 1)
		require.Equal(r, protocol.EndLeft, s.ended[0].State)
		require.True(r, s.ended[0].Rest)
		last := s.entries[len(s.entries)-1]
		require.False(r, last.Final)
		require.Equal(r, uint64(s.sent), last.Cumulative.Planned())
		require.Equal(r, last.Cumulative, s.ended[0].Counted, "so that nothing is unknown")
		require.Empty(r, s.worker.Tasks())
	})
}

func TestARestIsHandedOverOnlyOnceAllThatWasDoneIsDurable(t *testing.T) {
	playAll(t, func(r *check.Run, s *stage) {
		s.start(time.Minute)
		s.sleep(2 * time.Second)
		s.marking = false
		s.worker.Stop()
		s.sleep(20 * time.Second)
		require.Len(r, s.ends, 1)
		require.Empty(r, s.ended)
		require.False(r, s.askRun(s.request(time.Minute)).Ended, "as if it ran")
		s.marking = true
		s.sleep(5 * time.Second)
		require.Len(r, s.ended, 1)
		require.Empty(r, s.worker.Tasks())
	})
}

// A worker that is heard again after dead + grace must not go on: an engine that slept all the while would
// not have noticed.
func TestWhatRanWhenAWorkerWasCutOffNeverGoesOn(t *testing.T) {
	playAll(t, func(r *check.Run, s *stage) {
		slow := s.request(10 * time.Minute)
		slow.Plan.Rate = load.Rate{Count: 1, Per: 20 * time.Second}
		s.askRun(slow)
		s.sleep(time.Second)
		s.deaf = true
		s.sleep(16 * time.Second)
		s.deaf = false
		s.sleep(30 * time.Second)
		require.Equal(r, 1, s.sent)
		require.Len(r, s.ended, 1)
		require.Equal(r, protocol.EndCutOff, s.ended[0].State)
		require.True(r, s.ended[0].Rest)
		require.Equal(r, s.ended[0].Rest, s.askRun(slow).Rest, "and that is remembered")
	})
}

func TestNothingIsLetGoOnceALapseIsCounted(t *testing.T) {
	playAll(t, func(r *check.Run, s *stage) {
		s.start(time.Minute)
		s.sleep(2 * time.Second)
		s.at.lapses.Add(1)
		sent := s.sent
		s.sleep(3 * time.Second)
		require.Equal(r, sent, s.sent, "in that very step")
		require.Equal(r, protocol.EndCutOff, s.ended[0].State)
	})
}

func TestALaterAttemptRunsTheRemainder(t *testing.T) {
	playAll(t, func(r *check.Run, s *stage) {
		later := s.request(10 * time.Second)
		later.Elapsed = 7 * time.Second
		later.Target.Provide = []load.Provide{{Name: "token", Header: "X-Token"}}
		s.askRun(later)
		s.sleep(5 * time.Second)
		require.Equal(r, 30, s.sent)
		last := s.entries[len(s.entries)-1]
		require.True(r, last.Final)
		require.Equal(r, uint64(30), last.Cumulative.Planned())
		require.Len(r, s.ended, 1)
		require.Equal(r, []load.Value{{Name: "token", Value: "token-of-dc-0-1"}}, s.ended[0].Provided)
		require.Equal(r, s.ended[0].Provided, s.askRun(later).Provided)
	})
}

func TestADeadlineThatIsPutOffHolds(t *testing.T) {
	playAll(t, func(r *check.Run, s *stage) {
		short := s.request(8 * time.Second)
		short.Deadline = 4 * time.Second
		s.askRun(short)
		s.sleep(2 * time.Second)
		extend := &protocol.Extend{Job: "j", Token: 4, Left: 10 * time.Second}
		require.ErrorIs(r, s.ask(protocol.MethodAttemptExtend, extend), rpc.NotOwner)
		extend.Token = 5
		require.NoError(r, s.ask(protocol.MethodAttemptExtend, extend))
		extend.Left = time.Second
		require.NoError(r, s.ask(protocol.MethodAttemptExtend, extend), "it never comes nearer")
		s.sleep(8 * time.Second)
		require.Equal(r, protocol.EndCompleted, s.ends[0].State)
	})
}

func TestAWorkerThatRegistersAgainSaysWhatItRuns(t *testing.T) {
	playAll(t, func(r *check.Run, s *stage) {
		require.Empty(r, s.hello.Streams)
		s.start(time.Minute)
		s.unknown = true
		s.sleep(3 * time.Second)
		require.Equal(r, []stats.Stream{testStream}, s.hello.Streams)
		require.Empty(r, s.ends, "and goes on")
	})
}

func TestADisplacedWorkerStopsAndSaysWhatItCounted(t *testing.T) {
	playAll(t, func(r *check.Run, s *stage) {
		s.start(time.Minute)
		s.sleep(2 * time.Second)
		s.conflict = true
		s.sleep(8 * time.Second)
		require.ErrorIs(r, s.result, ErrDisplaced)
		require.Empty(r, s.worker.Tasks())
		require.Len(r, s.refused, 1)
		require.Equal(r, uint64(s.sent), s.refused[0].Cumulative.Planned())
		require.Less(r, s.sent, 40)
	})
}

func TestAWorkerWithNoTimeToStopStopsAtOnce(t *testing.T) {
	playAll(t, func(r *check.Run, s *stage) {
		s.at.config.StopWithin = 0
		s.start(time.Minute)
		s.sleep(2 * time.Second)
		s.worker.Stop()
		s.sleep(2 * time.Second)
		require.Empty(r, s.worker.Tasks())
	})
}
