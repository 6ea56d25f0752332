package leaving_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/leaving"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/simtest"
)

const second = core.Instant(time.Second)

func TestHowANodeThatLeavesSpendsItsTime(t *testing.T) {
	var stop leaving.Progress
	require.False(t, stop.Begun() || stop.HalfOver(99*second) || stop.Over(99*second))
	require.Equal(t, core.Forever, stop.UntilNext(0))
	stop.Begin(10*second, 30*time.Second)
	require.True(t, stop.Begun())
	require.False(t, stop.HalfOver(25*second-1))
	require.Equal(t, time.Duration(1), stop.UntilNext(25*second-1))
	require.True(t, stop.HalfOver(25*second))
	require.Equal(t, 15*time.Second, stop.UntilNext(25*second))
	require.False(t, stop.Over(40*second-1))
	require.True(t, stop.Over(40*second))
	stop.Begin(20*second, time.Hour)
	require.True(t, stop.Over(40*second), "who is asked twice has no more time")
	var atOnce leaving.Progress
	atOnce.Begin(0, 0)
	require.True(t, atOnce.HalfOver(0) && atOnce.Over(0))
}

func TestWhatItWaitsForIsSaidOnceEachTimeItChanges(t *testing.T) {
	for _, c := range []struct{ says, told []string }{
		{[]string{"2 shares", "2 shares", "1 share", "", ""}, []string{"2 shares", "1 share", ""}},
		{[]string{""}, []string{""}},
	} {
		simtest.CheckWith(t, simtest.Options{Seeds: 1}, func(r *check.Run) {
			w := r.World(sim.Config{})
			var told []string
			w.Observe(func(o sim.Observation) {
				if f, ok := o.Event.(fact.Leaving); ok {
					told = append(told, f.Waits)
				}
			})
			w.Workload(w.AddNode("n", func(core.Env) {}), "leaver", func(env core.Env) {
				var stop leaving.Progress
				for _, waits := range c.says {
					stop.Say(env, waits)
				}
			})
			require.Nil(r, w.Run())
			require.Equal(r, c.told, told)
		})
	}
}
