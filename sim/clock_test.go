package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/core"
)

func TestSteadyClockNeverFallsAndTimersAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "boot"))
		clock := steadyClock{at: now, drift: rapid.Int64Range(-MostDrift, MostDrift).Draw(t, "drift")}
		last := clock.show(now)
		require.Zero(t, last)
		for range rapid.IntRange(1, 20).Draw(t, "changes") {
			wait := core.Instant(rapid.Int64Range(0, int64(24*time.Hour)).Draw(t, "wait"))
			target := last + wait
			due := clock.whenShows(target, now)
			require.GreaterOrEqual(t, due, now)
			require.GreaterOrEqual(t, clock.show(due), target, "not early")
			if due > now {
				require.Less(t, clock.show(due-1), target, "not late")
			}
			now += time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "pass"))
			require.GreaterOrEqual(t, clock.show(now), last)
			last = clock.show(now)
			clock.setDrift(rapid.Int64Range(-MostDrift, MostDrift).Draw(t, "drift"), now)
			require.Equal(t, last, clock.show(now), "no jump")
		}
	})
}

func TestClockThatRunsFastWakesEarly(t *testing.T) {
	pair(t, 1, func(core.Env) {}, func(w *World, env core.Env, _ *Node) {
		self := w.Node("a")
		self.DriftSteady(100_000) // 10 % fast
		before, real := env.Now(), w.Now()
		require.NoError(t, env.Sleep(env.Context(), 11*time.Second))
		require.Equal(t, 11*time.Second, env.Now().Sub(before))
		require.Equal(t, 10*time.Second, w.Now()-real)
	})
}

func TestDriftThatChangesMovesWhatWaits(t *testing.T) {
	for _, ppm := range []int64{MostDrift, -MostDrift} {
		var slept, ranOut, waited time.Duration
		w := NewWorld(Config{Stalls: Quiet()})
		n := w.AddNode("n", func(core.Env) {})
		w.Workload(n, "sleep", func(env core.Env) {
			require.NoError(t, env.Sleep(env.Context(), 10*time.Second))
			slept = w.Now()
		})
		w.Workload(n, "context", func(env core.Env) {
			ctx, cancel := env.WithTimeout(env.Context(), 10*time.Second)
			defer cancel()
			_ = env.Sleep(ctx, core.Forever)
			ranOut = w.Now()
		})
		w.Workload(n, "signal", func(env core.Env) {
			require.ErrorIs(t, env.NewSignal().Wait(env.Context(), 10*time.Second), core.ErrElapsed)
			waited = w.Now()
		})
		w.After(4*time.Second, "drift", func() { n.DriftSteady(ppm) })
		require.Nil(t, w.Run())
		want := 4*time.Second + time.Duration(6e9*1e6/(1e6+float64(ppm)))
		require.InDelta(t, want, slept, 2)
		require.InDelta(t, want, ranOut, 2)
		require.InDelta(t, want, waited, 2)
	}
}

func TestWallClockSkewsDriftsAndJumpsBothWays(t *testing.T) {
	pair(t, 1, func(core.Env) {}, func(w *World, env core.Env, b *Node) {
		self := w.Node("a")
		start := env.Wall()
		require.Equal(t, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), start)
		require.Equal(t, start.String(), start.Round(0).String(), "no monotonic part")

		self.SkewWall(-time.Minute)
		require.Equal(t, -time.Minute, env.Wall().Sub(start))
		self.JumpWall(90 * time.Second)
		require.Equal(t, 30*time.Second, env.Wall().Sub(start))
		self.JumpWall(-40 * time.Second)
		require.Equal(t, -10*time.Second, env.Wall().Sub(start), "backwards")
		self.DriftWall(-100)
		require.Equal(t, -10*time.Second, env.Wall().Sub(start), "drift is no jump")
		_ = env.Sleep(env.Context(), 10_000*time.Second)
		require.Equal(t, 9989*time.Second, env.Wall().Sub(start))
		require.Equal(t, core.Instant(10_000*time.Second), env.Now(), "steady time is not touched")
	})
}

func TestWallClockSurvivesACrash(t *testing.T) {
	var walls []time.Time
	boot := func(env core.Env) { walls = append(walls, env.Wall()) }
	pair(t, 1, boot, func(_ *World, env core.Env, b *Node) {
		_ = env.Sleep(env.Context(), ms)
		b.SkewWall(time.Hour)
		b.Restart()
		_ = env.Sleep(env.Context(), ms)
	})
	require.Equal(t, time.Hour+ms, walls[1].Sub(walls[0]))
}
