package simtest

import (
	"slices"
	"testing"

	"github.com/windtunnel/windtunnel/sim/explore"
)

// firstRareRound is far from the rounds in which a scenario is searched further for its own.
const firstRareRound = 1 << 20

// insistRare looks further for rare branches that no run of a suite took, in all of its scenarios, and fails
// the calling test when there still is one. Nothing is asked where something failed: it ended too soon.
func (s suite) insistRare(t *testing.T, strategy explore.Strategy, findings []finding) {
	t.Helper()
	var all []int
	for i := range findings {
		all = append(all, i)
	}
	failed := func(f finding) bool { return len(f.wrong) > 0 }
	untaken := func() []string {
		if slices.ContainsFunc(findings, failed) {
			return nil
		}
		return explore.UntakenRare(reportsOf(findings), s.options.Rare)
	}
	for round, left := firstRareRound, s.options.Further; left > 0; round, left = round+1, left-len(all) {
		if len(untaken()) == 0 {
			return
		}
		s.further(t, all, explore.Campaign{
			Strategy: strategy, Base: furtherBase(s.options.Base, round), Seeds: 1,
			Parallel: s.options.Parallel, TwinEvery: s.options.TwinEvery,
		}, findings)
	}
	for _, what := range untaken() {
		t.Errorf("%s\n", what)
	}
}
