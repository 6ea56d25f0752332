package simtest_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/simtest"
)

// torn fails if the second task comes between the two steps of the first, but for the fixed one.
func torn(r *check.Run, fixed bool) {
	w := r.World(sim.Config{})
	n := w.AddNode("n1", nil)
	seen := ""
	w.Workload(n, "first", func(env core.Env) {
		seen += "a"
		if !fixed {
			env.Yield("between")
		}
		seen += "a"
		assert.NotEqual(r, "abba", seen)
	})
	w.Workload(n, "second", func(env core.Env) {
		seen += "b"
		if !fixed {
			env.Yield("between")
		}
		seen += "b"
	})
	w.Run()
}

func TestFixtureTorn(t *testing.T) {
	if fixture("torn") {
		simtest.Exhaust(t, func(r *check.Run) { torn(r, fixture("fixed")) })
	}
}

func TestFixtureTooMany(t *testing.T) {
	if fixture("many") {
		simtest.ExhaustWith(t, simtest.ExhaustOptions{Most: 5, Partial: fixture("partial")},
			func(r *check.Run) { raised(r, 4, true) })
	}
}

func TestExhaustTellsAFailureThatReplays(t *testing.T) {
	folder := module(t)
	run := "-test.run=^TestFixtureTorn$"
	output, passed := goTest(t, folder, "torn", run, "-sim.out=found")
	require.False(t, passed)
	file := theOnlyFile(t, filepath.Join(folder, "found"))
	assert.Contains(t, output, "failed: sim/simtest/exhaust_test.go:")
	assert.Contains(t, output, "strategy exhaustive")
	assert.Contains(t, output, "failed at schedule 2")

	replay := "-sim.replay=found/" + filepath.Base(file)
	output, passed = goTest(t, folder, "torn", run, replay)
	assert.False(t, passed)
	assert.Contains(t, output, "replayed: identical\n")
	output, passed = goTest(t, folder, "torn,fixed", run, replay)
	assert.True(t, passed, output)
}

func TestExhaustSaysThatItTriedEverything(t *testing.T) {
	output, passed := goTest(t, module(t), "torn,fixed", "-test.run=^TestFixtureTorn$", "-test.v")
	assert.True(t, passed)
	assert.Contains(t, output, "all 2 schedules, complete")
}

func TestExhaustFailsIfItCannotTryEverything(t *testing.T) {
	output, passed := goTest(t, module(t), "many", "-test.run=^TestFixtureTooMany$")
	assert.False(t, passed)
	assert.Contains(t, output, "5 schedules, not complete: some ")
	assert.Contains(t, output, "make it smaller, raise Most, or say Partial")
	output, passed = goTest(t, module(t), "many,partial", "-test.run=^TestFixtureTooMany$", "-test.v")
	assert.True(t, passed)
	assert.Contains(t, output, "5 schedules, not complete: some ")
}
