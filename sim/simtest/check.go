package simtest

import (
	"fmt"
	"testing"

	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/explore"
)

// Check runs body over a hundred seeds and fails t if a run fails. See CheckWith for other numbers.
func Check(t *testing.T, body func(r *check.Run)) {
	t.Helper()
	CheckWith(t, Options{}, body)
}

// CheckWith is Check with options. It returns what the campaign saw, and logs it: states reached, faults
// injected and biting, rare branches taken. After a failure, a replay or a part of the work done for another
// process the report says less.
func CheckWith(t *testing.T, o Options, body func(r *check.Run)) explore.Report {
	t.Helper()
	whole := !o.withDefaults(t).narrowed()
	o, err := o.resolve(t)
	if err != nil {
		t.Fatal(err)
	}
	scenario := check.Scenario(o.Scenario, body)
	if request, is := twinRequest(t); is {
		serve(t, request, scenario)
		return explore.Report{Scenario: scenario.Name}
	}
	s := suite{
		options: o, whole: whole, scenarios: []explore.Scenario{scenario},
		demands: []explore.Demands{demandsOf(o.Sometimes, o.Faults)},
	}
	if *given.doctor {
		s.examine(t, t.Name(), Scenario{Name: o.Scenario, Body: body})
		return explore.Report{Scenario: scenario.Name}
	}
	if *given.replay != "" {
		s.replay(t)
		return explore.Report{Scenario: scenario.Name}
	}
	findings := s.search(t)
	s.logDemands(t, findings)
	findings[0].tell(t)
	return findings[0].report
}

// suite is what Check and Budget have in common: scenarios, and how much to do about them.
type suite struct {
	options   Options
	whole     bool // nothing was left out, so it is fair to insist on demands
	scenarios []explore.Scenario
	demands   []explore.Demands // of each scenario
	tests     []string          // the test that stands for each scenario; nil: the one that calls
}

// finding is what a suite came to for one scenario: a report, and what is wrong in words.
type finding struct {
	report explore.Report
	wrong  []string
	back   string // the key of a kept failure that is back

	shrinking reportShrinking
}

// tell says what is wrong, as go test shows it under the test's name.
func (f finding) tell(t *testing.T) {
	t.Helper()
	if marks := f.report.TellWatermarks(); marks != "" {
		t.Log("highest: " + marks)
	}
	if g := f.report.Guidance; g != nil {
		t.Log("guided: " + g.Tell())
	}
	for _, text := range f.wrong {
		fmt.Fprint(t.Output(), text)
		t.Fail()
	}
}

// search replays the kept failures of every scenario, and searches those in which none is back.
func (s suite) search(t *testing.T) []finding {
	t.Helper()
	findings := make([]finding, len(s.scenarios))
	var searched []int
	for i, scenario := range s.scenarios {
		findings[i].report = explore.Report{Scenario: scenario.Name, Base: s.options.Base}
		var err error
		findings[i].wrong, findings[i].back, err = kept(t.Context(), scenario, s.test(t, i))
		if err != nil {
			t.Fatal(err)
		}
		if len(findings[i].wrong) == 0 {
			searched = append(searched, i)
		}
	}
	s.campaign(t, searched, findings)
	for i, scenario := range s.scenarios {
		if len(findings[i].wrong) == 0 && s.options.Elsewhere > 0 {
			findings[i].wrong = s.elsewhere(t, i, scenario)
		}
		if left := leftover(scenario.Name); left != "" {
			findings[i].wrong = append(findings[i].wrong, left)
		}
		if err := record(findings[i]); err != nil {
			t.Error(err)
		}
	}
	return findings
}

// campaign searches some of the scenarios together.
func (s suite) campaign(t *testing.T, searched []int, findings []finding) {
	t.Helper()
	if len(searched) == 0 {
		return
	}
	o := s.options
	strategy, err := o.strategy()
	if err != nil {
		t.Fatal(err)
	}
	c := explore.Campaign{
		Strategy: strategy, Base: o.Base, Seeds: o.Seeds, For: o.For, AtLeast: o.AtLeast,
		Parallel: o.Parallel, TwinEvery: o.TwinEvery,
	}
	for _, i := range searched {
		c.Scenarios = append(c.Scenarios, s.scenarios[i])
	}
	reports, err := c.Explore(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for n, i := range searched {
		findings[i].report = reports[n]
		findings[i].wrong, findings[i].shrinking = s.wrong(t, i, reports[n])
	}
	if s.whole {
		s.insist(t, strategy, findings)
		s.insistRare(t, strategy, findings)
	}
}

// wrong says what a report holds against its scenario, and writes failure files.
func (s suite) wrong(t *testing.T, i int, r explore.Report) (wrong []string, shrinking reportShrinking) {
	t.Helper()
	if r.Diverged != nil {
		wrong = append(wrong, s.diverged(t, i, r.Diverged))
	}
	for _, found := range r.Found {
		if found.Diverged != nil {
			wrong = append(wrong, fmt.Sprintf("failed at first (%s), but %s",
				found.Outcome.Failure.Key, s.diverged(t, i, found.Diverged)))
			continue
		}
		var text string
		text, shrinking = tellFound(t, s.scenarios[i].Body, r.Base, found, s.test(t, i))
		wrong = append(wrong, text)
	}
	return wrong, shrinking
}

func (s suite) test(t *testing.T, i int) string {
	if s.tests == nil {
		return t.Name()
	}
	return s.tests[i]
}
