package campaign

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/windtunnel/windtunnel/sim/explore"
)

// Markdown writes a page for a CI job: what ran, every failure with its story, and what was never reached.
func Markdown(out io.Writer, r Result) error {
	var b strings.Builder
	verdict := "held"
	if r.Failed() {
		verdict = "FAILED"
	}
	fmt.Fprintf(&b, "# windtunnel sim: %s\n\nBase seed %d, strategy %s. %s\n\n",
		verdict, r.Base, r.Strategy, totals(r))
	tableRow(&b, columns)
	tableRow(&b, append([]string{"---"}, slices.Repeat([]string{"---:"}, len(columns)-1)...))
	for _, s := range r.Scenarios {
		tableRow(&b, row(s))
	}
	failures(&b, r)
	never(&b, r)
	if missed := Missed(r); len(missed) > 0 {
		b.WriteString("\n## What may have been missed\n")
		for _, line := range missed {
			if item, isItem := strings.CutPrefix(line, "  "); isItem {
				fmt.Fprintf(&b, "- %s\n", item)
				continue
			}
			fmt.Fprintf(&b, "\n%s\n\n", line)
		}
	}
	if _, err := io.WriteString(out, b.String()); err != nil {
		return fmt.Errorf("summary: %w", err)
	}
	return nil
}

func failures(b *strings.Builder, r Result) {
	if !r.Failed() {
		return
	}
	b.WriteString("\n## Failures\n")
	for _, s := range r.Scenarios {
		if s.Diverged != nil {
			fmt.Fprintf(b, "\n### %s: not deterministic\n\n", s.Scenario)
			fenced(b, s.Diverged.Error())
		}
		for _, f := range s.Failures {
			age := "new"
			if f.Known {
				age = "known"
			}
			fmt.Fprintf(b, "\n### %s: %s (%s, %d runs)\n\n", s.Scenario, f.Cause.Key, age, f.Times)
			fenced(b, f.Story)
		}
	}
}

func never(b *strings.Builder, r Result) {
	var unmet []string
	for _, s := range r.Scenarios {
		for _, what := range s.Demands.Unmet(s.Report) {
			unmet = append(unmet, s.Scenario+": "+what)
		}
	}
	unmet = append(unmet, explore.UntakenRare(r.reports(), r.Rare)...)
	if len(unmet) > 0 {
		b.WriteString("\n## What never occurred\n\n")
	}
	for _, what := range unmet {
		fmt.Fprintf(b, "- %s\n", what)
	}
}

// fenced shows text as it is: the fence is longer than any in it.
func fenced(b *strings.Builder, text string) {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	fmt.Fprintf(b, "%s\n%s\n%s\n", fence, strings.TrimRight(text, "\n"), fence)
}

func tableRow(b *strings.Builder, cells []string) {
	for _, cell := range cells {
		b.WriteString("| " + strings.ReplaceAll(cell, "|", `\|`) + " ")
	}
	b.WriteString("|\n")
}
