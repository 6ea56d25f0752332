package check_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/explore"
)

// bank moves money in a ring, three tasks at once. Each locks the account that it takes from and the one that
// it gives to: in the order of their numbers, or as they come.
func bank(inOrder bool) func(r *check.Run) {
	return func(r *check.Run) {
		const accounts = 3
		w := r.World(sim.Config{Stalls: sim.Quiet()})
		node := w.AddNode("bank", nil)
		balances := [accounts]int{100, 100, 100}
		var locks [accounts]sync.Locker
		for from := range accounts {
			to := (from + 1) % accounts
			w.Workload(node, fmt.Sprintf("transfer/%d", from), func(env core.Env) {
				for i := range locks { // whoever comes first makes them
					if locks[i] == nil {
						locks[i] = env.NewLocker()
					}
				}
				first, second := from, to
				if inOrder {
					first, second = min(from, to), max(from, to)
				}
				locks[first].Lock()
				defer locks[first].Unlock()
				locks[second].Lock()
				defer locks[second].Unlock()
				balances[from] -= 10
				balances[to] += 10
			})
		}
		w.Run()
		require.Equal(r, [accounts]int{100, 100, 100}, balances)
	}
}

// Every schedule of a small program can be tried, and then its locks are known to be taken in a safe order.
func Example_exhaustive() {
	for _, inOrder := range []bool{false, true} {
		scenario, end := check.Repeated("bank", bank(inOrder))
		done, err := explore.Exhaustive{Scenario: scenario}.Explore(context.Background())
		end()
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(done)
		if done.Found != nil {
			fmt.Println(done.Found.Outcome.Failure.Key)
		}
	}
	// Output:
	// failed at schedule 1
	// lock cycle
	// all 1,314 schedules, complete
}

func TestReducedBankHasTheSameVerdicts(t *testing.T) {
	for _, inOrder := range []bool{false, true} {
		scenario, end := check.Repeated("bank", bank(inOrder))
		done, err := explore.Exhaustive{Scenario: scenario, Reduce: true}.Explore(context.Background())
		end()
		require.NoError(t, err)
		require.Equal(t, inOrder, done.Complete)
		require.Equal(t, !inOrder, done.Found != nil)
	}
}

func BenchmarkExhaustiveBank(b *testing.B) { benchmarkExhaustive(b, bank(true)) }

// BenchmarkExhaustiveRun is explore's BenchmarkExhaustive as a test runs it: in a Run, with a goroutine, a
// judge and an outcome of its own.
func BenchmarkExhaustiveRun(b *testing.B) {
	benchmarkExhaustive(b, func(r *check.Run) {
		w := r.World(sim.Config{Stalls: sim.Quiet()})
		n := w.AddNode("n", nil)
		for _, name := range []string{"a", "b"} {
			w.Workload(n, name, func(env core.Env) {
				for range 9 {
					env.Yield("step")
				}
			})
		}
		w.Run()
	})
}

func benchmarkExhaustive(b *testing.B, body func(r *check.Run)) {
	schedules := 0
	scenario, end := check.Repeated(b.Name(), body)
	defer end()
	for b.Loop() {
		done, err := explore.Exhaustive{Scenario: scenario}.Explore(context.Background())
		if err != nil || !done.Complete {
			b.Fatal(done, err)
		}
		schedules += done.Schedules
	}
	b.ReportMetric(float64(schedules)/b.Elapsed().Seconds(), "schedules/s")
}
