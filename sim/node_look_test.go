package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/trace"
)

func TestNodeListsItsLivingTasks(t *testing.T) {
	alone(t, 1, func(w *World, env core.Env) {
		n := w.Node("n")
		require.True(t, n.HasTasks())
		stay := core.NewLatch(env)
		env.Go("job/b", func() { _ = stay.Wait(env.Context(), core.Forever) })
		env.Go("job/a", func() { _ = env.Sleep(env.Context(), ms) })
		require.Equal(t, []string{"boot", "job/a", "job/b", "main"}, n.Tasks())
		_ = env.Sleep(env.Context(), 2*ms)
		require.Equal(t, []string{"job/b", "main"}, n.Tasks())
		stay.Open()
	})
}

func TestNodeThatIsDownHasNoTasks(t *testing.T) {
	alone(t, 1, func(w *World, env core.Env) {
		other := w.AddNode("other", func(env core.Env) { _ = env.Sleep(env.Context(), time.Hour) })
		require.NoError(t, env.Sleep(env.Context(), ms))
		require.True(t, other.HasTasks())
		other.Crash()
		require.False(t, other.HasTasks())
		require.Empty(t, other.Tasks())
	})
}

func TestDelayedCountsPausesAndStalls(t *testing.T) {
	w := NewWorld(Config{Stalls: Quiet()})
	n := w.AddNode("n", asleep)
	w.Workload(w.AddNode("clock", asleep), "main", func(env core.Env) {
		wait := func(d time.Duration) { _ = env.Sleep(env.Context(), d) }
		wait(ms)
		require.Zero(t, n.Delayed())
		n.Pause()
		wait(3 * ms)
		require.Equal(t, 3*ms, n.Delayed())
		n.Resume()
		wait(ms)
		require.Equal(t, 3*ms, n.Delayed())

		bell := n.env.NewSignal()
		ended := false
		n.SetStalls(StallWeights{0, 0, 0, 1, 0}) // always 10 ms
		n.env.Go("late", func() {
			_ = n.env.Sleep(n.env.Context(), 5*ms)
			_ = bell.Wait(n.env.Context(), core.Forever)
			ended = true
		})
		wait(30 * ms) // its start and its timer were late
		require.Equal(t, 23*ms, n.Delayed())
		bell.Notify()
		wait(11 * ms)
		require.True(t, ended)
		require.Equal(t, 33*ms, n.Delayed())
	})
	mustRun(t, w)
}

func TestCausesAreKnownWhileTheRunGoesOn(t *testing.T) {
	alone(t, 3, func(w *World, env core.Env) {
		w.RememberCauses(1000)
		bell := env.NewSignal()
		ring, rung := uint64(0), uint64(0)
		w.Observe(func(o Observation) {
			if o.Event == fact("ring") {
				ring, _ = w.Cause(o.ID)
			} else {
				rung, _ = w.Cause(o.ID)
			}
		})
		env.Go("ringer", func() {
			env.Note(fact("ring"))
			bell.Notify()
		})
		_ = bell.Wait(env.Context(), core.Forever)
		env.Note(fact("rung"))
		cause, lane := w.Cause(rung)
		require.Equal(t, ring, cause, "the step that rang caused the step that was rung")
		require.Equal(t, "n/main", lane)
		for _, e := range w.Trace() {
			if e.Kind == trace.Step && e.ID >= ring {
				cause, lane = w.Cause(e.ID)
				require.Equal(t, e.Cause, cause)
				require.Equal(t, e.Lane, lane)
			}
		}
		cause, lane = w.Cause(w.Events() + 1)
		require.Zero(t, cause)
		require.Empty(t, lane)
	})
}

func TestFaultsEndIsAfterTheLastEpisode(t *testing.T) {
	w := NewWorld(Config{})
	w.Workload(w.AddNode("a", asleep), "main", func(env core.Env) {
		_ = env.Sleep(env.Context(), time.Minute)
	})
	w.AddNode("b", asleep)
	require.Zero(t, w.FaultsEnd())
	require.NoError(t, w.Inject(Faults{NoSwarm: true, StartAfter: time.Second, Until: 21 * time.Second}))
	require.Greater(t, w.FaultsEnd(), time.Second)
	require.LessOrEqual(t, w.FaultsEnd(), 21*time.Second)
	mustRun(t, w)
}
