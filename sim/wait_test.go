package sim

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
)

func TestNotificationIsRememberedOnce(t *testing.T) {
	alone(t, 1, func(_ *World, env core.Env) {
		bell := env.NewSignal()
		bell.Notify()
		bell.Notify()
		require.NoError(t, bell.Wait(env.Context(), core.Forever))
		require.ErrorIs(t, bell.Wait(env.Context(), time.Second), core.ErrElapsed)
		require.ErrorIs(t, bell.Wait(env.Context(), 0), core.ErrElapsed)
	})
}

func TestRememberedNotificationWinsOverEverything(t *testing.T) {
	alone(t, 1, func(_ *World, env core.Env) {
		ctx, cancel := env.WithCancel(env.Context())
		cancel()
		bell := env.NewSignal()
		bell.Notify()
		require.NoError(t, bell.Wait(ctx, 0))
		require.ErrorIs(t, bell.Wait(ctx, 0), context.Canceled)
	})
}

func TestNotifyThatCoincidesWithTimeoutIsNotLost(t *testing.T) {
	first := map[bool]int{}
	seeds(t, 100, func(seed uint64) {
		alone(t, seed, func(_ *World, env core.Env) {
			bell, rung := env.NewSignal(), false
			env.Go("ringer", func() {
				_ = env.Sleep(env.Context(), ms)
				rung = true
				bell.Notify()
			})
			err := bell.Wait(env.Context(), ms)
			first[err == nil]++
			require.Equal(t, rung, err == nil)
			if err != nil {
				require.NoError(t, bell.Wait(env.Context(), time.Second), "remembered")
			}
		})
	})
	require.NotZero(t, first[true])
	require.NotZero(t, first[false])
}

func TestSecondWaiterPanics(t *testing.T) {
	failure := failing(t, Config{}, func(_ *World, env core.Env) {
		bell := env.NewSignal()
		wait := func() { _ = bell.Wait(env.Context(), core.Forever) }
		env.Go("one", wait)
		env.Go("two", wait)
		_ = env.Sleep(env.Context(), time.Hour)
	})
	require.Contains(t, failure.Key, KeyPanic)
	require.Contains(t, failure.Message, "waits already")
}

func TestCancelWakesAtOnce(t *testing.T) {
	alone(t, 1, func(w *World, env core.Env) {
		ctx, cancel := env.WithCancel(env.Context())
		child := context.WithValue(ctx, fact("key"), "value")
		grandchild, stop := env.WithCancel(child)
		defer stop()
		var ended []time.Duration
		for _, c := range []context.Context{ctx, child, grandchild} {
			env.Go("sleeper", func() {
				require.ErrorIs(t, env.Sleep(c, time.Hour), context.Canceled)
				ended = append(ended, w.Now())
			})
		}
		_ = env.Sleep(env.Context(), ms)
		cancel()
		require.ErrorIs(t, grandchild.Err(), context.Canceled)
		require.Equal(t, "value", grandchild.Value(fact("key")))
		_ = env.Sleep(env.Context(), ms)
		require.Equal(t, []time.Duration{ms, ms, ms}, ended)
		require.ErrorIs(t, env.Sleep(ctx, time.Hour), context.Canceled)
		require.Empty(t, w.foreign)
	})
}

func TestTimeoutEndsContextsBelowIt(t *testing.T) {
	alone(t, 1, func(w *World, env core.Env) {
		outer, cancelOuter := env.WithTimeout(env.Context(), time.Second)
		defer cancelOuter()
		inner, cancel := env.WithTimeout(outer, time.Minute)
		defer cancel()
		require.ErrorIs(t, env.NewSignal().Wait(inner, core.Forever), context.DeadlineExceeded)
		require.Equal(t, time.Second, w.Now())
		require.Equal(t, context.DeadlineExceeded, inner.Err())
		require.Equal(t, context.DeadlineExceeded, context.Cause(inner))
		late, cancelLate := env.WithTimeout(inner, time.Hour)
		defer cancelLate()
		require.Equal(t, context.DeadlineExceeded, late.Err())
		none, cancelNone := env.WithTimeout(env.Context(), 0)
		defer cancelNone()
		require.Equal(t, context.DeadlineExceeded, none.Err())
	})
}

func TestCancelledTimeoutDoesNotFire(t *testing.T) {
	w := alone(t, 1, func(w *World, env core.Env) {
		for range 1000 {
			_, cancel := env.WithTimeout(env.Context(), time.Hour)
			cancel()
		}
		require.Less(t, len(w.schedule.items), 200)
		require.Empty(t, env.Context().(*simContext).children)
	})
	require.Zero(t, w.Now())
}

func TestStandardChildrenEndSynchronouslyWithoutGoroutine(t *testing.T) {
	alone(t, 1, func(_ *World, env core.Env) {
		before := runtime.NumGoroutine()
		parent, cancel := env.WithCancel(env.Context())
		standard, stop := context.WithCancel(context.WithValue(parent, fact("key"), 1))
		defer stop()
		ours, stopOurs := env.WithCancel(standard)
		defer stopOurs()
		require.Equal(t, before, runtime.NumGoroutine())
		require.NoError(t, ours.Err())
		cancel()
		require.ErrorIs(t, standard.Err(), context.Canceled)
		require.ErrorIs(t, ours.Err(), context.Canceled)
		<-ours.Done()
		<-standard.Done()
	})
}

func TestForeignContextIsPolledAndOnlyWhileItIsWaitedFor(t *testing.T) {
	errStop := errors.New("stop")
	alone(t, 1, func(w *World, env core.Env) {
		foreign, cancel := context.WithCancelCause(env.Context())
		below, stop := env.WithCancel(foreign)
		defer stop()
		woke := 0
		for _, c := range []context.Context{foreign, below} {
			env.Go("sleeper", func() {
				require.ErrorIs(t, env.Sleep(c, time.Hour), errStop)
				woke++
			})
		}
		_ = env.Sleep(env.Context(), ms)
		require.Len(t, w.foreign, 2)
		cancel(errStop)
		_ = env.Sleep(env.Context(), ms)
		require.Equal(t, 2, woke)
		require.Empty(t, w.foreign)
	})
}

func TestTaskIsPolledOnceHoweverOftenItWaits(t *testing.T) {
	alone(t, 1, func(w *World, env core.Env) {
		foreign, cancel := context.WithCancel(env.Context())
		defer cancel()
		for range 100 {
			_ = env.Sleep(foreign, ms)
			require.LessOrEqual(t, len(w.foreign), 1)
		}
	})
}

func TestLockIsExclusiveAndPassedOn(t *testing.T) {
	winners := map[int]bool{}
	seeds(t, 50, func(seed uint64) {
		alone(t, seed, func(_ *World, env core.Env) {
			lock, inside, ended := env.NewLocker(), 0, 0
			var order []int
			for i := range 4 {
				env.Go("task", func() {
					lock.Lock()
					order = append(order, i)
					inside++
					require.Equal(t, 1, inside)
					_ = env.Sleep(env.Context(), ms)
					inside--
					lock.Unlock()
					ended++
				})
			}
			_ = env.Sleep(env.Context(), time.Second)
			require.Equal(t, 4, ended)
			winners[order[1]] = true
		})
	})
	require.Len(t, winners, 4, "who gets a lock that is passed on is a choice")
}

func TestUnlockOfAnOpenLockPanics(t *testing.T) {
	failure := failing(t, Config{}, func(_ *World, env core.Env) { env.NewLocker().Unlock() })
	require.Contains(t, failure.Message, "not locked")
}

// A counter that is read, and written back after an interleaving point, loses updates under some schedules,
// and under none without the point.
func lostUpdates(t *testing.T, between func(core.Env)) (lost int) {
	seeds(t, 100, func(seed uint64) {
		alone(t, seed, func(_ *World, env core.Env) {
			counter := 0
			for range 2 {
				env.Go("adder", func() {
					read := counter
					between(env)
					counter = read + 1
				})
			}
			_ = env.Sleep(env.Context(), ms)
			if counter != 2 {
				lost++
			}
		})
	})
	return lost
}

func TestInterleavingPointsAreThoseOfTheContract(t *testing.T) {
	points := map[string]func(core.Env){
		"Yield": func(env core.Env) { env.Yield("between") },
		"Lock":  func(env core.Env) { env.NewLocker().Lock() },
		"Sleep": func(env core.Env) { _ = env.Sleep(env.Context(), 0) },
		"Wait":  func(env core.Env) { _ = env.NewSignal().Wait(env.Context(), 0) },
		"Wait for what rang": func(env core.Env) {
			bell := env.NewSignal()
			bell.Notify()
			_ = bell.Wait(env.Context(), time.Hour)
		},
	}
	for name, between := range points {
		t.Run(name, func(t *testing.T) { require.NotZero(t, lostUpdates(t, between)) })
	}
	none := map[string]func(core.Env){
		"Now":    func(env core.Env) { env.Now() },
		"Wall":   func(env core.Env) { env.Wall() },
		"Rand":   func(env core.Env) { env.Rand().Uint64() },
		"Notify": func(env core.Env) { env.NewSignal().Notify() },
		"Note":   func(env core.Env) { env.Note(fact("x")) },
		"Log":    func(env core.Env) { env.Log().Info("x") },
		"Go":     func(env core.Env) { env.Go("x", func() {}) },
		"cancel": func(env core.Env) {
			_, cancel := env.WithTimeout(env.Context(), ms)
			cancel()
		},
	}
	for name, between := range none {
		t.Run(name, func(t *testing.T) { require.Zero(t, lostUpdates(t, between)) })
	}
}
