package scenarios_test

import (
	"testing"
	"time"

	"github.com/windtunnel/windtunnel/scenarios"
	"github.com/windtunnel/windtunnel/sim/simtest"
)

func TestScenarios(t *testing.T) {
	var all []simtest.Scenario
	for _, s := range scenarios.All() {
		all = append(all, simtest.Scenario{Name: s.ID, Body: s.Play})
	}
	simtest.Budget(t, simtest.Options{For: 20 * time.Second, AtLeast: 8}, all)
}
