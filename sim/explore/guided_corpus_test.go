package explore

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// ordersOf is a set with one pair, which no other number has.
func ordersOf(n int) *orderSet {
	s := new(orderSet)
	s[n/64] |= 1 << (n % 64)
	return s
}

func TestCorpusKeepsWhatShowedSomethingNewAndNoMore(t *testing.T) {
	c := newGuide(nil).corpus
	reaching := Outcome{Reached: []Count{{Name: "leader", Times: 1}}}
	high := func(v int64) Outcome { return Outcome{Watermarks: []Watermark{{Name: "queue", Value: v}}} }
	for i, run := range []struct {
		outcome Outcome
		orders  *orderSet
		want    News
	}{
		{Outcome{}, new(orderSet), News{}},
		{Outcome{}, ordersOf(3), News{Runs: 1, Orders: 1}},
		{Outcome{}, ordersOf(3), News{}},
		{reaching, ordersOf(3), News{Runs: 1, States: 1}},
		{reaching, ordersOf(4), News{Runs: 1, Orders: 1}},
		{high(5), ordersOf(4), News{Runs: 1, Watermarks: 1}},
		{high(5), ordersOf(4), News{}},
		{high(6), ordersOf(4), News{Runs: 1, Watermarks: 1}},
	} {
		kept := len(c.runs)
		require.Equal(t, run.want, c.add(shown{plan: seeds(1), outcome: run.outcome, orders: run.orders}, i))
		require.Len(t, c.runs, kept+run.want.Runs)
	}
}

func TestCorpusIsBoundedAndDropsWhatHasTheLeastEnergy(t *testing.T) {
	c := newGuide(nil).corpus
	first := Outcome{Reached: []Count{{Name: "leader", Times: 1}}}
	c.add(shown{plan: seeds(1), outcome: first, orders: new(orderSet)}, 0)
	for i := range 3 * mostKept {
		c.add(shown{plan: seeds(2), orders: ordersOf(i)}, i+1)
		require.LessOrEqual(t, len(c.runs), mostKept)
	}
	require.Equal(t, 0, c.runs[0].index, "a state is worth more than orders")
	require.Equal(t, 2*mostKept+2, c.runs[1].index, "of equal ones the oldest has gone")

	random := rand.New(rand.NewPCG(1, 1))
	for range 10_000 {
		c.draw(random)
	}
	for _, k := range c.runs[1:] {
		require.Less(t, k.drawn, c.runs[0].drawn)
		require.Positive(t, k.drawn, "energy wears off, so all have their turn")
	}
}

func TestAFailureIsNotChangedFurther(t *testing.T) {
	g := newGuide(nil)
	for i := range 2 {
		ran := Ran{Index: i, plan: g.next(uint64(i))}
		ran.Outcome.Failure = &Failure{Key: "broken"}
		chooser := ran.plan.chooser()
		*chooser.(Covering).Orders().Set() = *ordersOf(i)
		g.saw(ran, chooser)
	}
	require.Equal(t, &Guidance{Fresh: 2}, g.report(2))
}

func TestMutatedRunsAreFewWhereFreshSeedsPayBetter(t *testing.T) {
	pay := func(mutated bool, worth int, times int) (all []payment) {
		for range times {
			all = append(all, payment{mutated, worth})
		}
		return all
	}
	for _, c := range []struct {
		name        string
		fresh, made []payment
		want        int
	}{
		{"nothing was mutated yet", pay(false, 1, 16), nil, freshOf},
		{"nothing is new", pay(false, 0, 32), pay(true, 0, 32), freshOf},
		{"fresh ones pay more", pay(false, 4, 32), pay(true, 1, 32), generation - leastOf},
		{"few that pay more a run", append(pay(false, 1, 3), pay(false, 0, 53)...), pay(true, 1, 8), freshOf},
		{"few pay nothing", pay(false, 1, 56), pay(true, 0, 8), generation - leastOf},
	} {
		g := newGuide(nil)
		g.paid = slices.Concat(c.fresh, c.made)
		require.Equal(t, c.want, g.share(), c.name)
	}
}

// asked is the answers of a chooser to some questions of every kind, in so many steps.
func asked(chooser choice.Chooser, steps int) []int {
	var streams []*choice.Stream
	for kind := range choice.KindCount {
		streams = append(streams, choice.NewStream(kind, "s"))
	}
	var answers []int
	for range steps {
		for _, s := range streams {
			answers = append(answers, s.Ask(chooser, 1<<16, nil))
		}
		if follower, ok := chooser.(choice.Follower); ok {
			follower.StepDone()
		}
	}
	return answers
}

func TestMutationKeepsWhatItDoesNotChange(t *testing.T) {
	const steps = 64
	rapid.Check(t, func(t *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "random"), 0))
		k := &keptRun{plan: seeds(1), steps: steps}
		for i := range rapid.IntRange(1, 40).Draw(t, "mutations") {
			mutated := k.mutate(uint64(i+2), random)
			require.LessOrEqual(t, len(mutated), mostLayers)
			full := len(k.plan) == mostLayers && len(mutated) == mostLayers
			l := mutated[len(mutated)-1]
			before, after := asked(k.plan.chooser(), steps), asked(mutated.chooser(), steps)
			fresh := asked(seeds(uint64(i+2)).chooser(), steps)
			for n := range after {
				step, kind := n/int(choice.KindCount), choice.Kind(n%int(choice.KindCount))
				took := uint64(step) >= l.after && l.kinds&only(kind) != 0
				switch {
				case after[n] == before[n], full: // a change may have been taken back
				case l.quiet:
					require.True(t, took && after[n] == 0, "%v: %d", mutated, n)
				default:
					require.True(t, took && after[n] == fresh[n], "%v: %d", mutated, n)
				}
			}
			if l.oneIn == 1 && l.after == 0 {
				require.NotEqual(t, before, after, "%v", mutated)
			}
			k.plan = mutated
		}
	})
}

func TestPlanSaysWhoAnswersWhat(t *testing.T) {
	p := seeds(1)
	require.Equal(t, "seed 1", fmt.Sprint(p))
	p = p.with(layer{seed: 2, kinds: everyKind, oneIn: 64})
	p = p.with(layer{seed: 3, after: 10, kinds: everyKind, oneIn: 1})
	p = p.with(layer{seed: 4, quiet: true, kinds: only(choice.Stall), oneIn: 4})
	require.Equal(t, "seed 1; 1 in 64 of all choices by seed 2; from step 11 on all choices by seed 3; "+
		"1 in 4 of stall quiet, drawn by seed 4", fmt.Sprint(p))
	p = p.with(layer{seed: 5, after: 5, kinds: everyKind, oneIn: 1})
	require.Equal(t, "seed 1; 1 in 64 of all choices by seed 2; 1 in 4 of stall quiet, drawn by seed 4; "+
		"from step 6 on all choices by seed 5", fmt.Sprint(p), "what is covered is left out")
}

func TestPlanIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "random"), 0))
		k := &keptRun{plan: seeds(rapid.Uint64().Draw(t, "seed")), steps: 1000}
		for range rapid.IntRange(0, 40).Draw(t, "mutations") {
			k.plan = k.mutate(random.Uint64(), random)
		}
		text, err := json.Marshal(k.plan)
		require.NoError(t, err)
		var read Plan
		require.NoError(t, json.Unmarshal(text, &read))
		require.Equal(t, k.plan, read, "%s", text)
	})
}

func TestPlanThatMakesNoSenseIsNotRead(t *testing.T) {
	for text, want := range map[string]string{
		`[]`:                           "plan: 0 layers, must be 1 to 32",
		`{}`:                           "plan: json: cannot unmarshal object",
		`[{"seed":1,"quiet":true}]`:    "plan: layer 1: it must answer everything",
		`[{"seed":1,"after":3}]`:       "plan: layer 1: it must answer everything",
		`[{"seed":1,"one_in":3}]`:      "plan: layer 1: it must answer everything",
		`[{"seed":1},{"kinds":["x"]}]`: `plan: layer 2: no kind of choice "x"`,
		"[" + strings.Repeat(`{"seed":1},`, 32) + `{"seed":1}]`: "plan: 33 layers, must be 1 to 32",
	} {
		plan := seeds(7)
		err := json.Unmarshal([]byte(text), &plan)
		require.ErrorContains(t, err, want, text)
		require.Equal(t, seeds(7), plan, "it is as it was")
	}
}
