package sim

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
)

func TestDeadlockNamesWhoWaitsForWhat(t *testing.T) {
	failure := failing(t, Config{}, func(_ *World, env core.Env) {
		lock := env.NewLocker()
		env.Go("holder", func() {
			lock.Lock()
			_ = env.NewSignal().Wait(context.Background(), core.Forever)
		})
		_ = env.Sleep(context.Background(), time.Second)
		lock.Lock()
	})
	require.Equal(t, KeyDeadlock, failure.Key)
	require.Contains(t, failure.Message, "n/main waits for a lock that n/holder holds")
	require.Contains(t, failure.Message, "n/holder waits for a signal")
}

func TestServersThatWaitAreNoDeadlock(t *testing.T) {
	alone(t, 1, func(_ *World, env core.Env) {
		env.Go("server", func() { _ = env.NewSignal().Wait(context.Background(), core.Forever) })
		_ = env.Sleep(env.Context(), time.Second)
	})
}

func TestCycleOfLocksIsFoundAtOnce(t *testing.T) {
	failure := failing(t, Config{}, func(_ *World, env core.Env) {
		a, b := env.NewLocker(), env.NewLocker()
		env.Go("server", func() { // keeps the World busy for ever: this is no deadlock of the whole
			for env.Sleep(context.Background(), ms) == nil {
			}
		})
		env.Go("ba", func() {
			b.Lock()
			_ = env.Sleep(context.Background(), time.Second)
			a.Lock()
		})
		a.Lock()
		_ = env.Sleep(context.Background(), time.Second)
		b.Lock()
	})
	require.Equal(t, KeyLockCycle, failure.Key)
	require.Contains(t, failure.Message, "n/main waits for a lock that n/ba holds")
	require.Contains(t, failure.Message, "n/ba waits for a lock that n/main holds")
	require.Less(t, failure.At, 3*time.Second)
}

func TestLockTakenTwiceIsACycleOfOne(t *testing.T) {
	failure := failing(t, Config{}, func(_ *World, env core.Env) {
		lock := env.NewLocker()
		lock.Lock()
		lock.Lock()
	})
	require.Equal(t, KeyLockCycle, failure.Key)
}

func TestWorkloadParkedBeyondItsBoundFails(t *testing.T) {
	failure := failing(t, Config{WorkloadBound: time.Minute}, func(_ *World, env core.Env) {
		_ = env.Sleep(env.Context(), time.Hour) // asleep is not waiting
		env.Go("server", func() {
			for env.Sleep(env.Context(), time.Second) == nil {
			}
		})
		_ = env.NewSignal().Wait(env.Context(), core.Forever)
	})
	require.Equal(t, KeyParked+" main", failure.Key)
	require.InDelta(t, time.Hour+time.Minute, failure.At, float64(2*time.Second))
}

func TestWorkloadWithinItsBoundHolds(t *testing.T) {
	w := NewWorld(Config{WorkloadBound: time.Minute})
	n := w.AddNode("n", func(core.Env) {})
	w.Workload(n, "main", func(env core.Env) {
		for range 100 {
			require.ErrorIs(t, env.NewSignal().Wait(env.Context(), 50*time.Second), core.ErrElapsed)
		}
	})
	require.Nil(t, w.Run())
}

func TestTimeThatStandsStillFails(t *testing.T) {
	for name, spin := range map[string]func(env core.Env){
		"alone": func(env core.Env) {},
		"two": func(env core.Env) {
			env.Go("other", func() {
				for {
					env.Yield("other")
				}
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			failure := failing(t, Config{Stalls: Quiet()}, func(_ *World, env core.Env) {
				spin(env)
				for {
					env.Yield("again")
				}
			})
			require.Equal(t, KeyLivelock, failure.Key)
		})
	}
}

func TestRunBeyondItsLimitFails(t *testing.T) {
	failure := failing(t, Config{Limit: time.Hour}, func(_ *World, env core.Env) {
		for {
			_ = env.Sleep(env.Context(), time.Second)
		}
	})
	require.Equal(t, KeyLimit, failure.Key)
	require.LessOrEqual(t, failure.At, time.Hour)
}

func explode(env core.Env) {
	var m map[string]int
	_ = env.Sleep(env.Context(), ms)
	m["x"] = 1
}

func TestPanicInATaskKeepsItsStackAndSite(t *testing.T) {
	failure := failing(t, Config{}, func(_ *World, env core.Env) {
		env.Go("bad", func() { explode(env) })
		_ = env.Sleep(env.Context(), time.Hour)
	})
	require.True(t, strings.HasSuffix(failure.Key, "sim.explode"), failure.Key)
	require.Contains(t, failure.Stack, "sim.explode")
	require.Contains(t, failure.Message, "nil map")
	require.Equal(t, "bad", failure.Task)
	require.Equal(t, "n", failure.Node)
}

func TestPanicOutsideTheTasksIsAFailure(t *testing.T) {
	w := NewWorld(Config{})
	n := w.AddNode("n", func(core.Env) {})
	w.Workload(n, "main", func(env core.Env) { _ = env.Sleep(env.Context(), time.Hour) })
	w.After(time.Minute, "break", func() { panic("broken nemesis") })
	failure := w.Run()
	require.True(t, strings.HasPrefix(failure.Key, KeyPanic), failure.Key)
	require.Equal(t, "broken nemesis", failure.Message)
}

// failNow is what testify's require calls in the end.
func failNow(w *World) {
	w.Fail("the claim", "does not hold")
	runtime.Goexit()
}

func TestFailNowInATaskEndsOnlyTheRun(t *testing.T) {
	for name, body := range map[string]func(w *World, env core.Env){
		"workload": func(w *World, env core.Env) { failNow(w) },
		"server": func(w *World, env core.Env) {
			env.Go("server", func() { failNow(w) })
			_ = env.Sleep(env.Context(), time.Hour)
		},
		"callback": func(w *World, env core.Env) {
			w.After(0, "check", func() { failNow(w) })
			_ = env.Sleep(env.Context(), time.Hour)
		},
		"scan": func(w *World, env core.Env) {
			w.Every(1, func() { failNow(w) })
			_ = env.Sleep(env.Context(), time.Hour)
		},
		"scan at the end": func(w *World, env core.Env) {
			w.Every(1_000_000, func() { failNow(w) })
		},
		"observer": func(w *World, env core.Env) {
			w.Observe(func(Observation) { failNow(w) })
			env.Note(fact("seen"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			failure := failing(t, Config{}, func(w *World, env core.Env) {
				env.Go("bystander", func() { _ = env.Sleep(env.Context(), time.Hour) })
				env.Yield("let it start")
				body(w, env)
			})
			require.Equal(t, "the claim", failure.Key)
		})
	}
}

func TestTaskThatExitsWithoutAReasonFails(t *testing.T) {
	failure := failing(t, Config{}, func(_ *World, env core.Env) { runtime.Goexit() })
	require.Equal(t, KeyExit+"n/main", failure.Key)
}

func TestFirstFailureCounts(t *testing.T) {
	failure := failing(t, Config{}, func(w *World, env core.Env) {
		w.Fail("first", "")
		w.Fail("second", "")
		panic("third")
	})
	require.Equal(t, "first", failure.Key)
}

func TestTheRunEndsAfterTheStepThatFailed(t *testing.T) {
	after := false
	failing(t, Config{}, func(w *World, env core.Env) {
		w.Fail("first", "")
		env.Yield("the step ends here")
		after = true
	})
	require.False(t, after)
}

func TestWorldThatIsMadeWrongFailsAtRun(t *testing.T) {
	boot := func(core.Env) {}
	for name, make := range map[string]func() *World{
		"Limit":         func() *World { return NewWorld(Config{Limit: -1}) },
		"WorkloadBound": func() *World { return NewWorld(Config{WorkloadBound: -1}) },
		"Keep":          func() *World { return NewWorld(Config{Keep: -2}) },
		"Stalls[1]":     func() *World { return NewWorld(Config{Stalls: StallWeights{1, 1 << 30}}) },
		"two nodes": func() *World {
			w := NewWorld(Config{})
			w.AddNode("n", boot)
			w.AddNode("n", boot)
			return w
		},
		"is down": func() *World {
			w := NewWorld(Config{})
			n := w.AddNode("n", boot)
			n.Crash()
			w.Workload(n, "main", boot)
			return w
		},
		"runs once": func() *World {
			w := NewWorld(Config{})
			w.Run()
			return w
		},
	} {
		t.Run(name, func(t *testing.T) {
			failure := make().Run()
			require.NotNil(t, failure)
			require.Equal(t, KeyConfig, failure.Key)
			require.Contains(t, failure.Message, name)
		})
	}
}

func TestWaitingFromOutsideTheTasksSaysSo(t *testing.T) {
	failure := failing(t, Config{}, func(w *World, env core.Env) {
		w.After(ms, "wait", func() { _ = env.Sleep(env.Context(), ms) })
		_ = env.Sleep(env.Context(), time.Hour)
	})
	require.Contains(t, failure.Message, "outside its tasks")
}

func TestWaitingInAnotherNodesEnvironmentSaysSo(t *testing.T) {
	failure := failing(t, Config{}, func(w *World, env core.Env) {
		other := w.AddNode("other", func(core.Env) {})
		w.Workload(other, "thief", func(core.Env) { env.Yield("not mine") })
		_ = env.Sleep(env.Context(), time.Hour)
	})
	require.Contains(t, failure.Message, "a task of another")
}

func TestWorldOfServersEndsAtItsLimitOrWhenNothingIsScheduled(t *testing.T) {
	for name, boot := range map[string]func(core.Env){
		"endless": func(env core.Env) {
			for env.Sleep(env.Context(), time.Second) == nil {
			}
		},
		"waiting": func(env core.Env) { _ = env.NewSignal().Wait(env.Context(), core.Forever) },
		"ended":   func(core.Env) {},
	} {
		w := NewWorld(Config{Limit: time.Hour})
		w.AddNode("n", boot)
		require.Nil(t, w.Run(), name)
	}
}

func TestTaskThatIsUnwoundCannotFailTheRun(t *testing.T) {
	w := NewWorld(Config{})
	n := w.AddNode("n", func(env core.Env) {
		defer func() { w.Fail("from the grave", "") }()
		_ = env.Sleep(env.Context(), core.Forever)
	})
	w.After(time.Second, "crash", n.Crash)
	require.Nil(t, w.Run())
}

func TestTimeoutBeyondTheEndOfTimeIsNone(t *testing.T) {
	failure := failing(t, Config{}, func(w *World, env core.Env) {
		env.Yield("later")
		_ = env.Sleep(env.Context(), 1)
		ctx, cancel := env.WithTimeout(env.Context(), core.Forever-1)
		defer cancel()
		require.ErrorIs(t, env.NewSignal().Wait(ctx, core.Forever-1), core.ErrElapsed)
	})
	require.Equal(t, KeyDeadlock, failure.Key)
}

func TestDeadlockNamesAPausedNode(t *testing.T) {
	failure := failing(t, Config{}, func(w *World, env core.Env) {
		w.Node("n").Pause()
		env.Yield("never again")
	})
	require.Equal(t, KeyDeadlock, failure.Key)
	require.Contains(t, failure.Message, "n/main is ready, on a paused node")
}
