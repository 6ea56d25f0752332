package scenarios_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/windtunnel/windtunnel/scenarios"
	"github.com/windtunnel/windtunnel/sim/simtest"
)

// TestScenarios spends 20 s over all scenarios. A whole suite must also have come to every state that its
// scenarios name, and have been disturbed by every kind of fault, and its nodes have taken every rare
// branch: where they never occur, that nothing failed means nothing.
func TestScenarios(t *testing.T) {
	var suite []simtest.Scenario
	for _, s := range scenarios.All() {
		suite = append(suite, simtest.Scenario{
			Name: s.ID, Body: s.Play, Sometimes: s.Sometimes, Faults: s.Faults,
		})
	}
	o := simtest.Options{For: 20 * time.Second, AtLeast: 8, Rare: scenarios.RareBranches()}
	simtest.Budget(t, o, suite)
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
