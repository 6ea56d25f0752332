package campaign

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// measured is a mutant whose difficulty is known.
type measured struct {
	scenario, mutant string // of testdata/mutants
	schedules        int    // until it was caught: the median
}

// The column "random" of BENCHMARKS.md, "Strategies, on the mutants": seven base seeds. A test compares.
const (
	measuredStrategy = "random"
	measuredBases    = 7
)

var difficulties = []measured{
	{"stale-level", "F4-level-before-the-lock", 53},
	{"late-datacenter", "F9-read-and-decided-in-two-steps", 39},
	{"worker-cut-off", "stats-closed-takes-the-next", 40},
	{"worker-cut-off", "worker-cut-off-seen-by-heartbeats", 21},
	{"worker-cut-off", "worker-no-cut-off", 6},
	{"two-takers", "F2-one-window-two-takers", 5},
	{"broken-connections", "client-hides-a-gap", 2},
	{"second-reader", "F5-merge-slot-by-slot", 3},
}

// Missed says of each scenario without a failure how probably a bug was missed that is as hard to find as
// the median of its mutants. Of others, of other strategies, and where the runs were too few to say
// anything, it says nothing.
func Missed(r Result) []string {
	if r.Strategy != measuredStrategy {
		return nil
	}
	var told []string
	for _, s := range r.Scenarios {
		median, of := difficulty(s.Scenario)
		if of == 0 || len(s.Failures) > 0 || s.Diverged != nil || len(s.Unknown) > 0 {
			continue
		}
		below, ok := missedBelow(s.Runs, median)
		if !ok {
			continue
		}
		told = append(told, fmt.Sprintf("%s: no failure in %d runs; a bug as hard to find as the median of "+
			"its measured mutants (%d schedules, %d measured) would have been missed with probability "+
			"below %s", s.Scenario, s.Runs, median, of, below))
	}
	if len(told) > 0 {
		told = append(told, fmt.Sprintf("This assumes that every run finds such a bug with one probability, "+
			"independently of the others (geometric), and that a mutant's median over %d base seeds is "+
			"its own.", measuredBases))
	}
	return told
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
func missedBelow(runs, median int) (bound string, ok bool) {
	missed := math.Exp2(-float64(runs) / float64(median))
	if missed < leastMissed {
		return strconv.FormatFloat(leastMissed, 'g', -1, 64), true
	}
	scale := math.Pow(10, math.Ceil(-math.Log10(missed))+1)
	above := (math.Floor(missed*scale) + 1) / scale
	return strconv.FormatFloat(above, 'g', 2, 64), above < 1
}
