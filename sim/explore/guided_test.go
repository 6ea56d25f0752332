package explore_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// locks is a run of steps with a lock in every eighth. A lock opens by one answer in six, if all before it
// are open, and the last one is the failure: 1 schedule in 1,679,616 has it.
type locks struct{ locks int }

func (l locks) body(chooser choice.Chooser, keep bool) explore.Outcome {
	recorder := trace.NewRecorder(0)
	if keep {
		recorder = trace.NewRecorder(trace.All)
	}
	if covering, ok := chooser.(explore.Covering); ok {
		recorder.Cover(covering.Orders())
	}
	follower, _ := chooser.(choice.Follower)
	lane := trace.NewLane("n1/task")
	turn := choice.NewStream(choice.Fault, "turn")
	o := explore.Outcome{}
	open := 0
	for step := range uint64(8 * l.locks) {
		answer := turn.Ask(chooser, 6, nil)
		recorder.Add(step+1, 0, &lane, trace.Step, 0, uint64(answer), 0)
		if step%8 == 7 && open == int(step/8) && answer == 5 {
			open++
			o.Reached = append(o.Reached, explore.Count{Name: fmt.Sprint("lock ", open), Times: 1})
		}
		if follower != nil {
			follower.StepDone()
		}
	}
	if open == l.locks {
		o.Failure = &explore.Failure{Key: "all open", Invariant: true, Message: "in"}
	}
	o.Hash, o.Steps, o.Trace = recorder.Hash(), uint64(8*l.locks), recorder.Events()
	return o
}

var eightLocks = explore.Scenario{Name: "toys/locks", Body: locks{8}.body}

func guidedCampaign(base uint64, parallel int) explore.Campaign {
	return explore.Campaign{
		Scenarios: []explore.Scenario{eightLocks}, Strategy: explore.Guided, Base: base, Seeds: 12_000,
		Parallel: parallel,
	}
}

func TestGuidanceComesToAStateBehindOthers(t *testing.T) {
	for base := range uint64(4) {
		c := guidedCampaign(base+1, 0)
		r := campaign(t, c)[0]
		require.Len(t, r.Found, 1, "base %d: %s", base+1, r.Guidance.Tell())
		c.Strategy = explore.Random
		require.Empty(t, campaign(t, c)[0].Found, "were random order enough, the toy would prove nothing")
	}
}

func TestGuidedCampaignIsTheSameHoweverManyWorkers(t *testing.T) {
	var reports []explore.Report
	var runs []map[int]uint64
	for _, parallel := range []int{1, 2, 8} {
		hashes := map[int]uint64{}
		c := guidedCampaign(7, parallel)
		c.Seeds = 600
		c.Each = func(ran explore.Ran) { hashes[ran.Index] = ran.Outcome.Hash }
		reports, runs = append(reports, campaign(t, c)[0]), append(runs, hashes)
	}
	require.Len(t, runs[0], 600)
	require.Equal(t, runs[0], runs[1])
	require.Equal(t, runs[0], runs[2])
	require.Equal(t, reports[0], reports[1])
	require.Equal(t, reports[0], reports[2])
	require.Positive(t, reports[0].Guidance.MutatedNews.States)
}

func TestFreshRunsAreThoseOfRandomOrderAndAtLeastHalf(t *testing.T) {
	c := guidedCampaign(9, 2)
	c.Seeds = 320
	hashes := map[uint64]uint64{}
	c.Each = func(ran explore.Ran) {
		if !ran.Mutated() {
			hashes[ran.Seed] = ran.Outcome.Hash
		}
	}
	r := campaign(t, c)[0]
	require.Equal(t, 320, r.Guidance.Fresh+r.Guidance.Mutated)
	require.GreaterOrEqual(t, r.Guidance.Fresh, 160)
	require.GreaterOrEqual(t, r.Guidance.Mutated, 2*19, "all generations but the first")
	require.Len(t, hashes, r.Guidance.Fresh)
	c.Strategy = explore.Random
	c.Each = func(ran explore.Ran) {
		if hash, fresh := hashes[ran.Seed]; fresh {
			require.Equal(t, hash, ran.Outcome.Hash, "seed %d", ran.Seed)
		}
	}
	require.Nil(t, campaign(t, c)[0].Guidance)
}

// What guidance found needs neither its corpus nor its seeds to be had again.
func TestGuidedFailureIsInItsFile(t *testing.T) {
	r := campaign(t, guidedCampaign(1, 0))[0]
	require.Len(t, r.Found, 1)
	found := r.Found[0]
	require.Nil(t, found.Diverged)
	require.True(t, strings.HasPrefix(found.File.Strategy, "guided/mutant (seed "), found.File.Strategy)
	require.Contains(t, found.File.Strategy, fmt.Sprintf("by seed %d)", found.Seed), "the last that it took")
	seeded := eightLocks.Body(explore.Guided.New(found.Seed), false)
	require.NotEqual(t, found.Outcome.Hash, seeded.Hash, "so nothing may say that the seed has it again")

	data, err := found.File.Encode()
	require.NoError(t, err)
	file, err := explore.Decode(data)
	require.NoError(t, err)
	answer, err := explore.Replay(file, eightLocks.Body)
	require.NoError(t, err)
	require.Equal(t, explore.Identical, answer.Verdict)

	shrunk, err := explore.Shrinking{Runs: 1000}.Shrink(t.Context(), eightLocks.Body, file)
	require.NoError(t, err)
	require.Len(t, shrunk.File.Choices, 8, "a lock each")
}

func TestGuidedRunsRunTwice(t *testing.T) {
	c := guidedCampaign(3, 2)
	c.Seeds, c.TwinEvery = 200, 1
	r := campaign(t, c)[0]
	require.Nil(t, r.Diverged, "a mutated run is compared with itself, not with its seed's")
	require.Positive(t, r.Guidance.Mutated)

	var calls atomic.Int64
	salted := func(chooser choice.Chooser, keep bool) explore.Outcome {
		o := eightLocks.Body(chooser, keep)
		if _, follows := chooser.(choice.Follower); follows { // a fresh seed's does not
			o.Hash += uint64(calls.Add(1))
		}
		return o
	}
	c.Scenarios = []explore.Scenario{{Name: "salted", Body: salted}}
	r = campaign(t, c)[0]
	require.NotNil(t, r.Diverged)
	require.True(t, r.Diverged.Mutated)
	require.NotContains(t, r.Diverged.Error(), "seed ")
}

func TestWatermarkOfAMutatedRunIsNotItsSeeds(t *testing.T) {
	r := explore.Report{Watermarks: []explore.Highest{{
		Watermark: explore.Watermark{Name: "queue", Value: 7}, Seed: 5, Index: 30, Mutated: true,
	}}}
	require.Equal(t, "queue 7 (run 31, which guidance made)", r.TellWatermarks())
}

// What one campaign kept another has at once, with other seeds, and what has no turn there stays for a third.
func TestWhatACampaignKeptIsTheBeginningOfTheNext(t *testing.T) {
	c := guidedCampaign(1, 0)
	c.Seeds = 512
	first := campaign(t, c)[0]
	require.Empty(t, first.Found)
	kept := first.Guidance.Kept
	require.NotEmpty(t, kept)

	states := func(r explore.Report) (names []string) {
		for _, state := range r.Reached {
			names = append(names, state.Name)
		}
		return names
	}
	c.Base, c.Seeds = 5, len(kept)
	require.NotEqual(t, states(first), states(campaign(t, c)[0]), "were it so easy, this would prove nothing")
	c.Kept = map[string][]explore.Plan{eightLocks.Name: kept}
	second := campaign(t, c)[0]
	require.Equal(t, states(first), states(second))
	require.Equal(t, len(kept), second.Guidance.Again)
	require.Zero(t, second.Guidance.FreshNews.Runs+second.Guidance.MutatedNews.Runs)

	c.Seeds = 3
	third := campaign(t, c)[0]
	require.Equal(t, 3, third.Guidance.Again)
	require.Subset(t, third.Guidance.Kept, kept[3:])
}

// A run that an earlier campaign made of a seed alone bears that seed, whatever its place.
func TestKeptRunOfASeedBearsIt(t *testing.T) {
	c := guidedCampaign(1, 1)
	c.Seeds = 64
	kept := campaign(t, c)[0].Guidance.Kept
	c.Base, c.Kept = 2, map[string][]explore.Plan{eightLocks.Name: kept}
	alone := 0
	c.Each = func(ran explore.Ran) {
		if ran.Index < len(kept) && !ran.Mutated() {
			alone++
			again := eightLocks.Body(explore.Random.New(ran.Seed), false)
			require.Equal(t, again.Hash, ran.Outcome.Hash)
		}
	}
	campaign(t, c)
	require.Positive(t, alone)
}
