package simtest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/explore"
)

// demandsOf are what runs must come to between them.
func demandsOf(sometimes []string, faults []sim.FaultKind) explore.Demands {
	d := explore.Demands{Sometimes: sometimes}
	for _, kind := range faults {
		d.Faults = append(d.Faults, kind.String())
	}
	return d
}

// furtherAtOnce is how many more schedules a scenario gets before it is looked at again.
const furtherAtOnce = 16

// insist looks further for what the runs of some scenarios have not come to, and fails those that then still
// have not. A machine that is slow, or busy, plays fewer schedules in the same time, and the verdict must not
// hang on the machine. Of a scenario that failed nothing is asked: it ended before it could reach anything.
func (s suite) insist(t *testing.T, strategy explore.Strategy, findings []finding) {
	t.Helper()
	for round, left := 0, s.options.Further; left > 0; round, left = round+1, left-furtherAtOnce {
		var again []int
		for i := range s.scenarios {
			if len(s.unmet(findings, i)) > 0 {
				again = append(again, i)
			}
		}
		if len(again) == 0 {
			break
		}
		s.further(t, again, explore.Campaign{
			Strategy: strategy, Base: furtherBase(s.options.Base, round), Seeds: min(left, furtherAtOnce),
			Parallel: s.options.Parallel, TwinEvery: s.options.TwinEvery,
		}, findings)
	}
	for i := range s.scenarios {
		for _, what := range s.unmet(findings, i) {
			findings[i].wrong = append(findings[i].wrong, fmt.Sprintf("%s, in %d schedules: %s\n",
				s.scenarios[i].Name, findings[i].report.Runs, what))
		}
	}
}

// furtherBase is far from the seeds that a campaign with this base comes to by itself.
func furtherBase(base uint64, round int) uint64 { return explore.SeedAt(base, 1<<31-1-round) }

// unmet is what a scenario has not come to, if that can be held against it.
func (s suite) unmet(findings []finding, i int) []string {
	if len(findings[i].wrong) > 0 {
		return nil
	}
	return s.demands[i].Unmet(findings[i].report)
}

// further searches some scenarios once more, and adds what that came to.
func (s suite) further(t *testing.T, again []int, c explore.Campaign, findings []finding) {
	t.Helper()
	for _, i := range again {
		c.Scenarios = append(c.Scenarios, s.scenarios[i])
	}
	reports, err := c.Explore(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for n, i := range again {
		findings[i].wrong, findings[i].shrinking = s.wrong(t, i, reports[n])
		findings[i].report = findings[i].report.And(reports[n])
	}
}

func reportsOf(findings []finding) []explore.Report {
	reports := make([]explore.Report, len(findings))
	for i, f := range findings {
		reports[i] = f.report
	}
	return reports
}

// logDemands shows under go test -v, and not with every failure, what the runs came to.
func (s suite) logDemands(t *testing.T, findings []finding) {
	t.Helper()
	if !testing.Verbose() {
		return
	}
	reports := reportsOf(findings)
	told := explore.TellDemands(reports, s.demands) + explore.TellRare(reports, s.options.Rare)
	if told != "" {
		t.Log("\n" + strings.TrimSuffix(told, "\n"))
	}
}
