package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/windtunnel/windtunnel/cmd/windtunnel/internal/campaign"
	"github.com/windtunnel/windtunnel/cmd/windtunnel/internal/outcome"
	"github.com/windtunnel/windtunnel/scenarios"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/explore"
)

// simCommand runs a campaign.
type simCommand struct {
	Scenarios []string      `arg:"" optional:"" help:"Which scenarios; all when none is named."`
	Seeds     int           `help:"Runs in all, dealt evenly over the scenarios; 1000 without --for."`
	For       time.Duration `help:"Real time in all, instead of --seeds."`
	Seed      uint64        `help:"The base seed; drawn, and printed, when not given." xor:"seed"`
	SeedOf    string        `help:"This commit is the base seed; 12 digits at least." xor:"seed"`
	Strategy  string        `help:"How choices are made; the names are above." default:"random"`
	Parallel  int           `help:"Runs at once; 0 for one a core." default:"0"`
	StopEarly bool          `help:"Stop at the first failure that is not known."`
	Out       string        `help:"Folder for failure files." default:"out" placeholder:"DIR"`
	Shrink    time.Duration `help:"The most time spent on making a failure small; 0 for none." default:"10s"`
	JSON      bool          `name:"json" help:"Print each run as a line of JSON, with its trace_hash."`
	simReports
}

// Help says what --help adds.
func (*simCommand) Help() string {
	return "Strategies are random, portfolio, pos, pct, surw, delay, round-robin and guided. " +
		"Failures are told once a cause: the same invariant, or the same asserting or panicking " +
		"function, of one scenario. The files in --out are replayed first; a cause that still fails " +
		"there is known and not told as new, so a campaign is resumed by running it again, and folders " +
		"merge by copying. What a guided campaign keeps to change is in guided.jsonl of --out, with which " +
		"the next one begins; those of several machines are merged by writing them one behind the " +
		"other. At the end stands what each scenario came to, and how probably a bug of known " +
		"difficulty was missed. Exit codes: 0 held, 1 something failed, known or new, 2 bad usage, " +
		"3 it could not run, 130 cancelled."
}

// Run executes the command.
func (s *simCommand) Run(c *console) error {
	chosen, err := chosenScenarios(s.Scenarios)
	if err != nil {
		return &exit{outcome.Usage, err}
	}
	search, err := s.search(chosen)
	if err != nil {
		return &exit{outcome.Usage, err}
	}
	if err := s.writable(); err != nil {
		return &exit{outcome.Usage, err}
	}
	demands := map[string]explore.Demands{}
	for _, sc := range chosen {
		demands[sc.ID] = demandsOf(sc)
	}
	return s.play(c, search, demands)
}

// demandsOf are what a scenario's runs must come to.
func demandsOf(sc *scenarios.Scenario) explore.Demands {
	d := explore.Demands{Sometimes: sc.Sometimes}
	for _, kind := range sc.Faults {
		d.Faults = append(d.Faults, kind.String())
	}
	return d
}

// search translates the flags.
func (s *simCommand) search(chosen []*scenarios.Scenario) (explore.Campaign, error) {
	strategy, err := explore.StrategyNamed(s.Strategy)
	if err != nil {
		return explore.Campaign{}, err
	}
	if s.Seeds < 0 || s.For < 0 || s.Parallel < 0 {
		return explore.Campaign{}, errors.New("--seeds, --for and --parallel must not be negative")
	}
	search := explore.Campaign{
		Strategy: strategy, Base: s.Seed, For: s.For, Parallel: s.Parallel, Collect: true,
	}
	if s.SeedOf != "" {
		if search.Base, err = seedOf(s.SeedOf); err != nil {
			return explore.Campaign{}, err
		}
	}
	for search.Base == 0 {
		search.Base = randomSeed()
	}
	if s.Seeds == 0 && s.For == 0 {
		s.Seeds = 1000
	}
	if strategy.Name == explore.Guided.Name {
		if search.Kept, err = campaign.ReadGuided(s.Out); err != nil {
			return explore.Campaign{}, err
		}
	}
	search.Seeds = (s.Seeds + len(chosen) - 1) / len(chosen)
	for _, sc := range chosen {
		search.Scenarios = append(search.Scenarios, check.Scenario(sc.ID, sc.Play))
	}
	return search, nil
}

// play replays what is kept, runs the campaign and tells what came of both. demands has what each scenario
// must come to.
func (s *simCommand) play(c *console, search explore.Campaign, demands map[string]explore.Demands) error {
	if !s.JSON {
		c.printf("base seed %d, %d scenarios\n", search.Base, len(search.Scenarios))
	}
	kept := s.replayKept(c, search.Scenarios)
	started := time.Now()
	reports, err := s.explore(c, search, demands, kept)
	if err != nil {
		return &exit{outcome.NotStarted, err}
	}
	result := campaign.Result{
		Base: search.Base, Strategy: search.Strategy.Name, Took: time.Since(started),
		Rare: scenarios.RareBranches(),
	}
	for i, report := range reports {
		result.Scenarios = append(result.Scenarios, campaign.Scenario{
			Report: report, Demands: demands[report.Scenario],
			Failures: s.failures(c, search.Scenarios[i].Body, report, kept[report.Scenario]),
		})
	}
	if err := errors.Join(s.tell(c, result), s.keepGuided(search.Kept, reports)); err != nil {
		return &exit{outcome.NotStarted, err}
	}
	switch {
	case c.ctx.Err() != nil:
		return &exit{code: outcome.Cancelled}
	case result.Failed():
		return &exit{code: outcome.Failed}
	}
	return nil
}

// keepGuided writes what guidance has kept for the next campaign; scenarios that were not in this one keep
// what they had.
func (s *simCommand) keepGuided(before campaign.Guided, reports []explore.Report) error {
	kept, guided := campaign.Guided{}, false
	maps.Copy(kept, before)
	for _, report := range reports {
		if report.Guidance != nil {
			kept[report.Scenario], guided = report.Guidance.Kept, true
		}
	}
	if !guided {
		return nil
	}
	return kept.Write(s.Out)
}

// explore runs the campaign, and shows how it goes on.
func (s *simCommand) explore(
	c *console, search explore.Campaign, demands map[string]explore.Demands, kept map[string]replayed,
) ([]explore.Report, error) {
	ctx, stop := context.WithCancel(c.ctx)
	defer stop()
	watch := campaign.NewWatch(c.out, onTerminal(c.out), demands, time.Now())
	defer watch.End()
	search.Each = func(ran explore.Ran) {
		if s.JSON {
			printRun(c, ran)
		} else {
			watch.Saw(ran, time.Now())
		}
		failure := ran.Outcome.Failure
		if s.StopEarly && failure != nil && kept[ran.Scenario].find(failure) == nil {
			stop()
		}
	}
	return search.Explore(ctx)
}

// onTerminal tells whether a line there can be rewritten.
func onTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// digitsOfCommit is how many digits of a commit make its seed: few enough to stay below 2^53, and git's own
// abbreviations have as many when asked.
const digitsOfCommit = 12

// seedOf is the base seed of a git commit, the same for its abbreviations.
func seedOf(commit string) (uint64, error) {
	if len(commit) >= digitsOfCommit {
		seed, err := strconv.ParseUint(commit[:digitsOfCommit], 16, 64)
		if err == nil && seed > 0 {
			return seed, nil
		}
	}
	return 0, fmt.Errorf("--seed-of %s: want a commit's hash, %d hexadecimal digits of it at least",
		commit, digitsOfCommit)
}

// randomSeed is below 2^53, so that every JSON reader keeps it exact.
func randomSeed() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it never fails
	return binary.LittleEndian.Uint64(b[:]) >> 11
}

// chosenScenarios finds scenarios by name. An unknown one is an error that says what comes near.
func chosenScenarios(names []string) ([]*scenarios.Scenario, error) {
	all := scenarios.All()
	if len(names) == 0 {
		return all, nil
	}
	var chosen []*scenarios.Scenario
	for _, name := range names {
		i := slices.IndexFunc(all, func(s *scenarios.Scenario) bool { return s.ID == name })
		if i < 0 {
			return nil, fmt.Errorf("no scenario %q; %s", name, nearScenarios(all, name))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// nearScenarios names the scenarios that share a word with name, or have a longer or shorter one; it says
// where all are listed, which are too many to name.
func nearScenarios(all []*scenarios.Scenario, name string) string {
	shared := func(word string) bool {
		return slices.ContainsFunc(strings.Split(name, "-"), func(given string) bool {
			return given != "" && (strings.HasPrefix(word, given) || strings.HasPrefix(given, word))
		})
	}
	var near []string
	for _, s := range all {
		if slices.ContainsFunc(strings.Split(s.ID, "-"), shared) {
			near = append(near, s.ID)
		}
	}
	told := fmt.Sprintf("`windtunnel scenarios` lists all %d", len(all))
	if len(near) > 0 {
		told = "near it are " + strings.Join(near, ", ") + "; " + told
	}
	return told
}

// printRun prints a run as a line of JSON.
func printRun(c *console, ran explore.Ran) {
	line := struct {
		Scenario  string `json:"scenario"`
		Seed      uint64 `json:"seed"`
		Mutated   bool   `json:"mutated,omitempty"` // the seed alone has another run
		TraceHash string `json:"trace_hash"`
		Steps     uint64 `json:"steps"`
		VirtualMS int64  `json:"virtual_ms"`
		Failure   string `json:"failure,omitempty"`
	}{
		ran.Scenario, ran.Seed, ran.Mutated(), fmt.Sprintf("%016x", ran.Outcome.Hash), ran.Outcome.Steps,
		ran.Outcome.Virtual.Milliseconds(), "",
	}
	if ran.Outcome.Failure != nil {
		line.Failure = ran.Outcome.Failure.Key
	}
	text, err := json.Marshal(line)
	if err != nil {
		c.problem(err) // numbers and texts: it cannot be
		return
	}
	c.printf("%s\n", text)
}
