package campaign

import (
	"slices"
	"time"

	"github.com/windtunnel/windtunnel/sim/explore"
)

// Result is a whole campaign.
type Result struct {
	Base      uint64
	Strategy  string
	Took      time.Duration // real time of all runs, without shrinking
	Scenarios []Scenario
	Rare      []string // points at which rare branches may be taken
}

// reports are those of all scenarios.
func (r Result) reports() []explore.Report {
	var all []explore.Report
	for _, s := range r.Scenarios {
		all = append(all, s.Report)
	}
	return all
}

// Scenario is what became of one scenario.
type Scenario struct {
	explore.Report
	Demands  explore.Demands
	Failures []Failure
}

// Failure is one cause.
type Failure struct {
	Cause explore.Failure
	Times int    // runs of the campaign that failed so; 0: only its replayed file did
	Known bool   // its file was there before the campaign
	File  string // the smallest failure file; empty: none could be written
	Story string // in lines
}

// sums are over all scenarios; failures counts causes, and scenarios of which a seed had two traces.
func (r Result) sums() (runs int, virtual time.Duration, failures int) {
	for _, s := range r.Scenarios {
		runs, virtual, failures = runs+s.Runs, virtual+s.Virtual, failures+len(s.Failures)
		if s.Diverged != nil {
			failures++
		}
	}
	return runs, virtual, failures
}

// Failed tells whether anything did: a failure that was known counts, too.
func (r Result) Failed() bool {
	_, _, failures := r.sums()
	return failures > 0
}

// faults is how many were injected, and how many did something to somebody.
func (s Scenario) faults() (injected, biting uint64) {
	for _, f := range s.Faults {
		injected, biting = injected+f.Injected, biting+f.Biting
	}
	return injected, biting
}

// Causes puts together what has one cause, in the order of the first of each.
func Causes(found []explore.Found) [][]explore.Found {
	var causes [][]explore.Found
	for _, f := range found {
		at := slices.IndexFunc(causes, func(same []explore.Found) bool {
			return same[0].Outcome.Failure.Same(f.Outcome.Failure)
		})
		if at < 0 {
			causes = append(causes, []explore.Found{f})
			continue
		}
		causes[at] = append(causes[at], f)
	}
	return causes
}
