package explore

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// Body is one run: it asks the chooser for everything that could go either way, keeps nothing between runs,
// and may be called by several goroutines at once. With keep it also returns its trace and logs.
type Body func(chooser choice.Chooser, keep bool) Outcome

// Scenario is a body with a name.
type Scenario struct {
	Name string
	Body Body
}

// Campaign runs scenarios over many seeds, one run a core at a time, and deals the seeds evenly.
type Campaign struct {
	Scenarios []Scenario
	Strategy  Strategy // the zero value is Random
	Base      uint64   // every scenario's first seed; SeedAt gives the others

	// Seeds bounds the runs of each scenario. Zero: no bound but For.
	Seeds int
	// For bounds the real time of all scenarios together. Zero: no bound but Seeds. A run that has begun is
	// finished.
	For time.Duration
	// AtLeast is how many runs every scenario gets, however little time there is.
	AtLeast int
	// Parallel is the number of runs at once. Zero: one a core (GOMAXPROCS).
	Parallel int
	// Collect goes on after a failure and finds one of every key. Without it a scenario's first one ends
	// it.
	Collect bool
	// TwinEvery runs every TwinEvery-th seed of a scenario twice and compares the traces, the first one
	// always. Zero: every 64th. Negative: none.
	TwinEvery int
	// Kept is, by scenario, what earlier campaigns that were Guided have kept (Guidance.Kept). One that is
	// Guided runs these first; others take no notice.
	Kept map[string][]Plan
	// Each, if set, is told of every run as it ends. It is called by one goroutine at a time.
	Each func(Ran)
}

// Ran is one run of a campaign.
type Ran struct {
	Scenario string
	Index    int // from 0, within the scenario
	Seed     uint64
	Outcome  Outcome
	// Orders is how many orders of events a guided campaign has seen in its scenario, a generation ago.
	Orders int

	plan Plan // how a guided run makes its choices; nil: its seed says it
}

// Report is what a campaign found about one scenario.
type Report struct {
	Scenario   string
	Base       uint64
	Strategy   string
	Runs       int // schedules until the first failure, that one included; or all
	Steps      uint64
	Virtual    time.Duration
	Reached    []Count    // by name
	Faults     []Fault    // by kind
	Rare       []Branch   // points at which rare branches may be taken, by name
	Watermarks []Highest  // by name
	Eventually []Eventual // what must become true in the end, by name
	Unknown    []string   // checks that could not decide, each once, by name
	Found      []Found    // in the order of their seeds; one of each key
	Guidance   *Guidance  // of a guided campaign; nil: it was none
	// Diverged is a seed that had two traces. Nothing else in the report can be trusted then.
	Diverged *Divergence
}

// Found is a failure, run again and recorded.
type Found struct {
	Index   int // of the failing run, from 0
	Times   int // how many runs failed by this key; without Campaign.Collect it is 1
	Seed    uint64
	Outcome Outcome // with trace and logs
	Asked   uint64  // choices that were asked
	File    File
	// Diverged says that the same seed did something else when it was run again: the code, or what it runs
	// on, is not deterministic, and Outcome is then the first run's, without trace.
	Diverged *Divergence
}

func (c Campaign) validate() error {
	switch {
	case len(c.Scenarios) == 0:
		return errors.New("campaign: Scenarios is empty")
	case c.Seeds < 0:
		return fmt.Errorf("campaign: Seeds is %d, must not be negative", c.Seeds)
	case c.For < 0:
		return fmt.Errorf("campaign: For is %v, must not be negative", c.For)
	case c.Seeds == 0 && c.For == 0:
		return errors.New("campaign: Seeds and For are both 0: it would never end")
	case c.AtLeast < 0:
		return fmt.Errorf("campaign: AtLeast is %d, must not be negative", c.AtLeast)
	case c.Parallel < 0:
		return fmt.Errorf("campaign: Parallel is %d, must not be negative", c.Parallel)
	}
	for i, s := range c.Scenarios {
		if s.Name == "" || s.Body == nil {
			return fmt.Errorf("campaign: Scenarios[%d] needs a Name and a Body", i)
		}
	}
	for name, plans := range c.Kept {
		if slices.ContainsFunc(plans, func(p Plan) bool { return len(p) == 0 }) {
			return fmt.Errorf("campaign: Kept[%q] has an empty Plan", name)
		}
	}
	return nil
}

// Explore runs the campaign until its bounds or ctx end it, and returns a report a scenario, in their
// order. The error is about the campaign itself; failures of runs are in the reports.
func (c Campaign) Explore(ctx context.Context) ([]Report, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	if c.Strategy.New == nil {
		c.Strategy = Random
	}
	if c.Parallel == 0 {
		c.Parallel = runtime.GOMAXPROCS(0)
	}
	if c.TwinEvery == 0 {
		c.TwinEvery = 64
	}
	d := newDealer(ctx, c)
	d.run()
	reports := make([]Report, len(c.Scenarios))
	for i, tally := range d.tallies {
		reports[i] = c.report(c.Scenarios[i], d.strategies[i], tally)
		reports[i].Guidance = tally.guide.report(reports[i].Runs)
	}
	return reports, nil
}

// report turns a tally into a report and runs each failing seed again.
func (c Campaign) report(s Scenario, strategy Strategy, t *tally) Report {
	r := Report{
		Scenario: s.Name, Base: c.Base, Strategy: c.Strategy.Name, Runs: t.runs, Steps: t.steps,
		Virtual: t.virtual, Reached: counts(t.reached), Faults: byName(t.faults),
		Eventually: byName(t.eventually), Diverged: t.diverged, Watermarks: highest(t.highest),
		Rare: byName(t.rare),
	}
	for name := range t.unknown {
		r.Unknown = append(r.Unknown, name)
	}
	slices.Sort(r.Unknown)
	failures := t.failures
	slices.SortFunc(failures, func(a, b failing) int { return a.Index - b.Index })
	if !c.Collect && len(failures) > 0 {
		// Later seeds of the other workers may have failed too. Only the earliest is the same however many
		// workers there are.
		failures = failures[:1]
		failures[0].times = 1
		r.Runs = failures[0].Index + 1
	}
	for _, f := range failures {
		found := again(s, strategy.by(f.Ran), f.Ran)
		found.Times = f.times
		r.Found = append(r.Found, found)
	}
	return r
}

// again runs a failing seed with a recorder and a kept trace.
func again(s Scenario, strategy Strategy, first Ran) Found {
	found, diverged := rerun(s.Body, strategy, first)
	if diverged != nil {
		return Found{Index: first.Index, Seed: first.Seed, Outcome: first.Outcome, Diverged: diverged}
	}
	found.File = NewFile(s.Name, strategy.Label(first.Seed), first.Seed, found.Outcome, found.File.Choices)
	return found
}
