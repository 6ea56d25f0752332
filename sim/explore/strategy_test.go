package explore_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/explore"
)

// searches are the strategies that look for orders of tasks. A baseline does not.
var searches = []explore.Strategy{
	explore.Random, explore.POS, explore.PCT, explore.SURW, explore.DelayBounded, explore.Portfolio,
}

// twice has a bug that shows if its tasks meet in two rare ways.
func twice(w *sim.World) {
	n := w.AddNode("n", nil)
	seen := ""
	for _, name := range []string{"a", "b", "c"} {
		w.Workload(n, name, func(env core.Env) {
			for range 2 {
				_ = env.Sleep(env.Context(), time.Millisecond)
				seen += name
				env.Yield("between")
				if seen += name; strings.HasPrefix(seen, "cb") && strings.HasSuffix(seen, "ac") {
					w.Fail("torn", seen)
				}
			}
		})
	}
}

func TestWhateverAStrategyFindsReplaysByKey(t *testing.T) {
	for _, strategy := range searches {
		scenario := plainWorld("twice", twice)
		var first *explore.Found
		for _, parallel := range []int{1, 4} {
			r := campaign(t, explore.Campaign{
				Scenarios: []explore.Scenario{scenario}, Strategy: strategy, Base: 5, Seeds: 5000,
				Parallel: parallel,
			})[0]
			require.Nil(t, r.Diverged, strategy.Name)
			require.Len(t, r.Found, 1, strategy.Name)
			found := r.Found[0]
			require.Nil(t, found.Diverged, strategy.Name)
			if first == nil {
				first = &found
			}
			assert.Equal(t, first.File, found.File, "%s, however many runs at once", strategy.Name)
		}
		assert.Equal(t, strategy.Label(first.Seed), first.File.Strategy)
		answer, err := explore.Replay(first.File, scenario.Body)
		require.NoError(t, err)
		assert.Equal(t, explore.Identical, answer.Verdict, strategy.Name)
		assert.Empty(t, answer.NeverAsked)

		again := campaign(t, explore.Campaign{
			Scenarios: []explore.Scenario{scenario}, Strategy: strategy, Base: first.Seed, Seeds: 1,
		})[0]
		require.Len(t, again.Found, 1, "%s: a failing seed is a base that fails at once", strategy.Name)
	}
}

// plainWorld is world for runs of which several go on at once.
func plainWorld(name string, program func(w *sim.World)) explore.Scenario {
	return explore.Scenario{Name: name, Body: func(chooser choice.Chooser, keep bool) explore.Outcome {
		return world(nil, name, program).Body(chooser, keep)
	}}
}

func TestSeedPicksFromThePortfolio(t *testing.T) {
	labels := map[string]int{}
	for seed := range uint64(3000) {
		labels[explore.Portfolio.Label(seed)]++
	}
	assert.Len(t, labels, 3)
	for _, name := range []string{"random", "pos", "pct"} {
		assert.InDelta(t, 1000, labels["portfolio/"+name], 120)
	}
	assert.Equal(t, "pct", explore.PCT.Label(7))
}

func TestWhatRunsAreLikeIsLearntOnceFromOneOfItsOwn(t *testing.T) {
	runs := 0
	body := func(chooser choice.Chooser, keep bool) explore.Outcome {
		runs++
		return plainWorld("ten", tenAndTen).Body(chooser, keep)
	}
	strategy := explore.PCT.For(body)
	assert.Zero(t, runs, "until it is needed")
	for seed := range uint64(50) {
		assert.Equal(t, choice.NewPCT(seed, 10+9), strategy.New(seed))
	}
	assert.Equal(t, 1, runs)
	assert.Equal(t, choice.NewPCT(3, explore.UnknownDecisions), explore.PCT.New(3), "nothing was learnt")

	explore.POS.For(body).New(1)
	assert.Equal(t, 1, runs, "it does not need to know")
}

func TestStrategiesAreKnownByName(t *testing.T) {
	for _, strategy := range append(searches, explore.RoundRobin) {
		s, err := explore.StrategyNamed(strategy.Name)
		require.NoError(t, err)
		assert.Equal(t, strategy.New(5), s.New(5))
	}
	_, err := explore.StrategyNamed("lucky")
	assert.EqualError(t, err, `unknown strategy "lucky"; there are `+
		"random, portfolio, pos, pct, surw, delay, round-robin, guided")
}

func TestUnknownStrategyOfATwinIsAnError(t *testing.T) {
	err := explore.TwinRequest{Strategy: "lucky"}.Serve(safe.Body)
	assert.ErrorContains(t, err, `unknown strategy "lucky"`)
}
