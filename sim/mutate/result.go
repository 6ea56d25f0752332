package mutate

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
)

// Verdict says what became of a mutant.
type Verdict string

// The verdicts. All but Caught and Blunt are failures of the suite.
const (
	Caught         Verdict = "caught"          // by what it names
	Blunt          Verdict = "blunt"           // on the first schedule of every base seed: it proves nothing
	Survived       Verdict = "survived"        // on more than one of 20 base seeds
	WrongInvariant Verdict = "wrong invariant" // it survived what it names, and other things failed instead
	NotApplying    Verdict = "does not apply"
	NotBuilding    Verdict = "does not build"
	NotVetting     Verdict = "does not vet"
	Unsound        Verdict = "unsound" // the untouched program fails the same check
	Hung           Verdict = "hung"    // it ran out of time, and does not say that this catches it
)

// A Result is what became of a mutant.
type Result struct {
	Mutant  Mutant
	Verdict Verdict
	// Reason is a message for every verdict but Caught and Blunt.
	Reason string
	// KilledAt has, for every base seed, the first schedule that failed by the named invariant, from 1; 0
	// where none did. It is nil for a mutant that a test must catch.
	KilledAt []int
	// Shrunk has what became of these failures, where Config.Shrink let them be shrunk.
	Shrunk []Shrinking
	// Others counts the base seeds on which something else failed and the named invariant never, by its key.
	Others map[string]int
}

// Good tells whether the suite may pass with this result.
func (r Result) Good() bool { return r.Verdict == Caught || r.Verdict == Blunt }

// Median is the number of schedules after which half of the base seeds had caught the mutant; 0 when they
// never did, or a test is to catch it.
func (r Result) Median() int {
	if len(r.KilledAt) == 0 {
		return 0
	}
	sorted := slices.Clone(r.KilledAt)
	slices.SortFunc(sorted, func(a, b int) int {
		switch {
		case a == b:
			return 0
		case a == 0: // never comes last
			return 1
		case b == 0:
			return -1
		}
		return a - b
	})
	return sorted[(len(sorted)-1)/2]
}

// Caught is the number of base seeds on which the named invariant failed.
func (r Result) Caught() int {
	n := 0
	for _, at := range r.KilledAt {
		if at > 0 {
			n++
		}
	}
	return n
}

// WriteScoreboard prints a line for every mutant - SCHEDULES is the median - and what is wrong with those
// that fail the suite.
func WriteScoreboard(w io.Writer, results []Result) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "MUTANT\tVERDICT\tSCHEDULES\tSEEDS\tCAUGHT BY\tWHAT")
	for _, r := range results {
		by := r.Mutant.Invariant + " (" + r.Mutant.Scenario + ")"
		schedules, seeds := "-", "-"
		if r.Mutant.Scenario == "" {
			by = r.Mutant.Test.Package + " " + r.Mutant.Test.Name
		}
		if len(r.KilledAt) > 0 {
			seeds = fmt.Sprintf("%d of %d", r.Caught(), len(r.KilledAt))
		}
		if r.Median() > 0 {
			schedules = fmt.Sprint(r.Median())
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n",
			r.Mutant.ID, r.Verdict, schedules, seeds, by, r.Mutant.What)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, r := range results {
		if r.Good() {
			continue
		}
		if _, err := fmt.Fprintf(w, "\n%s: %s: %s\n", r.Mutant.ID, r.Verdict, r.Reason); err != nil {
			return err
		}
	}
	return nil
}

// leastForBlunt is how many base seeds it takes to call a mutant blunt: on fewer it may be chance.
const leastForBlunt = 5

// decide turns what happened on the base seeds into a verdict: caught takes 19 of 20 of them, all of fewer.
func (r *Result) decide(schedules int) {
	others, most := 0, ""
	for _, key := range slices.Sorted(maps.Keys(r.Others)) {
		others += r.Others[key]
		if most == "" || r.Others[key] > r.Others[most] {
			most = key
		}
	}
	caught, of := r.Caught(), len(r.KilledAt)
	switch {
	case of >= leastForBlunt && !slices.ContainsFunc(r.KilledAt, func(at int) bool { return at != 1 }):
		r.Verdict = Blunt
	case caught >= of-of/20:
		r.Verdict = Caught
	case others > of-caught-others:
		r.Verdict = WrongInvariant
		r.Reason = fmt.Sprintf("%q failed on %d of %d base seeds, and on %d %q never did",
			most, r.Others[most], of, of-caught, r.Mutant.Invariant)
	default:
		r.Verdict = Survived
		r.Reason = fmt.Sprintf("%q failed on %d of %d base seeds within %d schedules, something else on %d",
			r.Mutant.Invariant, caught, of, schedules, others)
	}
}
