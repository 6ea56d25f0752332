package simtest

import (
	"fmt"
	"testing"

	"github.com/windtunnel/windtunnel/sim/doctor"
	"github.com/windtunnel/windtunnel/sim/explore"
)

// examine asks the doctor about the base seed.
func (s suite) examine(t *testing.T, test string, scenario Scenario) {
	t.Helper()
	strategy, err := s.options.strategy()
	if err != nil {
		t.Fatal(err)
	}
	diagnosis, err := doctor.Diagnose(t.Context(), doctor.Case{
		Name: scenario.Name, Body: scenario.Body, Strategy: strategy, Seed: s.options.Base,
		Args: twinArgs(test),
	})
	switch {
	case err != nil:
		t.Fatal(err)
	case diagnosis != nil:
		fmt.Fprint(t.Output(), diagnosis)
		t.Fail()
	default:
		fmt.Fprintf(t.Output(), "doctor: seed %d of %s had one trace in all runs of four processes\n",
			s.options.Base, scenario.Name)
	}
}

// diverged tells a divergence, and what to do next where there is something.
func (s suite) diverged(t *testing.T, i int, d *explore.Divergence) string {
	t.Helper()
	if d.Mutated { // the doctor asks about seeds
		return fmt.Sprintln(d)
	}
	folder := "."
	if root, err := moduleRoot(); err == nil {
		folder = packageFolder(root)
	}
	next := fmt.Sprintf("go test %s -run '%s' -sim.doctor -sim.seed=%d",
		folder, runPattern(s.test(t, i)), d.Seed)
	if s.options.Strategy != "" {
		next += " -sim.strategy=" + s.options.Strategy
	}
	return fmt.Sprintf("%v\nask why: %s\n", d, next)
}
