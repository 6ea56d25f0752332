package simtest

import (
	"flag"
	"fmt"
	"path/filepath"
	"time"

	"github.com/windtunnel/windtunnel/sim/explore"
)

// given holds the -sim.* flags. The testing package parses them before any test runs, and nothing writes
// them afterwards.
var given = struct {
	seed     *uint64
	seeds    *int
	strategy *string
	replay   *string
	out      *string
	report   *string
	shrink   *time.Duration
	doctor   *bool
	trace    *string
	export   *string
}{
	seed:     flag.Uint64("sim.seed", 0, "the base seed of every check; 0: each check's own"),
	seeds:    flag.Int("sim.seeds", 0, "schedules of every check; 0: each check's own number or time"),
	strategy: flag.String("sim.strategy", "", "how choices are made; empty: each check's own (random)"),
	replay:   flag.String("sim.replay", "", "a failure file to replay instead of searching"),
	out:      flag.String("sim.out", "", "folder for failure files; empty: -artifacts' or a temporary one"),
	doctor:   flag.Bool("sim.doctor", false, "do not search: say why the base seed has several traces"),
	trace:    flag.String("sim.trace", "", "draw a failure, as one page, in this file"),
	export:   flag.String("sim.export", "", "write a failure's trace for another tool: FORMAT=FILE"),
	report:   flag.String("sim.report", "", "file that gets a line of JSON for every check"),
	shrink: flag.Duration("sim.shrink", 10*time.Second, "the most time spent on making a failure small; "+
		"0: none, and failure files hold all that the seed drew"),
}

// apply lets the flags overrule what a check asked for.
func (o Options) apply() (Options, error) {
	if *given.seed != 0 {
		o.Base = *given.seed
	}
	if *given.seeds < 0 {
		return o, fmt.Errorf("-sim.seeds is %d, must not be negative", *given.seeds)
	}
	if *given.seeds > 0 {
		o.Seeds, o.For, o.AtLeast = *given.seeds, 0, 0
	}
	if *given.strategy != "" {
		o.Strategy = *given.strategy
	}
	return o, checkPictures()
}

// narrowed tells whether a flag asks for less than what a suite wants of itself, or for something else.
func (o Options) narrowed() bool {
	return *given.seeds != 0 && *given.seeds < max(o.AtLeast, o.Seeds) ||
		*given.replay != "" || *given.doctor || *given.strategy != "" || *given.seed != 0
}

func flagValue(name string) string {
	if f := flag.Lookup(name); f != nil {
		return f.Value.String()
	}
	return ""
}

// fromRoot makes a path in a flag absolute: relative ones begin at the module's root, because go test
// starts every test in its package's folder, and nobody types paths from there.
func fromRoot(path string) (string, error) {
	if filepath.IsAbs(path) {
		return path, nil
	}
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	return filepath.Join(root, filepath.FromSlash(path)), nil
}

func (o Options) strategy() (explore.Strategy, error) {
	if o.Strategy == "" {
		return explore.Random, nil
	}
	s, err := explore.StrategyNamed(o.Strategy)
	if err != nil {
		return s, fmt.Errorf("-sim.strategy: %w", err)
	}
	return s, nil
}
