package explore_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/explore"
)

func campaign(t *testing.T, c explore.Campaign) []explore.Report {
	t.Helper()
	reports, err := c.Explore(context.Background())
	require.NoError(t, err)
	return reports
}

func TestCampaignFindsTheSameFailureHoweverManyWorkers(t *testing.T) {
	var reports []explore.Report
	for _, parallel := range []int{1, 2, 8} {
		r := campaign(t, explore.Campaign{
			Scenarios: []explore.Scenario{rare}, Base: 11, Seeds: 5000, Parallel: parallel,
		})[0]
		require.Len(t, r.Found, 1)
		assert.Equal(t, r.Found[0].Index+1, r.Runs)
		assert.Equal(t, explore.SeedAt(11, r.Found[0].Index), r.Found[0].Seed)
		reports = append(reports, r)
	}
	assert.Equal(t, reports[0].Found, reports[1].Found)
	assert.Equal(t, reports[0].Found, reports[2].Found)
	assert.Equal(t, reports[0].Runs, reports[2].Runs)
}

func TestSeedOfAFailureIsABaseThatFailsAtOnce(t *testing.T) {
	first := campaign(t, explore.Campaign{Scenarios: []explore.Scenario{rare}, Base: 3, Seeds: 5000})
	found := first[0].Found[0]
	again := campaign(t, explore.Campaign{Scenarios: []explore.Scenario{rare}, Base: found.Seed, Seeds: 1})[0]
	require.Len(t, again.Found, 1)
	assert.Equal(t, found.Outcome, again.Found[0].Outcome)
	assert.Equal(t, 1, again.Runs)
}

func TestFoundFailureIsRecordedWithTraceAndChoices(t *testing.T) {
	found := campaign(t, explore.Campaign{Scenarios: []explore.Scenario{rare}, Seeds: 5000})[0].Found[0]
	assert.Len(t, found.Outcome.Trace, 3)
	assert.Equal(t, uint64(3), found.Asked)
	assert.Len(t, found.File.Choices, 3)
	assert.Nil(t, found.Diverged)
	assert.Equal(t, 1, found.Times)
	assert.Equal(t, "toys/dice", found.File.Scenario)
}

func TestCollectFindsEveryKeyOnceAtItsFirstSeed(t *testing.T) {
	all, times := map[string]int{}, map[string]int{}
	r := campaign(t, explore.Campaign{
		Scenarios: []explore.Scenario{rare}, Seeds: 2000, Collect: true,
		Each: func(ran explore.Ran) {
			if f := ran.Outcome.Failure; f != nil {
				times[f.Key]++
				if first, known := all[f.Key]; !known || ran.Index < first {
					all[f.Key] = ran.Index
				}
			}
		},
	})[0]
	assert.Equal(t, 2000, r.Runs)
	require.Len(t, r.Found, 5)
	for _, found := range r.Found {
		assert.Equal(t, all[found.Outcome.Failure.Key], found.Index)
		assert.Equal(t, times[found.Outcome.Failure.Key], found.Times)
	}
}

func TestSeedsAreDealtEvenly(t *testing.T) {
	var order []string
	campaign(t, explore.Campaign{
		Scenarios: []explore.Scenario{safe, {Name: "toys/other", Body: safe.Body}}, Seeds: 3, Parallel: 1,
		Each: func(ran explore.Ran) { order = append(order, ran.Scenario) },
	})
	assert.Equal(t, []string{
		"toys/safe", "toys/other", "toys/safe", "toys/other", "toys/safe", "toys/other",
	}, order)
}

func TestFailureEndsItsOwnScenarioOnly(t *testing.T) {
	always := explore.Scenario{Name: "toys/always", Body: func(choice.Chooser, bool) explore.Outcome {
		return explore.Outcome{Failure: &explore.Failure{Key: "always"}}
	}}
	reports := campaign(t, explore.Campaign{
		Scenarios: []explore.Scenario{always, safe}, Seeds: 50, Parallel: 1, TwinEvery: -1,
	})
	assert.Equal(t, 1, reports[0].Runs)
	assert.Equal(t, 50, reports[1].Runs)
}

func TestTimeIsBoundedButEveryScenarioGetsItsLeast(t *testing.T) {
	reports := campaign(t, explore.Campaign{
		Scenarios: []explore.Scenario{safe, {Name: "toys/other", Body: safe.Body}},
		For:       time.Nanosecond, AtLeast: 7,
	})
	assert.Equal(t, 7, reports[0].Runs)
	assert.Equal(t, 7, reports[1].Runs)
}

func TestCancelledCampaignReportsWhatItHas(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	reports, err := explore.Campaign{
		Scenarios: []explore.Scenario{safe}, For: time.Hour, Parallel: 1,
		Each: func(ran explore.Ran) {
			if ran.Index == 9 {
				cancel()
			}
		},
	}.Explore(ctx)
	require.NoError(t, err)
	assert.Equal(t, 10, reports[0].Runs)
}

func TestReportSumsWhatRunsReached(t *testing.T) {
	r := campaign(t, explore.Campaign{Scenarios: []explore.Scenario{safe}, Seeds: 30})[0]
	assert.Equal(t, []explore.Count{{Name: "face 0", Times: 30}}, r.Reached)
	assert.Equal(t, []explore.Fault{{Kind: "throw", Injected: 30, Biting: 30}}, r.Faults)
	assert.Equal(t, 30*time.Second, r.Virtual)
	assert.Equal(t, uint64(30), r.Steps)
}

func TestSaltInATraceIsFoundByTheTwin(t *testing.T) {
	var salt atomic.Int64
	salted := explore.Scenario{Name: "toys/salted", Body: toy{
		dice: 2, faces: 1, salt: func() int { return int(salt.Add(1)) },
	}.body}
	r := campaign(t, explore.Campaign{Scenarios: []explore.Scenario{salted}, Seeds: 10, Parallel: 1})[0]
	require.NotNil(t, r.Diverged)
	assert.Equal(t, 2, r.Diverged.Event)
	assert.Contains(t, r.Diverged.FirstEvent, "salt 3")
	assert.Contains(t, r.Diverged.SecondEvent, "salt 4")
	assert.Contains(t, r.Diverged.Error(), "not deterministic: seed 0 of toys/salted")
}

func TestEarliestOfFailuresAtOnceCounts(t *testing.T) {
	const atOnce = 4
	var begun sync.WaitGroup
	begun.Add(atOnce)
	var runs atomic.Int64
	failing := explore.Scenario{Name: "toys/failing", Body: func(c choice.Chooser, _ bool) explore.Outcome {
		if runs.Add(1) <= atOnce { // the first runs wait for each other, so that all of them fail
			begun.Done()
			begun.Wait()
		}
		face := choice.NewStream(choice.Pick, "which").Ask(c, 1<<30, nil)
		return explore.Outcome{Failure: &explore.Failure{Key: fmt.Sprint(face)}}
	}}
	r := campaign(t, explore.Campaign{
		Scenarios: []explore.Scenario{failing}, Seeds: 100, Parallel: atOnce, TwinEvery: -1,
	})[0]
	require.Len(t, r.Found, 1)
	assert.Equal(t, 0, r.Found[0].Index)
	assert.Equal(t, 1, r.Runs)
}

func TestFailureThatComesBackByAnotherTraceIsNotTold(t *testing.T) {
	var runs atomic.Int64
	shifting := explore.Scenario{Name: "toys/shifting", Body: func(choice.Chooser, bool) explore.Outcome {
		return explore.Outcome{Hash: uint64(runs.Add(1)), Failure: &explore.Failure{Key: "always"}}
	}}
	r := campaign(t, explore.Campaign{Scenarios: []explore.Scenario{shifting}, Seeds: 10, TwinEvery: -1})[0]
	require.Len(t, r.Found, 1)
	require.NotNil(t, r.Found[0].Diverged)
	assert.NotEqual(t, r.Found[0].Diverged.First, r.Found[0].Diverged.Second)
}

func TestFailureThatDoesNotComeBackIsNotTold(t *testing.T) {
	var runs atomic.Int64
	once := explore.Scenario{Name: "toys/once", Body: func(choice.Chooser, bool) explore.Outcome {
		if runs.Add(1) == 1 {
			return explore.Outcome{Failure: &explore.Failure{Key: "once"}}
		}
		return explore.Outcome{}
	}}
	r := campaign(t, explore.Campaign{Scenarios: []explore.Scenario{once}, Seeds: 10, TwinEvery: -1})[0]
	require.Len(t, r.Found, 1)
	require.NotNil(t, r.Found[0].Diverged)
	assert.Contains(t, r.Found[0].Diverged.Error(), "is something shared between runs?")
}

func TestBoundsAreChecked(t *testing.T) {
	one := []explore.Scenario{safe}
	for _, c := range []struct {
		campaign explore.Campaign
		want     string
	}{
		{explore.Campaign{Seeds: 1}, "Scenarios is empty"},
		{explore.Campaign{Scenarios: one}, "Seeds and For are both 0"},
		{explore.Campaign{Scenarios: one, Seeds: -1}, "Seeds is -1"},
		{explore.Campaign{Scenarios: one, For: -1}, "For is -1ns"},
		{explore.Campaign{Scenarios: one, Seeds: 1, AtLeast: -1}, "AtLeast is -1"},
		{explore.Campaign{Scenarios: one, Seeds: 1, Parallel: -1}, "Parallel is -1"},
		{explore.Campaign{Scenarios: []explore.Scenario{{}}, Seeds: 1}, "Scenarios[0] needs a Name and"},
		{explore.Campaign{Scenarios: one, Seeds: 1, Kept: map[string][]explore.Plan{"x": {nil}}},
			`Kept["x"] has an empty Plan`},
	} {
		_, err := c.campaign.Explore(context.Background())
		assert.ErrorContains(t, err, c.want)
	}
}

func TestNeighbouringBasesShareNoSeed(t *testing.T) {
	var seeds []uint64
	for base := range uint64(20) {
		for index := range 100 {
			seed := explore.SeedAt(base, index)
			assert.Less(t, seed, uint64(1)<<53)
			seeds = append(seeds, seed)
		}
		assert.Equal(t, base, explore.SeedAt(base, 0))
	}
	slices.Sort(seeds)
	assert.Len(t, slices.Compact(seeds), 2000)
}
