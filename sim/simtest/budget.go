package simtest

import (
	"slices"
	"testing"

	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/explore"
)

// Scenario is a named body, a subtest of Budget.
type Scenario struct {
	Name string // as in failure files; it is also the subtest's name, so let it have no spaces
	Body func(r *check.Run)
	// Sometimes and Faults are as in Options.
	Sometimes []string
	Faults    []sim.FaultKind
}

// Budget deals Options.For over the scenarios that -run selects, seed by seed and evenly, each at least
// Options.AtLeast of them, all cores at work. Every scenario is a subtest. Options.Scenario, Sometimes and
// Faults are not used: each scenario has its own. The whole suite insists on what these name, and together
// on Options.Rare, which the calling test tells; a part of it, chosen by -run or a flag, only logs what they
// came to.
//
// It returns a report a selected scenario, in order. Failures are told in the subtests, which end after the
// calling test function has returned.
func Budget(t *testing.T, o Options, scenarios []Scenario) []explore.Report {
	t.Helper()
	narrowed := o.narrowed()
	o, err := o.resolve(t)
	if err != nil {
		t.Fatal(err)
	}
	s := suite{options: o}
	findings := new([]finding)
	for _, scenario := range scenarios {
		s.subtest(t, scenario, findings)
	}
	if request, is := twinRequest(t); is {
		for _, scenario := range s.scenarios {
			serve(t, request, scenario)
		}
		return nil
	}
	switch {
	case len(s.scenarios) == 0:
		return nil
	case *given.doctor:
		for i, scenario := range s.scenarios {
			at := slices.IndexFunc(scenarios, func(all Scenario) bool { return all.Name == scenario.Name })
			s.examine(t, s.tests[i], scenarios[at])
		}
		return nil
	case *given.replay != "":
		s.replay(t)
		return nil
	}
	s.whole = len(s.scenarios) == len(scenarios) && !narrowed
	*findings = s.search(t)
	s.logDemands(t, *findings)
	return reportsOf(*findings)
}

// subtest starts the subtest of a scenario. Only go test knows which subtests -run selects, so each
// selected one reports for the suite and then stands still, as a parallel test does, until Budget's caller
// has returned; what it tells then is there.
func (s *suite) subtest(t *testing.T, scenario Scenario, findings *[]finding) {
	t.Helper()
	t.Run(scenario.Name, func(t *testing.T) {
		at := len(s.scenarios)
		s.scenarios = append(s.scenarios, check.Scenario(scenario.Name, scenario.Body))
		s.tests = append(s.tests, t.Name())
		s.demands = append(s.demands, demandsOf(scenario.Sometimes, scenario.Faults))
		t.Parallel()
		if at < len(*findings) {
			(*findings)[at].tell(t)
		}
	})
}
