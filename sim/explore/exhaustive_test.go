package explore_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// world makes a scenario of what happens in one World. With a test, its runs come one after another and use
// what those before them left.
func world(t testing.TB, name string, program func(w *sim.World)) explore.Scenario {
	var spare *sim.Spare
	if t != nil {
		spare = new(sim.Spare)
		t.Cleanup(spare.Close)
	}
	return explore.Scenario{Name: name, Body: func(chooser choice.Chooser, keep bool) explore.Outcome {
		config := sim.Config{Chooser: chooser, Stalls: sim.Quiet(), Spare: spare}
		if keep {
			config.Keep = trace.All
		}
		w := sim.NewWorld(config)
		program(w)
		failure := w.Run()
		o := explore.Outcome{Hash: w.Hash(), Steps: w.Step(), Virtual: w.Now(), Trace: w.Trace()}
		if failure != nil {
			o.Failure = &explore.Failure{Key: failure.Key, Message: failure.Message}
		}
		return o
	}}
}

func exhaust(t testing.TB, e explore.Exhaustive) explore.Exhausted {
	t.Helper()
	done, err := e.Explore(context.Background())
	require.NoError(t, err)
	return done
}

// steppers is a program of tasks that take so many steps each and touch nothing. end gets the order of steps.
func steppers(steps []int, end func(order string)) func(w *sim.World) {
	return func(w *sim.World) {
		n := w.AddNode("n", nil)
		var order []byte
		for i, count := range steps {
			w.Workload(n, fmt.Sprint("task", i), func(env core.Env) {
				for step := range count {
					if step > 0 {
						env.Yield("step")
					}
					order = append(order, byte('a'+i))
				}
			})
		}
		w.Every(1, func() {
			if total(steps) == len(order) {
				end(string(order))
			}
		})
	}
}

func total(counts []int) (sum int) {
	for _, count := range counts {
		sum += count
	}
	return sum
}

// multinomial is in how many orders independent tasks can take their steps.
func multinomial(counts []int) int {
	orders, placed := 1, 0
	for _, count := range counts {
		for i := 1; i <= count; i++ {
			placed++
			orders = orders * placed / i
		}
	}
	return orders
}

func TestEveryOrderOfIndependentTasksIsTriedOnce(t *testing.T) {
	for _, steps := range [][]int{
		{1}, {1, 1}, {3, 2}, {4, 4}, {2, 2, 2}, {1, 2, 3}, {1, 1, 1, 1, 1}, {7, 6}, {5, 0, 1},
	} {
		orders := map[string]bool{}
		program := steppers(steps, func(order string) { orders[order] = true })
		done := exhaust(t, explore.Exhaustive{Scenario: world(t, "steppers", program)})
		starts := make([]int, len(steps)) // a task without steps of its own still starts
		for i := range steps {
			starts[i] = max(steps[i], 1)
		}
		assert.Equal(t, multinomial(starts), done.Schedules, "%v", steps)
		assert.Len(t, orders, multinomial(steps), "%v", steps)
		assert.True(t, done.Complete)
		assert.InDelta(t, 1, done.Covered, 0)
	}
}

func TestReductionLeavesOneOrderOfIndependentTasks(t *testing.T) {
	for _, steps := range [][]int{{4, 4}, {2, 2, 2}, {5, 1, 3}} {
		done := exhaust(t, explore.Exhaustive{
			Scenario: world(t, "steppers", steppers(steps, func(string) {})), Reduce: true,
		})
		assert.Equal(t, 1, done.Schedules, "%v", steps)
		assert.Less(t, done.Schedules+done.Twins, multinomial(steps)/2)
		assert.True(t, done.Complete)
	}
}

func TestWhatWasNotTriedIsSaid(t *testing.T) {
	scenario := world(t, "steppers", steppers([]int{8, 8}, func(string) {}))
	done := exhaust(t, explore.Exhaustive{Scenario: scenario, Most: 6435})
	assert.False(t, done.Complete)
	assert.InDelta(t, .5, done.Covered, .01)
	assert.Equal(t, "6,435 schedules, not complete: some 50 % of what there is", done.String())

	done = exhaust(t, explore.Exhaustive{Scenario: scenario})
	assert.Equal(t, "all 12,870 schedules, complete", done.String())
	assert.Equal(t, 15, done.Deepest)

	done = exhaust(t, explore.Exhaustive{Scenario: scenario, Reduce: true})
	assert.Equal(t, "all 1 schedule that differ in what matters, complete", done.String())

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	done, err := explore.Exhaustive{Scenario: scenario}.Explore(ctx)
	require.NoError(t, err)
	assert.Equal(t, "0 schedules, not complete: some 0 % of what there is", done.String())
}

// tornWorld has a bug that shows if all of the second task happens between two steps of the first.
func tornWorld(w *sim.World) {
	n := w.AddNode("n", nil)
	seen := ""
	w.Workload(n, "first", func(env core.Env) {
		seen += "a"
		env.Yield("between")
		if seen += "a"; seen == "abba" {
			w.Fail("torn", "the second task came between")
		}
	})
	w.Workload(n, "second", func(env core.Env) {
		seen += "b"
		env.Yield("between")
		seen += "b"
	})
}

func TestPlantedBugIsFoundAndReplaysByKey(t *testing.T) {
	scenario := world(t, "planted", tornWorld)
	done := exhaust(t, explore.Exhaustive{Scenario: scenario})
	require.NotNil(t, done.Found)
	assert.Equal(t, "torn", done.Found.Outcome.Failure.Key)
	assert.Equal(t, "failed at schedule 2", done.String())
	assert.False(t, done.Complete)

	path, err := done.Found.File.Write(filepath.Join(t.TempDir(), "failures"))
	require.NoError(t, err)
	file, err := explore.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, explore.ExhaustiveName, file.Strategy)
	answer, err := explore.Replay(file, scenario.Body)
	require.NoError(t, err)
	assert.Equal(t, explore.Identical, answer.Verdict)
	assert.Len(t, file.Choices, 1, "one step has to wait: nothing else is needed")
}

func TestBodyThatKeepsSomethingBetweenRunsIsFoundOut(t *testing.T) {
	runs := 0
	scenario := world(t, "shrinking", func(w *sim.World) {
		runs++
		steppers([]int{3, max(4-runs, 1)}, func(string) {})(w)
	})
	_, err := explore.Exhaustive{Scenario: scenario}.Explore(context.Background())
	assert.ErrorContains(t, err, "not deterministic")
}

func TestBoundsOfAnExhaustiveSearchAreChecked(t *testing.T) {
	for want, e := range map[string]explore.Exhaustive{
		"needs a Name and a Body":           {},
		"Most is -1, must not be negative":  {Scenario: safe, Most: -1},
		"For is -1ns, must not be negative": {Scenario: safe, For: -1},
	} {
		_, err := e.Explore(context.Background())
		assert.ErrorContains(t, err, want)
	}
}

func BenchmarkExhaustive(b *testing.B) {
	schedules := 0
	scenario := world(b, "steppers", tenAndTen)
	for b.Loop() {
		done := exhaust(b, explore.Exhaustive{Scenario: scenario})
		require.True(b, done.Complete)
		schedules += done.Schedules
	}
	b.ReportMetric(float64(schedules)/b.Elapsed().Seconds(), "schedules/s")
}

// tenAndTen is what exhaustive searches are measured by: two tasks of ten steps each, 184,756 schedules.
func tenAndTen(w *sim.World) {
	n := w.AddNode("n", nil)
	for _, name := range []string{"a", "b"} {
		w.Workload(n, name, func(env core.Env) {
			for range 9 {
				env.Yield("step")
			}
		})
	}
}
