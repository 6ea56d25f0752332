package scenarios_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/windtunnel/windtunnel/scenarios"
	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/simtest"
)

// TestScenarios spends 40 s over all scenarios. A whole suite must also have come to every state and
// every kind of fault that its scenarios name: where they never occur, that nothing failed means nothing.
func TestScenarios(t *testing.T) {
	all := scenarios.All()
	var suite []simtest.Scenario
	for _, s := range all {
		suite = append(suite, simtest.Scenario{Name: s.ID, Body: s.Play})
	}
	reports, whole := simtest.Budget(t, simtest.Options{For: 40 * time.Second, AtLeast: 8}, suite)
	if !whole {
		return
	}
	for i, report := range reports {
		t.Logf("%s: %d schedules", report.Scenario, report.Runs)
		if len(report.Found) > 0 {
			continue // it ended before it could reach anything
		}
		missing := neverReached(all[i], report)
		for round := range furtherRounds {
			missing = lookFurther(t, all[i], missing, round)
		}
		for _, what := range missing {
			t.Errorf("%s never came to this: %s", report.Scenario, what)
		}
	}
}

// A machine that is slow, or busy, plays fewer schedules in 40 s. What they did not come to is looked for
// in up to furtherRounds * furtherSeeds more, so that the verdict does not hang on the machine.
const (
	furtherRounds = 8
	furtherSeeds  = 48
)

func lookFurther(t *testing.T, s *scenarios.Scenario, missing []string, round int) (still []string) {
	if len(missing) == 0 {
		return nil
	}
	t.Run("further/"+s.ID, func(t *testing.T) {
		further := simtest.Options{Scenario: s.ID, Base: uint64(1000 + round), Seeds: furtherSeeds}
		report := simtest.CheckWith(t, further, s.Play)
		for _, what := range neverReached(s, report) {
			if slices.Contains(missing, what) {
				still = append(still, what)
			}
		}
	})
	return still
}

func neverReached(s *scenarios.Scenario, report explore.Report) (missing []string) {
	for _, state := range s.Sometimes {
		if !slices.ContainsFunc(report.Reached, func(c explore.Count) bool { return c.Name == state }) {
			missing = append(missing, state)
		}
	}
	for _, kind := range s.Faults {
		if !slices.ContainsFunc(report.Faults, func(f explore.Fault) bool {
			return f.Kind == kind.String() && f.Injected > 0
		}) {
			missing = append(missing, "fault "+kind.String())
		}
	}
	return missing
}

func TestEveryScenarioSaysWhatItIs(t *testing.T) {
	known := scenarios.InvariantNames()
	var ids, leantOn []string
	for _, s := range scenarios.All() {
		ids = append(ids, s.ID)
		assert.NotEmpty(t, s.Family, s.ID)
		assert.NotEmpty(t, s.Line, s.ID)
		assert.NotEmpty(t, s.Sometimes, s.ID)
		assert.NotEmpty(t, s.Invariants, s.ID)
		assert.Subset(t, known, s.Invariants, s.ID)
		leantOn = append(leantOn, s.Invariants...)
	}
	unique := slices.Compact(slices.Sorted(slices.Values(ids)))
	assert.Len(t, unique, len(ids), "two scenarios of one id")
	assert.Subset(t, leantOn, known, "an invariant that no scenario was made for")
}

// A scenario that never comes to a state that it names, or never meets a fault, must not pass as one that
// did.
func TestSuiteSaysWhatNeverOccurred(t *testing.T) {
	everything := scenarios.All()[len(scenarios.All())-1]
	missing := neverReached(everything, explore.Report{})
	assert.Len(t, missing, len(everything.Sometimes)+len(everything.Faults))
}
