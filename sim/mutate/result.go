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
	Survived       Verdict = "survived"        // on half of the base seeds, or more
	WrongInvariant Verdict = "wrong invariant" // something else than what it names failed, more often
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
	// Others counts the base seeds on which something else failed first, by its key.
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

// WriteScoreboard prints a line for every mutant, and what is wrong with those that fail the suite.
func WriteScoreboard(w io.Writer, results []Result) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "MUTANT\tVERDICT\tBY\tSCHEDULES (median)\tSEEDS")
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
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", r.Mutant.ID, r.Verdict, by, schedules, seeds)
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

// decide turns what happened on the base seeds into a verdict.
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
	case !slices.ContainsFunc(r.KilledAt, func(at int) bool { return at != 1 }):
		r.Verdict = Blunt
	case others > caught:
		r.Verdict = WrongInvariant
		r.Reason = fmt.Sprintf("%q failed first on %d of %d base seeds, %q on %d",
			most, r.Others[most], of, r.Mutant.Invariant, caught)
	case r.Median() == 0:
		r.Verdict = Survived
		r.Reason = fmt.Sprintf("%q failed on %d of %d base seeds within %d schedules, something else on %d",
			r.Mutant.Invariant, caught, of, schedules, others)
	default:
		r.Verdict = Caught
	}
}
