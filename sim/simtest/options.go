package simtest

import (
	"fmt"
	"testing"
	"time"

	"github.com/windtunnel/windtunnel/sim"
)

// Options says how much a check does. The zero value is what Check uses.
type Options struct {
	// Scenario is the name in failure files. Empty: the test's name. Budget uses its scenarios' names.
	Scenario string
	// Base is the first seed; the flag -sim.seed overrules it. Zero means 1.
	Base uint64
	// Seeds bounds the schedules of each scenario; -sim.seeds overrules it, For and AtLeast. Zero means 100
	// where For is zero too, and otherwise no bound.
	Seeds int
	// For bounds the real time of all schedules together. Zero: no bound.
	For time.Duration
	// AtLeast is how many schedules each scenario gets even when For is over.
	AtLeast int
	// Parallel is the number of runs at once. Zero: one a core.
	Parallel int
	// Strategy is the name of how choices are made, as explore.StrategyNamed knows it. Empty means random.
	Strategy string
	// TwinEvery runs every TwinEvery-th seed twice in this process, the first one always. Zero means 64,
	// negative never.
	TwinEvery int
	// Elsewhere is how many of the first seeds also run in another process, with other settings of the
	// garbage collector and of the number of cores. Zero: none; it costs a start of the test binary.
	Elsewhere int

	// Sometimes are states that some run must come to (check.Run.Reached): where none does, the check fails.
	Sometimes []string
	// Faults are the kinds that must do something to somebody in some run: one that is injected and never
	// bites proves as little as one that never occurs.
	Faults []sim.FaultKind
	// Rare are the points of the program (core.Env.Rare) at which some run must take the rare branch: a point
	// that no run comes to, or takes, fails the check. A Budget asks it of all scenarios together.
	Rare []string
	// Further bounds how many schedules more are played to come to what Sometimes and Faults name, before
	// the check fails, and once more for what Rare names. Zero means 384, negative none.
	Further int
}

const (
	defaultBase  = 1
	defaultSeeds = 100
	mostFurther  = 384
)

func (o Options) withDefaults(t *testing.T) Options {
	if o.Scenario == "" {
		o.Scenario = t.Name()
	}
	if o.Base == 0 {
		o.Base = defaultBase
	}
	if o.Seeds == 0 && o.For == 0 {
		o.Seeds = defaultSeeds
	}
	if o.Further == 0 {
		o.Further = mostFurther
	}
	return o
}

func (o Options) validate() error {
	switch {
	case o.Seeds < 0:
		return fmt.Errorf("simtest: Options.Seeds is %d, must not be negative", o.Seeds)
	case o.For < 0:
		return fmt.Errorf("simtest: Options.For is %v, must not be negative", o.For)
	case o.AtLeast < 0:
		return fmt.Errorf("simtest: Options.AtLeast is %d, must not be negative", o.AtLeast)
	case o.Parallel < 0:
		return fmt.Errorf("simtest: Options.Parallel is %d, must not be negative", o.Parallel)
	case o.Elsewhere < 0:
		return fmt.Errorf("simtest: Options.Elsewhere is %d, must not be negative", o.Elsewhere)
	}
	return nil
}

// resolve applies flags and defaults.
func (o Options) resolve(t *testing.T) (Options, error) {
	if err := o.validate(); err != nil {
		return o, err
	}
	applied, err := o.apply()
	if err != nil {
		return o, err
	}
	applied = applied.withDefaults(t)
	_, err = applied.strategy()
	return applied, err
}
