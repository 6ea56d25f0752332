package explore_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/explore"
)

// orders counts the orders in which a strategy's seeds run two tasks of one node, of four steps and of two,
// that meet at one instant. The bystanders on other nodes have no part in it.
func orders(strategy explore.Strategy, seeds int) map[string]int {
	order := ""
	scenario := world(nil, "orders", func(w *sim.World) {
		order = ""
		steps := func(name string, n int) func(core.Env) {
			return func(env core.Env) {
				_ = env.Sleep(env.Context(), time.Second)
				for i := range n {
					if order += name; i < n-1 {
						env.Yield("between")
					}
				}
			}
		}
		n := w.AddNode("n", nil)
		w.Workload(n, "a", steps("a", 4))
		w.Workload(n, "b", steps("b", 2))
		for _, name := range []string{"m", "o", "p"} {
			w.Workload(w.AddNode(name, nil), "bystander", steps("", 3))
		}
	})
	strategy = strategy.For(scenario.Body)
	counts := map[string]int{}
	for seed := range uint64(seeds) {
		scenario.Body(strategy.New(seed), false)
		counts[order]++
	}
	return counts
}

// TestSURWLearnsWhichStepsTasksShare has C(6,2) = 15 orders. What is learnt are the tasks of one node, and
// little else that two of them share.
func TestSURWLearnsWhichStepsTasksShare(t *testing.T) {
	const seeds = 6000
	farthest := func(strategy explore.Strategy) (farthest float64) {
		counts := orders(strategy, seeds)
		require.Len(t, counts, 15)
		for _, n := range counts {
			farthest = max(farthest, float64(n)/(seeds/15), seeds/15/float64(n))
		}
		return farthest
	}
	require.Less(t, farthest(explore.SURW), 1.3)
	require.Greater(t, farthest(explore.POS), 3.)
	require.Greater(t, farthest(explore.Random), 3.)
}
