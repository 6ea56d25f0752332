package simtest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/simtest"
)

// paused has a node that a nemesis pauses. Where its one task sleeps all the time, no pause does anything.
func paused(r *check.Run, sleeps time.Duration) {
	w := r.World(sim.Config{})
	n := w.AddNode("n1", func(core.Env) {})
	if w.Chance(choice.Config, "rare", 1, 50) {
		r.Reached("a rare state")
	}
	w.Workload(n, "work", func(env core.Env) {
		for env.Now() < core.Instant(20*time.Second) {
			_ = env.Sleep(env.Context(), sleeps)
		}
	})
	require.NoError(r, w.Inject(sim.Faults{
		Kinds: []sim.FaultKind{sim.FaultPause}, StartAfter: time.Second, Until: 10 * time.Second,
	}))
	w.Run()
}

func TestFixtureIdleFault(t *testing.T) {
	if fixture("idle") {
		o := simtest.Options{Seeds: 10, Further: 60, Faults: []sim.FaultKind{sim.FaultPause}}
		simtest.CheckWith(t, o, func(r *check.Run) {
			if fixture("disturbed") {
				paused(r, 100*time.Millisecond)
			} else {
				paused(r, 20*time.Second)
			}
		})
	}
}

func TestFaultThatNeverBitesFailsTheCheckThatListsIt(t *testing.T) {
	output, passed := goTest(t, module(t), "idle", "-test.run=^TestFixtureIdleFault$", "-test.v")
	assert.False(t, passed, output)
	assert.Regexp(t, `TestFixtureIdleFault, in 70 schedules: fault "pause" never did anything: `+
		`injected \d\d times, bit 0\n`, output)
	assert.Regexp(t, `injected/bit +pause \d\d/0\n`, output)

	output, passed = goTest(t, module(t), "idle", "-test.run=^TestFixtureIdleFault$", "-sim.seed=7")
	assert.True(t, passed, "what a flag chose only reports: %s", output)

	args := []string{"-test.run=^TestFixtureIdleFault$", "-test.v"}
	output, passed = goTest(t, module(t), "idle,disturbed", args...)
	assert.True(t, passed, output)
	assert.Regexp(t, `injected/bit +pause \d+/[1-9]\d*\n`, output)
}

func TestRareStateIsLookedForFurther(t *testing.T) {
	body := func(r *check.Run) { paused(r, time.Second) }
	o := simtest.Options{Seeds: 1, Sometimes: []string{"a rare state"}}
	report := simtest.CheckWith(t, o, body)
	require.Len(t, report.Reached, 1)
	assert.Greater(t, report.Runs, 1)
	assert.Zero(t, (report.Runs-1)%16)
	assert.Less(t, report.Runs, 385, "it stops as soon as there is nothing to look for")
}
