package sim

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// pair runs drive as the workload of node "a", beside node "b".
func pair(
	t *testing.T, seed uint64, boot func(core.Env), drive func(w *World, env core.Env, b *Node),
) *World {
	t.Helper()
	w := NewWorld(Config{Chooser: choice.NewSeeded(seed), Keep: trace.All, Stalls: Quiet()})
	a := w.AddNode("a", func(core.Env) {})
	b := w.AddNode("b", boot)
	w.Workload(a, "main", func(env core.Env) { drive(w, env, b) })
	if failure := w.Run(); failure != nil {
		t.Fatalf("seed %d: %v\n%s", seed, failure, failure.Stack)
	}
	return w
}

func TestCrashUnwindsEveryTaskAndNothingShows(t *testing.T) {
	seeds(t, 20, func(seed uint64) {
		var unwound, caught, after int
		noted := 0
		pair(t, seed, func(env core.Env) {
			task := func() {
				defer func() {
					unwound++
					if recover() != nil {
						caught++
					}
				}()
				defer func() { // none of these may do anything, and the first of them does not return
					env.Note(fact("from the grave"))
					after++
				}()
				defer func() {
					env.Go("child", func() { after++ })
					after++
				}()
				for {
					_ = env.Sleep(env.Context(), ms)
				}
			}
			for range 100 {
				env.Go("task", task)
			}
			task()
		}, func(w *World, env core.Env, b *Node) {
			w.Observe(func(Observation) { noted++ })
			_ = env.Sleep(env.Context(), 5*ms)
			b.Crash()
			require.False(t, b.Up())
			_ = env.Sleep(env.Context(), 5*ms)
			require.Equal(t, 101, unwound)
		})
		require.Zero(t, caught+after+noted)
	})
}

func TestNodeThatCrashesItselfStopsThere(t *testing.T) {
	steps := 0
	var b *Node
	w := NewWorld(Config{})
	a := w.AddNode("a", func(core.Env) {})
	b = w.AddNode("b", func(env core.Env) {
		_ = env.Sleep(env.Context(), ms)
		steps++
		b.Crash()
		_ = env.Sleep(env.Context(), ms)
		steps++
	})
	w.Workload(a, "main", func(env core.Env) { _ = env.Sleep(env.Context(), time.Second) })
	require.Nil(t, w.Run())
	require.Equal(t, 1, steps)
}

func TestRestartIsBootAgainWithoutMemory(t *testing.T) {
	var booted []core.Instant
	var draws []uint64
	pair(t, 1, func(env core.Env) {
		booted = append(booted, env.Now())
		draws = append(draws, env.Rand().Uint64())
		_ = env.Sleep(env.Context(), core.Forever)
	}, func(_ *World, env core.Env, b *Node) {
		_ = env.Sleep(env.Context(), time.Second)
		b.Crash()
		_ = env.Sleep(env.Context(), time.Second)
		b.Restart()
		require.Equal(t, 1, b.Incarnation())
		_ = env.Sleep(env.Context(), time.Second)
		b.Restart() // of one that is up: a crash first
		_ = env.Sleep(env.Context(), time.Second)
	})
	require.Equal(t, []core.Instant{0, 0, 0}, booted, "steady time begins at boot")
	require.Len(t, draws, 3)
	require.NotEqual(t, draws[0], draws[1], "each incarnation has a seed of its own")
}

func TestWorkloadEndsWithItsNode(t *testing.T) {
	w := NewWorld(Config{})
	a := w.AddNode("a", func(core.Env) {})
	w.Workload(a, "main", func(env core.Env) { _ = env.Sleep(env.Context(), core.Forever) })
	w.After(time.Second, "crash", a.Crash)
	require.Nil(t, w.Run())
	require.Equal(t, time.Second, w.Now())
}

func TestPausedNodeDoesNotRunAndItsClockGoesOn(t *testing.T) {
	seeds(t, 20, func(seed uint64) {
		var ran []core.Instant
		pair(t, seed, func(env core.Env) {
			for {
				_ = env.Sleep(env.Context(), 10*ms)
				ran = append(ran, env.Now())
			}
		}, func(_ *World, env core.Env, b *Node) {
			_ = env.Sleep(env.Context(), 105*ms)
			b.Pause()
			before := len(ran)
			require.Equal(t, 10, before)
			_ = env.Sleep(env.Context(), time.Second)
			require.Len(t, ran, before)
			b.Resume()
			_ = env.Sleep(env.Context(), ms)
			require.Len(t, ran, before+1, "one timer was due")
			require.Equal(t, core.Instant(1105*ms), ran[before], "the clock went on")
		})
	})
}

func TestCrashOfAPausedNodeAndPauseOfACrashedOne(t *testing.T) {
	boots := 0
	pair(t, 1, func(env core.Env) {
		boots++
		for {
			_ = env.Sleep(env.Context(), ms)
		}
	}, func(_ *World, env core.Env, b *Node) {
		b.Pause()
		_ = env.Sleep(env.Context(), time.Second)
		b.Crash()
		require.False(t, b.Paused(), "the pause ended with the process")
		b.Pause()
		b.Resume()
		require.False(t, b.Paused())
		b.Restart()
		_ = env.Sleep(env.Context(), time.Second)
	})
	require.Equal(t, 1, boots, "a node that is paused before its first step does not boot")
}

func TestNodeThatPausesItselfStopsWhenItNextWaits(t *testing.T) {
	var self *Node
	var woke time.Duration
	w := NewWorld(Config{Stalls: Quiet()})
	self = w.AddNode("n", func(core.Env) {})
	w.Workload(self, "main", func(env core.Env) {
		self.Pause()
		env.Yield("here")
		woke = w.Now()
	})
	w.After(time.Second, "resume", self.Resume)
	require.Nil(t, w.Run())
	require.Equal(t, time.Second, woke)
}

func TestStopEndsTheContextOnly(t *testing.T) {
	stopped := false
	pair(t, 1, func(env core.Env) {
		err := env.Sleep(env.Context(), core.Forever)
		stopped = true
		require.ErrorIs(t, err, context.Canceled)
		require.NoError(t, env.Sleep(context.Background(), time.Second), "a stopped node still runs")
	}, func(_ *World, env core.Env, b *Node) {
		_ = env.Sleep(env.Context(), time.Second)
		b.Stop()
		_ = env.Sleep(env.Context(), ms)
		require.True(t, stopped)
		require.True(t, b.Up())
	})
}

func TestSlowNodeIsLateMoreOften(t *testing.T) {
	late := func(slow bool) (n int) {
		w := NewWorld(Config{})
		a := w.AddNode("a", func(core.Env) {})
		a.Slow(slow)
		w.Workload(a, "main", func(env core.Env) {
			for range 1000 {
				before := env.Now()
				_ = env.Sleep(env.Context(), ms)
				if env.Now().Sub(before) != ms {
					n++
				}
			}
		})
		require.Nil(t, w.Run())
		return n
	}
	require.InDelta(t, 60, late(false), 40)
	require.InDelta(t, 500, late(true), 100)
}

func TestTasksWithOneNameHaveStreamsOfTheirOwn(t *testing.T) {
	recorder := choice.NewRecorder(choice.NewSeeded(1))
	w := NewWorld(Config{Chooser: recorder, Stalls: Quiet()})
	n := w.AddNode("n", func(core.Env) {})
	w.Workload(n, "main", func(env core.Env) {
		for range 3 {
			env.Go("twin", func() {})
		}
		_ = env.Sleep(env.Context(), ms)
	})
	require.Nil(t, w.Run())
	for _, key := range []string{"pick n#0/twin 0", "pick n#0/twin~2 0", "pick n#0/twin~3 0"} {
		require.Contains(t, recorder.Answers(), key)
	}
}

func TestQuietScheduleIsFirstComeFirstServed(t *testing.T) {
	var order []int
	w := NewWorld(Config{Chooser: choice.NewReplayer(nil, nil)})
	n := w.AddNode("n", func(core.Env) {})
	w.Workload(n, "main", func(env core.Env) {
		for i := range 10 {
			env.Go("task", func() {
				env.Yield("then")
				order = append(order, i)
			})
		}
		_ = env.Sleep(env.Context(), ms)
	})
	require.Nil(t, w.Run())
	require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, order)
}

func TestSeedsFindEveryOrderOfThreeReadyTasks(t *testing.T) {
	orders := make(map[[3]int]bool)
	seeds(t, 200, func(seed uint64) {
		var order []int
		alone(t, seed, func(_ *World, env core.Env) {
			for i := range 3 {
				env.Go("task", func() { order = append(order, i) })
			}
			_ = env.Sleep(env.Context(), ms)
		})
		orders[[3]int(order)] = true
	})
	require.Len(t, orders, 6)
}
