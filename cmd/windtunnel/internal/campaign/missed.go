package campaign

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
)

//go:generate go test . -run=TestDifficultiesAreThoseOfTheScore -write

// measured is a mutant whose difficulty is known.
type measured struct {
	scenario, mutant string // of testdata/mutants
	schedules        int    // until it was caught: the median
}

// How difficulties.go was measured: it has the column of this strategy of testdata/mutants/SCORE.md.
const (
	measuredStrategy = "random"
	measuredBases    = 20
)

// toldAbove is the probability above which each scenario has a line; the others are counted.
const toldAbove = 0.001

// Missed says of the scenarios without a failure, the least certain first, how probably a bug was missed that
// is as hard to find as the median of the scenario's mutants. Of others, of other strategies, and where the
// runs were too few to say anything, it says nothing.
func Missed(r Result) []string {
	if r.Strategy != measuredStrategy {
		return nil
	}
	var bounds []missed
	for _, s := range r.Scenarios {
		if len(s.Failures) > 0 || s.Diverged != nil || len(s.Unknown) > 0 {
			continue
		}
		if m, ok := missedOf(s.Scenario, s.Runs); ok {
			bounds = append(bounds, m)
		}
	}
	if len(bounds) == 0 {
		return nil
	}
	slices.SortStableFunc(bounds, func(a, b missed) int { return cmp.Compare(b.below, a.below) })
	told := []string{"A bug as hard to find as the median of a scenario's known ones (testdata/mutants) " +
		"would have been missed with probability below"}
	for i, m := range bounds {
		if i > 0 && m.below <= toldAbove {
			told = append(told, fmt.Sprintf("  %v in the other %d", toldAbove, len(bounds)-i))
			break
		}
		told = append(told, fmt.Sprintf("  %s in %s: %d runs, the median of %d known is %d schedules",
			strconv.FormatFloat(m.below, 'g', 2, 64), m.scenario, m.runs, m.known, m.median))
	}
	return append(told, fmt.Sprintf("This assumes that every run finds such a bug with one probability, "+
		"independently of the others (geometric), and that a bug's median over %d base seeds is its own.",
		measuredBases))
}

// missed is a bound on the probability that a scenario's runs missed a bug.
type missed struct {
	scenario            string
	runs, median, known int
	below               float64
}

func missedOf(scenario string, runs int) (m missed, ok bool) {
	median, known := difficulty(scenario)
	if known == 0 {
		return m, false
	}
	below, ok := missedBelow(runs, median)
	return missed{scenario, runs, median, known, below}, ok
}

// difficulty is the median over a scenario's mutants, of an even number the harder one; and how many there
// are.
func difficulty(scenario string) (median, of int) {
	var all []int
	for _, m := range difficulties {
		if m.scenario == scenario {
			all = append(all, m.schedules)
		}
	}
	if len(all) == 0 {
		return 0, 0
	}
	slices.Sort(all)
	return all[len(all)/2], len(all)
}

// leastMissed is the smallest probability that is told: the model is not that good.
const leastMissed = 1e-9

// missedBelow is a bound, of two digits, on the probability that so many runs miss a bug which half of all
// campaigns find in median runs. A run then misses it with probability 2^(-1/median). There is no bound
// when none below 1 has two digits.
func missedBelow(runs, median int) (bound float64, ok bool) {
	missed := math.Exp2(-float64(runs) / float64(median))
	if missed < leastMissed {
		return leastMissed, true
	}
	scale := math.Pow(10, math.Ceil(-math.Log10(missed))+1)
	above := (math.Floor(missed*scale) + 1) / scale
	return above, above < 1
}
