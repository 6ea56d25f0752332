package campaign

import (
	"encoding/xml"
	"fmt"
	"io"
)

// The elements of JUnit's XML that CI systems read.
type (
	suites struct {
		XMLName xml.Name `xml:"testsuites"`
		Suite   suite    `xml:"testsuite"`
	}
	suite struct {
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Errors   int        `xml:"errors,attr"`
		Time     string     `xml:"time,attr"` // seconds
		Settings []property `xml:"properties>property"`
		Cases    []testcase `xml:"testcase"`
	}
	property struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	testcase struct {
		Class   string   `xml:"classname,attr"`
		Name    string   `xml:"name,attr"`
		Failure *problem `xml:"failure"`
		Error   *problem `xml:"error"`
		Out     string   `xml:"system-out,omitempty"`
	}
	problem struct {
		Message string `xml:"message,attr"`
		Kind    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes a case a scenario, and instead one a cause where it failed: readers expect one failure a case.
func JUnit(out io.Writer, r Result) error {
	_, _, failures := r.sums()
	s := suite{
		Name: "windtunnel sim", Time: fmt.Sprintf("%.3f", r.Took.Seconds()),
		Settings: []property{
			{"base seed", fmt.Sprint(r.Base)}, {"strategy", r.Strategy},
		},
	}
	for _, scenario := range r.Scenarios {
		s.Cases = append(s.Cases, cases(scenario)...)
		if scenario.Diverged != nil {
			s.Errors++
		}
	}
	s.Tests, s.Failures = len(s.Cases), failures-s.Errors
	if _, err := io.WriteString(out, xml.Header); err != nil {
		return fmt.Errorf("junit: %w", err)
	}
	encoder := xml.NewEncoder(out)
	encoder.Indent("", "  ")
	if err := encoder.Encode(suites{Suite: s}); err != nil {
		return fmt.Errorf("junit: %w", err)
	}
	_, err := io.WriteString(out, "\n")
	return err
}

func cases(s Scenario) []testcase {
	const class = "windtunnel.sim"
	var all []testcase
	if s.Diverged != nil {
		all = append(all, testcase{Class: class, Name: s.Scenario + ": determinism", Error: &problem{
			Message: "not deterministic", Kind: "divergence", Text: s.Diverged.Error(),
		}})
	}
	for _, f := range s.Failures {
		all = append(all, testcase{Class: class, Name: s.Scenario + ": " + f.Cause.Key, Failure: &problem{
			Message: f.Cause.Message, Kind: f.Cause.Key, Text: f.Story,
		}})
	}
	if len(all) == 0 {
		all = append(all, testcase{Class: class, Name: s.Scenario, Out: fmt.Sprintf("%d runs", s.Runs)})
	}
	return all
}
