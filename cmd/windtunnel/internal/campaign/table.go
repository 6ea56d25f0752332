package campaign

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/windtunnel/windtunnel/sim/explore"
)

// Table prints what became of what each scenario must come to, the rare branches, then a line a scenario,
// what never occurred, how high each watermark went, what guidance covered and kept, and the sums.
func Table(out io.Writer, r Result) {
	var demands []explore.Demands
	for _, s := range r.Scenarios {
		demands = append(demands, s.Demands)
	}
	fmt.Fprint(out, explore.TellDemands(r.reports(), demands))
	fmt.Fprint(out, explore.TellRare(r.reports(), r.Rare))
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
		for _, what := range s.Demands.Unmet(s.Report) {
			fmt.Fprintf(out, "%s: %s\n", s.Scenario, what)
		}
	}
	for _, what := range explore.UntakenRare(r.reports(), r.Rare) {
		fmt.Fprintln(out, what)
	}
	for _, line := range highest(r) {
		fmt.Fprintln(out, line)
	}
	for _, s := range r.Scenarios {
		if s.Guidance != nil {
			fmt.Fprintf(out, "%s: guided: %s\n", s.Scenario, s.Guidance.Tell())
		}
	}
	fmt.Fprintln(out, totals(r))
}

// highest says of each watermark which scenario came highest, the first of those that came as high.
func highest(r Result) []string {
	tops := map[string]explore.Highest{}
	where := map[string]string{}
	for _, s := range r.Scenarios {
		for _, h := range s.Watermarks {
			if top, known := tops[h.Name]; !known || h.Value > top.Value {
				tops[h.Name], where[h.Name] = h, s.Scenario
			}
		}
	}
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(tops)) {
		h := tops[name]
		lines = append(lines, fmt.Sprintf("highest %s: %d in %s (%s)", name, h.Value, where[name], h.Whose()))
	}
	return lines
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
	named := len(s.Demands.Sometimes)
	return []string{
		s.Scenario, fmt.Sprint(s.Runs), fmt.Sprintf("%.1f", s.Virtual.Minutes()),
		fmt.Sprintf("%d of %d", named-len(s.Demands.Never(s.Report)), named),
		fmt.Sprint(injected), fmt.Sprint(biting), fmt.Sprint(failures),
	}
}

func totals(r Result) string {
	runs, virtual, failures := r.sums()
	return fmt.Sprintf(
		"%d runs, %.1f virtual hours in %.1fs (%.0f runs/s, %.0f times real time), failures: %d",
		runs, virtual.Hours(), r.Took.Seconds(), float64(runs)/r.Took.Seconds(),
		virtual.Seconds()/r.Took.Seconds(), failures)
}
