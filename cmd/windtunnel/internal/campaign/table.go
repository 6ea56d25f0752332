package campaign

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Table prints a line a scenario, what each never came to, and the sums.
func Table(out io.Writer, r Result) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	widest := len(columns[0])
	for _, s := range r.Scenarios {
		widest = max(widest, len(s.Scenario))
	}
	line := func(cells []string) { // names to the left, numbers to the right
		fmt.Fprintf(table, "%-*s\t%s\t\n", widest, cells[0], strings.Join(cells[1:], "\t"))
	}
	line(columns)
	for _, s := range r.Scenarios {
		line(row(s))
	}
	table.Flush()
	for _, s := range r.Scenarios {
		if never := s.Never(); len(never) > 0 {
			fmt.Fprintf(out, "%s: never reached: %s\n", s.Scenario, strings.Join(never, "; "))
		}
		if idle := s.idle(); len(idle) > 0 {
			fmt.Fprintf(out, "%s: never did anything: %s\n", s.Scenario, strings.Join(idle, ", "))
		}
	}
	for _, s := range r.Scenarios {
		if marks := s.TellWatermarks(); marks != "" {
			fmt.Fprintf(out, "%s: highest: %s\n", s.Scenario, marks)
		}
	}
	fmt.Fprintln(out, totals(r))
}

var columns = []string{
	"scenario", "runs", "virtual minutes", "states reached", "faults", "biting", "failures",
}

func row(s Scenario) []string {
	injected, biting := s.faults()
	failures := len(s.Failures)
	if s.Diverged != nil {
		failures++
	}
	return []string{
		s.Scenario, fmt.Sprint(s.Runs), fmt.Sprintf("%.1f", s.Virtual.Minutes()),
		fmt.Sprintf("%d of %d", len(s.Named)-len(s.Never()), len(s.Named)),
		fmt.Sprint(injected), fmt.Sprint(biting), fmt.Sprint(failures),
	}
}

// idle lists the kinds of fault that were injected and never did anything to anybody.
func (s Scenario) idle() []string {
	var idle []string
	for _, f := range s.Faults {
		if f.Injected > 0 && f.Biting == 0 {
			idle = append(idle, f.Kind)
		}
	}
	return idle
}

func totals(r Result) string {
	runs, virtual, failures := r.sums()
	return fmt.Sprintf(
		"%d runs, %.1f virtual hours in %.1fs (%.0f runs/s, %.0f times real time), failures: %d",
		runs, virtual.Hours(), r.Took.Seconds(), float64(runs)/r.Took.Seconds(),
		virtual.Seconds()/r.Took.Seconds(), failures)
}
