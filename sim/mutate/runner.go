package mutate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Config says where the mutants' program is, and how hard to try.
type Config struct {
	Root    string // the folder of the program's go.mod; "" is the working directory
	Package string // of the scenarios' test, relative to Root; "" is "./scenarios"
	Test    string // whose subtests are the scenarios; "" is "TestScenarios"

	Bases      int           // base seeds a mutant, at least 1; 0 is 20
	Seed       uint64        // the first base seed, the others count up from it; 0 is 1
	Strategies []string      // of sim/explore; "" and none are the scenarios' own; the first one judges
	Schedules  int           // the most schedules a base seed, at least 1; 0 is 1,000
	Timeout    time.Duration // of one process; 0 is 2 minutes
	Shrink     time.Duration // the most time spent on making each failure small; 0 is none
	Parallel   int           // mutants judged at once, at least 1; 0 is 2: one is built while another runs

	// Resume names a file of what has been measured, by mutant and strategy; it is made if need be. What is
	// in it is not measured again, what is measured is appended. "" keeps nothing. A mutant whose text, base
	// seeds or bound is another one is measured anew; that the program has changed is not seen: remove the
	// file.
	Resume string

	// Each, if set, is told of every result as it comes, one at a time.
	Each func(Result)
}

func (c Config) withDefaults() Config {
	defaults := Config{
		Root: ".", Package: "./scenarios", Test: "TestScenarios",
		Bases: 20, Seed: 1, Strategies: []string{""}, Schedules: 1000, Timeout: 2 * time.Minute, Parallel: 2,
		Each: func(Result) {},
	}
	if c.Root != "" {
		defaults.Root = c.Root
	}
	if c.Package != "" {
		defaults.Package = c.Package
	}
	if c.Test != "" {
		defaults.Test = c.Test
	}
	if c.Bases != 0 {
		defaults.Bases = c.Bases
	}
	if c.Seed != 0 {
		defaults.Seed = c.Seed
	}
	if len(c.Strategies) > 0 {
		defaults.Strategies = c.Strategies
	}
	defaults.Resume = c.Resume
	if c.Schedules != 0 {
		defaults.Schedules = c.Schedules
	}
	if c.Timeout != 0 {
		defaults.Timeout = c.Timeout
	}
	defaults.Shrink = c.Shrink
	if c.Parallel != 0 {
		defaults.Parallel = c.Parallel
	}
	if c.Each != nil {
		defaults.Each = c.Each
	}
	return defaults
}

func (c Config) validate() error {
	switch {
	case c.Bases < 1:
		return fmt.Errorf("mutate: Config.Bases is %d, must be at least 1", c.Bases)
	case c.Schedules < 1:
		return fmt.Errorf("mutate: Config.Schedules is %d, must be at least 1", c.Schedules)
	case c.Parallel < 1:
		return fmt.Errorf("mutate: Config.Parallel is %d, must be at least 1", c.Parallel)
	case c.Shrink < 0:
		return fmt.Errorf("mutate: Config.Shrink is %v, must not be negative", c.Shrink)
	case c.Shrink > 0 && c.Resume != "":
		return errors.New("mutate: Config.Shrink and Config.Resume exclude each other: shrinking is not kept")
	case c.Timeout < 0:
		return fmt.Errorf("mutate: Config.Timeout is %v, must not be negative", c.Timeout)
	}
	for i, name := range c.Strategies {
		if slices.Contains(c.Strategies[:i], name) {
			return fmt.Errorf("mutate: Config.Strategies has %q twice", name)
		}
	}
	return nil
}

// Run judges the mutants, a few at once, and returns their results in the order of the mutants. Each of them
// is built once, and the untouched program once a package. The error is about the runner's own work, or why
// ctx ended; what is wrong with a mutant is in its result.
func Run(ctx context.Context, config Config, mutants []Mutant) ([]Result, error) {
	config = config.withDefaults()
	if err := config.validate(); err != nil {
		return nil, err
	}
	root, err := filepath.Abs(config.Root)
	if err != nil {
		return nil, fmt.Errorf("mutate: %w", err)
	}
	config.Root = root
	dir, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return nil, fmt.Errorf("mutate: %w", err)
	}
	defer os.RemoveAll(dir)
	kept, err := openKept(config.Resume)
	if err != nil {
		return nil, fmt.Errorf("mutate: %w", err)
	}
	r := &runner{
		Config: config, dir: dir, kept: kept, untouched: map[string]string{}, sound: map[string]int{},
	}
	return r.judgeAll(ctx, mutants)
}

// judgeAll judges the mutants, Config.Parallel at once. The first error ends all.
func (r *runner) judgeAll(ctx context.Context, mutants []Mutant) ([]Result, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	results := make([]Result, len(mutants))
	var next atomic.Int64
	var judges sync.WaitGroup
	for range r.Parallel {
		judges.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(mutants) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				result, err := r.judge(ctx, mutants[i])
				if err != nil {
					stop(fmt.Errorf("mutate: %s: %w", mutants[i].ID, err))
					return
				}
				results[i] = result
				r.tell(result)
			}
		})
	}
	judges.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return results, nil
}

func (r *runner) tell(result Result) {
	r.telling.Lock()
	defer r.telling.Unlock()
	r.Each(result)
}

// A runner keeps what mutants of one program share.
type runner struct {
	Config
	dir     string
	kept    *kept
	telling sync.Mutex // held while Each is called

	building  sync.Mutex        // held while the untouched program is built
	untouched map[string]string // package -> test binary of the untouched program

	knowing sync.Mutex
	sound   map[string]int // check and base seed -> schedules that the untouched program has passed
}

// isSound tells whether the untouched program has passed so many schedules of a check.
func (r *runner) isSound(check string, schedules int) bool {
	r.knowing.Lock()
	defer r.knowing.Unlock()
	return r.sound[check] >= schedules
}

func (r *runner) nowSound(check string, schedules int) {
	r.knowing.Lock()
	defer r.knowing.Unlock()
	r.sound[check] = max(r.sound[check], schedules)
}

// judge applies, builds, vets and runs one mutant, unless all that it would measure is known.
func (r *runner) judge(ctx context.Context, m Mutant) (Result, error) {
	result := Result{Mutant: m}
	if r.kept.all(m, r.Config) {
		if m.Scenario == "" {
			result.Verdict = Caught
			return result, nil
		}
		return result, r.byScenario(ctx, &result, "")
	}
	dir, err := os.MkdirTemp(r.dir, "mutant")
	if err != nil {
		return result, err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "mutant.test")
	overlay, err := m.Apply(r.Root, dir)
	if err == nil {
		err = r.build(ctx, r.packageOf(m), overlay, binary)
	}
	if err == nil {
		err = r.vet(ctx, m, overlay)
	}
	if ctx.Err() != nil {
		return result, context.Cause(ctx)
	}
	for cause, verdict := range map[error]Verdict{
		ErrDoesNotApply: NotApplying, errDoesNotBuild: NotBuilding, errDoesNotVet: NotVetting,
	} {
		if errors.Is(err, cause) {
			result.Verdict, result.Reason = verdict, err.Error()
			return result, nil
		}
	}
	if err != nil {
		return result, err
	}
	if m.Scenario == "" {
		err = r.byTest(ctx, &result, binary)
	} else {
		err = r.byScenario(ctx, &result, binary)
	}
	return result, err
}

func (r *runner) packageOf(m Mutant) string {
	switch {
	case m.Test.Package != "":
		return m.Test.Package
	case m.Package != "":
		return m.Package
	}
	return r.Package
}

// original returns the untouched program's test binary of a package.
func (r *runner) original(ctx context.Context, packagePath string) (string, error) {
	r.building.Lock()
	defer r.building.Unlock()
	if binary, ok := r.untouched[packagePath]; ok {
		return binary, nil
	}
	binary := filepath.Join(r.dir, strconv.Itoa(len(r.untouched))+".test")
	if err := r.build(ctx, packagePath, "", binary); err != nil {
		return "", fmt.Errorf("the untouched program: %w", err)
	}
	r.untouched[packagePath] = binary
	return binary, nil
}
