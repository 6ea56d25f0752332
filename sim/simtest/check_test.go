package simtest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/simtest"
)

func TestCheckPassesWhenEveryScheduleHolds(t *testing.T) {
	o := simtest.Options{Seeds: 50, Elsewhere: 3, TwinEvery: 10}
	report := simtest.CheckWith(t, o, func(r *check.Run) { race(r, true) })
	assert.Equal(t, 50, report.Runs)
	assert.Empty(t, report.Found)
	assert.NotZero(t, report.Steps)
	assert.NotZero(t, report.Virtual)
}

func TestBudgetGivesEveryScenarioItsLeast(t *testing.T) {
	hold := func(r *check.Run) { race(r, true) }
	scenarios := []simtest.Scenario{
		{Name: "one", Body: hold}, {Name: "two", Body: hold}, {Name: "three", Body: hold},
	}
	o := simtest.Options{For: time.Nanosecond, AtLeast: 8}
	reports := simtest.Budget(t, o, scenarios)
	require.Len(t, reports, 3)
	for i, report := range reports {
		assert.Equal(t, scenarios[i].Name, report.Scenario)
		assert.Equal(t, 8, report.Runs)
	}
}

func TestRapidDrawsWhatARunDoes(t *testing.T) {
	runs := 0
	simtest.Rapid(t, func(rt *rapid.T, r *check.Run) {
		runs++
		tasks := rapid.IntRange(1, 4).Draw(rt, "tasks")
		raised(r, tasks, true)
	})
	assert.GreaterOrEqual(t, runs, 100)
}

func FuzzSchedules(f *testing.F) {
	f.Add([]byte("another seed"))
	simtest.FuzzCheck(f, func(r *check.Run) { race(r, true) })
}
