package mutate

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
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
	Slower         Verdict = "slower"  // caught, but later than a Record allows
	Hung           Verdict = "hung"    // it ran out of time, and does not say that this catches it
)

// A Result is what became of a mutant.
type Result struct {
	Mutant  Mutant
	Verdict Verdict
	// Reason is a message for every verdict but Caught and Blunt.
	Reason string
	// Scores has one for every strategy, in the order of Config.Strategies. The verdict is by the first. It
	// is nil for a mutant that a test must catch.
	Scores []Score
	// Shrunk has what became of these failures, where Config.Shrink let them be shrunk.
	Shrunk []Shrinking
}

// Good tells whether the suite may pass with this result.
func (r Result) Good() bool { return r.Verdict == Caught || r.Verdict == Blunt }

// first is the score that the verdict is by; none for a mutant that a test must catch.
func (r Result) first() Score {
	if len(r.Scores) == 0 {
		return Score{}
	}
	return r.Scores[0]
}

// cell is what a table says of the mutant and a strategy.
func (r Result) cell(strategy string) string {
	for _, s := range r.Scores {
		if s.name() == strategy {
			return s.String()
		}
	}
	return "-"
}

// strategies names those that results have scores of, in order.
func strategies(results []Result) []string {
	var names []string
	for _, r := range results {
		for _, s := range r.Scores {
			if !slices.Contains(names, s.name()) {
				names = append(names, s.name())
			}
		}
	}
	return names
}

// caughtBy says what must catch the mutant.
func (m Mutant) caughtBy() string {
	if m.Scenario == "" {
		return m.Test.Package + " " + m.Test.Name
	}
	return m.Invariant + " (" + m.Scenario + ")"
}

// WriteScoreboard prints a line for every mutant, with median and 95th percentile of the schedules that each
// strategy took, and what is wrong with those that fail the suite.
func WriteScoreboard(w io.Writer, results []Result) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	names := strategies(results)
	fmt.Fprintf(table, "MUTANT\tVERDICT\t%sSEEDS\tCAUGHT BY\tWHAT\n", cells(names, strings.ToUpper))
	for _, r := range results {
		seeds := "-"
		if of := len(r.first().KilledAt); of > 0 {
			seeds = fmt.Sprintf("%d of %d", r.first().Caught(), of)
		}
		fmt.Fprintf(table, "%s\t%s\t%s%s\t%s\t%s\n", r.Mutant.ID, r.Verdict,
			cells(names, r.cell), seeds, r.Mutant.caughtBy(), r.Mutant.What)
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

func cells(names []string, cell func(string) string) string {
	var b strings.Builder
	for _, name := range names {
		b.WriteString(cell(name) + "\t")
	}
	return b.String()
}

// leastForBlunt is how many base seeds it takes to call a mutant blunt: on fewer it may be chance.
const leastForBlunt = 5

// decide turns what happened on the base seeds into a verdict: caught takes 19 of 20 of them, all of fewer.
func (r *Result) decide() {
	score := r.first()
	others, most := 0, ""
	for _, key := range slices.Sorted(maps.Keys(score.Others)) {
		others += score.Others[key]
		if most == "" || score.Others[key] > score.Others[most] {
			most = key
		}
	}
	caught, of := score.Caught(), len(score.KilledAt)
	switch {
	case of >= leastForBlunt && !slices.ContainsFunc(score.KilledAt, func(at int) bool { return at != 1 }):
		r.Verdict = Blunt
	case caught >= of-of/20:
		r.Verdict = Caught
	case others > of-caught-others:
		r.Verdict = WrongInvariant
		r.Reason = fmt.Sprintf("%q failed on %d of %d base seeds, and on %d %q never did",
			most, score.Others[most], of, of-caught, r.Mutant.Invariant)
	default:
		r.Verdict = Survived
		r.Reason = fmt.Sprintf("%q failed on %d of %d base seeds within %d schedules, something else on %d",
			r.Mutant.Invariant, caught, of, score.Schedules, others)
	}
}
