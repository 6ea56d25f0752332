package simtest_test

import (
	"os"
	"path/filepath"
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

// shy is a run whose one node may take a rare branch at two points.
func shy(r *check.Run, rare string) {
	w := r.World(sim.Config{Rare: rare})
	w.Workload(w.AddNode("n1", func(core.Env) {}), "work", func(env core.Env) {
		_, _ = env.Rare("n/small"), env.Rare("n/short")
	})
	w.Run()
}

func TestFixtureRareBranches(t *testing.T) {
	if fixture("rare") {
		o := simtest.Options{Seeds: 10, Further: 60, Rare: []string{"n/small", "n/gone"}}
		rare := "shy"
		if fixture("never") {
			rare = ""
		}
		simtest.Budget(t, o, []simtest.Scenario{
			{Name: "one", Body: func(r *check.Run) { shy(r, rare) }},
			{Name: "other", Body: func(r *check.Run) { shy(r, "") }},
		})
	}
}

func TestRareBranchThatNoRunTakesFailsTheSuiteThatNamesIt(t *testing.T) {
	args := []string{"-test.run=^TestFixtureRareBranches$", "-test.v"}
	output, passed := goTest(t, module(t), "rare", args...)
	assert.False(t, passed, output)
	assert.Regexp(t, `--- FAIL: TestFixtureRareBranches `, output)
	assert.Contains(t, output, `rare branch "n/gone" was never asked for`)
	assert.NotContains(t, output, `"n/small" was never`)
	assert.Regexp(t, `taken +n/gone in 0 of 0, n/short in \d+ of 80, n/small in [1-9]\d* of 80\n`, output)

	output, passed = goTest(t, module(t), "rare,never", args...)
	assert.False(t, passed, output)
	assert.Contains(t, output, `rare branch "n/small" was never taken: asked for in 80 runs`)

	output, passed = goTest(t, module(t), "rare", "-test.run=^TestFixtureRareBranches$/^one$", "-test.v")
	assert.True(t, passed, "a part only reports: %s", output)
	assert.Contains(t, output, "n/gone in 0 of 0")
}

func TestFixtureRareBug(t *testing.T) {
	if fixture("bug") {
		simtest.Check(t, func(r *check.Run) {
			w := r.World(sim.Config{Rare: "bug"})
			w.Workload(w.AddNode("n1", func(core.Env) {}), "work", func(env core.Env) {
				_ = env.Sleep(env.Context(), time.Second)
				require.False(r, env.Rare("n/small") && !env.Rare("n/short"))
			})
			w.Run()
		})
	}
}

func TestRareBranchThatDecidesIsInTheStoryAndInTheFile(t *testing.T) {
	folder := module(t)
	output, passed := goTest(t, folder, "bug", "-test.run=^TestFixtureRareBug$", "-sim.out=found")
	require.False(t, passed, output)
	assert.Contains(t, output, "2 choices matter")
	assert.Regexp(t, `\+1\.000s +world +rare branches are taken in this run\n`, output)
	assert.Regexp(t, `\+1\.000s +world +takes the rare branch n/small\n`, output)
	text, err := os.ReadFile(theOnlyFile(t, filepath.Join(folder, "found")))
	require.NoError(t, err)
	assert.Contains(t, string(text), `"config rare bug n/small"`)
}

func TestRareBranchIsLookedForFurther(t *testing.T) {
	o := simtest.Options{Seeds: 1, Base: 2, Rare: []string{"n/small", "n/short"}}
	report := simtest.CheckWith(t, o, func(r *check.Run) { shy(r, "shy") })
	require.Len(t, report.Rare, 2)
	assert.Greater(t, report.Runs, 1)
	assert.Less(t, report.Runs, 100, "it stops as soon as there is nothing to look for")
	for _, b := range report.Rare {
		assert.NotZero(t, b.Taken, b.Point)
		assert.EqualValues(t, report.Runs, b.Asked, b.Point)
	}
}
