package manager

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/simtest"
)

// certain is when a worker that is answered no more has certainly stopped: dead + grace + margin.
const certain = 16500 * time.Millisecond

// playAll plays a script under some seeds, from a stage that may be set.
func playAll(t *testing.T, set stage, script func(r *check.Run, s *stage)) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		s := set
		s.play(r, func(s *stage) { script(r, s) })
	})
}

func (s *stage) tellEnded(attempt uint32, ended protocol.Ended) {
	ended.Stream, ended.Worker = streamOf("j"), "w"
	ended.Stream.Attempt = attempt
	_, err := ask[protocol.Taken](s, protocol.MethodAttemptEnded, &ended)
	require.NoError(s.run, err)
}

func (s *stage) last() protocol.Result { return s.results[len(s.results)-1] }

func TestAnotherWorkerRunsWhatALostOneLeft(t *testing.T) {
	playAll(t, stage{next: true, left: time.Minute}, func(r *check.Run, s *stage) {
		s.second(4)
		s.start("j", 2) // a core of each: both shards are shard 0 to the script
		s.sleep(4 * time.Second)
		s.alive = false
		s.sleep(20 * time.Second)
		require.Len(r, s.closed, 1)
		require.Len(r, s.nexts, 1)
		require.GreaterOrEqual(r, s.nextAt[0].Sub(s.answered), certain)
		want := protocol.NextAttempt{Stream: streamOf("j"), Token: 5, Worker: "x", Incarnation: 7, Cores: 1}
		require.Equal(r, want, s.nexts[0])
		run := s.runs[len(s.runs)-1]
		require.Equal(r, uint32(2), run.Stream.Attempt)
		require.Equal(r, uint64(7), run.Incarnation)
		require.GreaterOrEqual(r, run.Elapsed, 20*time.Second)
		require.Less(r, run.Elapsed, 21*time.Second)
		require.Empty(r, s.results)
	})
}

func TestAnAttemptThatIsHandedOverGoesOnAtOnce(t *testing.T) {
	playAll(t, stage{next: true, left: time.Minute}, func(r *check.Run, s *stage) {
		s.start("j", 1)
		value := []load.Value{{Name: "n", Value: "first"}}
		s.tellEnded(1, protocol.Ended{Incarnation: 1, State: protocol.EndCutOff, Rest: true, Provided: value})
		s.sleep(time.Second)
		require.Len(r, s.nexts, 1, "by the same worker, which lives")
		require.Empty(r, s.results)
		s.tellEnded(2, protocol.Ended{Incarnation: 1, State: protocol.EndCompleted})
		s.sleep(time.Second)
		require.Equal(r, protocol.EndCompleted, s.last().State)
		require.Equal(r, []protocol.AttemptEnd{
			{Attempt: 2, Worker: "w", State: protocol.EndCompleted},
		}, s.last().Attempts)
		require.Equal(r, value, s.last().Provided)
		_, err := s.dispatch("k", 2, 5)
		require.NoError(r, err, "all cores are free")
	})
}

func TestAWorkersNameIsItsNewestProcess(t *testing.T) {
	playAll(t, stage{next: true, left: time.Minute}, func(r *check.Run, s *stage) {
		s.start("j", 1)
		s.sleep(2 * time.Second)
		s.alive = false
		old := s.answered
		s.hello(protocol.WorkerHello{Worker: "w", Incarnation: 2, Cores: 2})
		_, err := ask[protocol.ManagerReply](s, protocol.MethodWorkerHeartbeat,
			&protocol.WorkerHeartbeat{Worker: "w", Incarnation: 1})
		require.ErrorIs(r, err, rpc.Conflict)
		_, err = ask[protocol.ManagerReply](s, protocol.MethodWorkerRegister,
			&protocol.WorkerHello{Worker: "w", Incarnation: 1, Cores: 2})
		require.ErrorIs(r, err, rpc.Conflict, "it does not win it back")
		s.sleep(time.Second)
		require.Len(r, s.closed, 1, "at once")
		for range 17 {
			s.sleep(time.Second)
			_, err := ask[protocol.ManagerReply](s, protocol.MethodWorkerHeartbeat,
				&protocol.WorkerHeartbeat{Worker: "w", Incarnation: 2})
			require.NoError(r, err)
		}
		require.Len(r, s.nexts, 1)
		require.GreaterOrEqual(r, s.nextAt[0].Sub(old), certain, "the old one may have lived on")
		require.Equal(r, uint64(2), s.nexts[0].Incarnation)
	})
}

func TestARestWaitsForRoomAndAsLongAsSomethingIsLeft(t *testing.T) {
	playAll(t, stage{next: true, left: 20 * time.Second}, func(r *check.Run, s *stage) {
		comes := check.Draw(r, "a worker comes in time", true, false)
		s.start("j", 1)
		left := protocol.WorkerHeartbeat{Worker: "w", Incarnation: 1, Leaving: true}
		_, err := ask[protocol.ManagerReply](s, protocol.MethodWorkerHeartbeat, &left)
		require.NoError(r, err)
		_, err = s.dispatch("k", 1, 5)
		require.ErrorIs(r, err, rpc.Busy, "it leaves, and gets nothing new")
		s.sleep(time.Second)
		require.Zero(r, s.beatIn.Free)
		s.tellEnded(1, protocol.Ended{Incarnation: 1, State: protocol.EndLeft, Rest: true})
		s.sleep(15 * time.Second)
		require.Empty(r, s.nexts)
		if comes {
			s.second(1)
		}
		s.sleep(7 * time.Second)
		if comes {
			require.Len(r, s.nexts, 1)
			require.Empty(r, s.results)
			return
		}
		require.Empty(r, s.nexts)
		require.Equal(r, protocol.EndLost, s.last().State)
		require.Contains(r, s.last().Error, "worker w left")
	})
}

func TestWhatTheGateDoesNotOpenIsLost(t *testing.T) {
	playAll(t, stage{next: true, left: time.Minute, refuseNext: true}, func(r *check.Run, s *stage) {
		s.start("j", 1)
		s.tellEnded(1, protocol.Ended{Incarnation: 1, State: protocol.EndCutOff, Rest: true})
		s.sleep(2 * time.Second)
		require.Len(r, s.nexts, 1)
		require.Equal(r, protocol.EndLost, s.last().State)
		_, err := s.dispatch("k", 2, 5)
		require.NoError(r, err, "the cores that were taken for it are free")
	})
}

func TestAJobThatEndsWhileARestWaitsIsStopped(t *testing.T) {
	playAll(t, stage{next: true, left: time.Minute}, func(r *check.Run, s *stage) {
		s.holdNext = check.Draw(r, "the gate is being asked", true, false)
		s.start("j", 1)
		if !s.holdNext {
			left := protocol.WorkerHeartbeat{Worker: "w", Incarnation: 1, Leaving: true}
			_, err := ask[protocol.ManagerReply](s, protocol.MethodWorkerHeartbeat, &left)
			require.NoError(r, err)
		}
		s.tellEnded(1, protocol.Ended{Incarnation: 1, State: protocol.EndCutOff, Rest: true})
		s.sleep(time.Second)
		_, err := ask[protocol.Taken](s, protocol.MethodJobEnd, &protocol.JobEnd{Job: "j", Token: 5})
		require.NoError(r, err)
		runs, closes := len(s.runs), 1
		if s.holdNext {
			s.holdNext, s.next = false, false
			closes = 2 // what the gate opened all the same
		}
		s.sleep(10 * time.Second)
		require.Len(r, s.runs, runs)
		require.Len(r, s.closed, closes)
		require.Equal(r, protocol.EndStopped, s.last().State)
	})
}

func TestAnAttemptIsNotLostBecauseItsWorkerIsSlowToAnswer(t *testing.T) {
	playAll(t, stage{silent: true}, func(r *check.Run, s *stage) {
		s.start("j", 1)
		s.sleep(time.Minute)
		require.Empty(r, s.closed)
		require.Greater(r, len(s.runs), 5)
		s.silent = false
		s.running = protocol.Running{Ended: true, State: protocol.EndFailed, Error: "no target"}
		s.sleep(10 * time.Second)
		require.Equal(r, protocol.EndFailed, s.last().State)
		require.Equal(r, "no target", s.last().Error)
		asked := len(s.runs)
		s.sleep(time.Minute)
		require.Len(r, s.runs, asked)
	})
}

func TestADeadlineThatIsPutOffIsToldToWorkers(t *testing.T) {
	playAll(t, stage{}, func(r *check.Run, s *stage) {
		s.start("j", 1)
		s.sleep(time.Second)
		extend := &protocol.Extend{Job: "j", Token: 4, Left: time.Hour}
		_, err := ask[protocol.Taken](s, protocol.MethodExtend, extend)
		require.ErrorIs(r, err, rpc.NotOwner)
		extend.Token = 5
		_, err = ask[protocol.Taken](s, protocol.MethodExtend, extend)
		require.NoError(r, err)
		s.sleep(time.Second)
		require.Len(r, s.extends, 1)
		require.Greater(r, s.extends[0].Left, 59*time.Minute)
		extend.Left = time.Second
		_, err = ask[protocol.Taken](s, protocol.MethodExtend, extend)
		require.NoError(r, err)
		s.sleep(time.Second)
		require.Len(r, s.extends, 1, "it never comes nearer")
	})
}

func TestAManagerThatLeavesWaitsForWhatItHas(t *testing.T) {
	playAll(t, stage{}, func(r *check.Run, s *stage) {
		s.start("j", 1)
		s.sleep(time.Second)
		s.manager.Stop()
		s.sleep(100 * time.Millisecond)
		require.True(r, s.beatIn.Leaving)
		_, err := s.dispatch("k", 1, 5)
		require.ErrorIs(r, err, rpc.Busy)
		s.sleep(5 * time.Second)
		s.ended("j")
		s.sleep(2 * time.Second)
		require.Equal(r, protocol.EndCompleted, s.last().State)
		require.Empty(r, s.manager.Tasks())
		require.NotEmpty(r, s.waits)
		require.Equal(r, "1 shares", s.waits[0])
		require.Empty(r, s.waits[len(s.waits)-1])
	})
}

// adoption is a job of two shards, one of which had been lost and followed.
func (s *stage) adoption() *protocol.Adopt {
	split, attempts := protocol.Split{}, []protocol.AdoptedAttempt{}
	for i := range uint32(2) {
		split.Shards = append(split.Shards, protocol.Shard{
			Shard: i, Cores: 1, Worker: "w", Incarnation: 1,
			Plan: load.Plan{Rate: load.PerSecond(10), Duration: time.Minute},
		})
		attempts = append(attempts, protocol.AdoptedAttempt{
			Attempt: protocol.Attempt{Shard: i, Attempt: 1 + i, Worker: "w", Incarnation: 1},
			Elapsed: time.Duration(i) * 10 * time.Second,
		})
	}
	return &protocol.Adopt{
		Job: "j", Token: 5, GateBoot: 3, Windows: stats.DefaultConfig(), Deadline: 10 * time.Minute,
		Shares: []protocol.AdoptedShare{{
			Workflow: protocol.WorkflowSpec{Name: "wf", Engine: "scripted", Cores: 2},
			Split:    split, Attempts: attempts,
		}},
	}
}

func (s *stage) adoptNow(in *protocol.Adopt) {
	_, err := ask[protocol.Taken](s, protocol.MethodAdopt, in)
	require.NoError(s.run, err)
}

func TestARestartedManagerTakesOverWhatRuns(t *testing.T) {
	playAll(t, stage{late: true, adopt: []string{"j", "k"}}, func(r *check.Run, s *stage) {
		first := check.Draw(r, "the worker is first", true, false)
		hello := protocol.WorkerHello{Worker: "w", Incarnation: 1, Cores: 3,
			Streams: []stats.Stream{streamOf("j"), streamOf("k"), streamOf("gone")}}
		if first {
			s.hello(hello)
		}
		_, err := s.dispatch("l", 1, 5)
		require.ErrorIs(r, err, rpc.Busy)
		_, err = ask[protocol.Taken](s, protocol.MethodAttemptEnded, &protocol.Ended{Stream: streamOf("j")})
		require.ErrorIs(r, err, rpc.Busy, "it may come yet")
		s.adoptNow(s.adoption())
		s.adoptNow(s.adoption()) // again changes nothing
		if !first {
			s.sleep(2 * time.Second)
			require.Empty(r, s.runs)
			s.hello(hello)
		}
		s.env.Go("heartbeats", s.beat)
		s.sleep(time.Second)
		require.Empty(r, s.stops, "one may come yet")
		_, err = ask[protocol.Taken](s, protocol.MethodJobEnd, &protocol.JobEnd{Job: "k", Token: 5})
		require.NoError(r, err)
		s.sleep(time.Second)
		require.Len(r, s.stops, 2, "what has ended, and what nobody knows")
		require.Len(r, s.runs, 2)
		for _, run := range s.runs {
			if run.Stream.Attempt == 1 {
				require.Zero(r, run.Elapsed)
			} else {
				require.GreaterOrEqual(r, run.Elapsed, 10*time.Second)
				require.Less(r, run.Elapsed, 14*time.Second)
			}
		}
		_, err = s.dispatch("l", 2, 5)
		require.ErrorIs(r, err, rpc.Busy, "two of three cores are held")
		_, err = s.dispatch("l", 1, 5)
		require.NoError(r, err)
		s.sleep(20 * time.Second)
		require.Empty(r, s.closed)
	})
}

func TestAWorkerThatDoesNotComeBackToARestartedManagerIsLost(t *testing.T) {
	set := stage{late: true, adopt: []string{"j"}, next: true, left: time.Minute}
	playAll(t, set, func(r *check.Run, s *stage) {
		adopted := s.adoption()
		adopted.Shares[0].Attempts[0].Final = true
		adopted.Shares[0].Attempts[1].Closed = check.Draw(r, "it was closed before", true, false)
		adopted.Shares[0].Attempts[1].Next, adopted.Shares[0].Attempts[1].Left = true, time.Minute
		s.adoptNow(adopted)
		s.second(2)
		s.sleep(14 * time.Second)
		require.Empty(r, s.nexts)
		s.sleep(4 * time.Second)
		require.Len(r, s.nexts, 1)
		waited := s.nextAt[0].Sub(0)
		require.GreaterOrEqual(r, waited, certain-100*time.Millisecond, "as long as any may be silent")
		s.running = protocol.Running{Ended: true, State: protocol.EndCompleted}
		s.sleep(time.Second)
		require.Equal(r, uint32(3), s.runs[len(s.runs)-1].Stream.Attempt)
	})
}

func TestAnAdoptedJobThatHadEndedIsStated(t *testing.T) {
	playAll(t, stage{late: true, adopt: []string{"j"}}, func(r *check.Run, s *stage) {
		adopted := s.adoption()
		adopted.Shares[0].Attempts[0].Final = true
		adopted.Shares[0].Attempts[1].Closed = true
		s.adoptNow(adopted)
		s.sleep(time.Second)
		require.Equal(r, protocol.EndStopped, s.last().State)
		require.Contains(r, s.last().Error, "worker w lost")
		adopted.Job = "broken"
		adopted.Shares[0].Attempts = adopted.Shares[0].Attempts[:1]
		_, err := ask[protocol.Taken](s, protocol.MethodAdopt, adopted)
		require.ErrorIs(r, err, rpc.Invalid)
	})
}
