package mutate

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteScore writes what a suite is worth, as a page in Markdown that ReadRecord reads again: for every
// mutant and strategy median and 95th percentile, the hardest mutants first, and what each strategy finds of
// all of them. Command is the one that writes the page.
func WriteScore(w io.Writer, results []Result, command string) error {
	var measured, tested []Result
	for _, r := range results {
		if r.Mutant.Scenario != "" {
			measured = append(measured, r)
		} else {
			tested = append(tested, r)
		}
	}
	slices.SortStableFunc(measured, hardest)
	slices.SortStableFunc(tested, func(a, b Result) int { return cmp.Compare(a.Mutant.ID, b.Mutant.ID) })
	var b strings.Builder
	introduce(&b, measured, command)
	writeMeasured(&b, measured)
	writeSummary(&b, measured)
	writeTested(&b, tested)
	_, err := io.WriteString(w, b.String())
	return err
}

// hardest sorts by what the strategy that judges takes, most first.
func hardest(a, b Result) int {
	return cmp.Or(
		soonest(b.first().Median(), a.first().Median()),
		soonest(b.first().Percentile95(), a.first().Percentile95()),
		cmp.Compare(a.Mutant.ID, b.Mutant.ID),
	)
}

func introduce(b *strings.Builder, measured []Result, command string) {
	bases, bound, judge := 0, 0, ""
	for _, r := range measured {
		bases, bound = max(bases, len(r.first().KilledAt)), max(bound, r.first().Schedules)
		judge = cmp.Or(judge, r.first().name())
	}
	fmt.Fprintf(b, `# How soon known bugs are found

Written by a command; do not edit:

    %s

A row is one known bug of this folder, put back alone. A scenario then runs until the invariant fails that
the bug must break, from %d base seeds and by each strategy, %s schedules at most a base seed; the untouched
program has to pass the same schedules. A cell is the number of schedules that took: the median over the base
seeds, and the 95th percentile. %q is a quantile that was not reached within the bound; "on 4 of 4" says that
the strategy was given up, since none of the first 4 base seeds found anything. The verdict is by %s, which is
what tests and campaigns use unless they are told otherwise. %q is what its first base seeds took: the few
that a quick run repeats and compares.

What this does not prove: that the same mistake made in another way would be found, or as soon; that bugs
nobody has thought of are as hard as these; or, between strategies whose figures are less than about twice
apart, which is the better one: with %d base seeds that is chance. A schedule costs each strategy about the
same, but scenarios differ: schedules of two rows are not the same time.

## By scenarios, the hardest first

`, command, bases, thousands(bound), schedulesText(0, bound), judge, firstColumn, bases)
}

// firstColumn has what the first base seeds took; columns of strategies stand between the verdict's and this.
var firstColumn = fmt.Sprintf("first %d", QuickBases)

func writeMeasured(b *strings.Builder, measured []Result) {
	names := strategies(measured)
	fmt.Fprintf(b, "| mutant | verdict | %s%s | invariant (scenario) |\n", columns(names), firstColumn)
	fmt.Fprintf(b, "|---|---|%s---|---|\n", strings.Repeat("---|", len(names)))
	for _, r := range measured {
		var cells []string
		for _, name := range names {
			cells = append(cells, r.cell(name))
		}
		fmt.Fprintf(b, "| %s | %s | %s%s | %s |\n",
			r.Mutant.ID, r.Verdict, columns(cells), firstText(r.first()), escape(r.Mutant.caughtBy()))
	}
}

func columns(cells []string) string {
	if len(cells) == 0 {
		return ""
	}
	return strings.Join(cells, " | ") + " | "
}

func firstText(s Score) string {
	var texts []string
	for _, at := range s.KilledAt[:min(QuickBases, len(s.KilledAt))] {
		texts = append(texts, schedulesText(at, s.Schedules))
	}
	return strings.Join(texts, firstSeparator)
}

const firstSeparator = "; "

func escape(text string) string { return strings.ReplaceAll(text, "|", "\\|") }

func writeSummary(b *strings.Builder, measured []Result) {
	names := strategies(measured)
	if len(names) == 0 {
		return
	}
	fmt.Fprintf(b, `
## Strategies

Counts are of mutants, by their median: alone is what this strategy finds within the bound and no other does.

| strategy | mutants | median of medians | within 10 | within 100 | within 1,000 | alone |
|---|---|---|---|---|---|---|
`)
	for _, name := range names {
		var medians []int
		bound, alone := 0, 0
		for _, r := range measured {
			for _, s := range r.Scores {
				if s.name() == name {
					medians, bound = append(medians, s.Median()), s.Schedules
				}
			}
			if finders := r.finders(); len(names) > 1 && len(finders) == 1 && finders[0] == name {
				alone++
			}
		}
		fmt.Fprintf(b, "| %s | %d | %s | %d | %d | %d | %d |\n", name, len(medians),
			schedulesText(quantile(medians, 50), bound),
			within(medians, 10), within(medians, 100), within(medians, 1000), alone)
	}
}

// finders names the strategies whose median is within the bound.
func (r Result) finders() []string {
	var names []string
	for _, s := range r.Scores {
		if s.Median() > 0 {
			names = append(names, s.name())
		}
	}
	return names
}

func within(medians []int, schedules int) int {
	n := 0
	for _, median := range medians {
		if median > 0 && median <= schedules {
			n++
		}
	}
	return n
}

func writeTested(b *strings.Builder, tested []Result) {
	if len(tested) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## By tests\n\nThese have no schedules to count: one test must fail.\n\n")
	fmt.Fprintf(b, "| mutant | verdict | test |\n|---|---|---|\n")
	for _, r := range tested {
		fmt.Fprintf(b, "| %s | %s | %s |\n", r.Mutant.ID, r.Verdict, escape(r.Mutant.caughtBy()))
	}
}
