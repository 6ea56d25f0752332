package main

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/windtunnel/windtunnel/cmd/windtunnel/internal/outcome"
	"github.com/windtunnel/windtunnel/scenarios"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/story"
)

// simCommand runs a campaign.
type simCommand struct {
	Scenarios []string      `arg:"" optional:"" help:"Which scenarios; all when none is named."`
	Seeds     int           `help:"Runs in all, dealt evenly over the scenarios; 1000 without --for."`
	For       time.Duration `help:"Real time in all, instead of --seeds."`
	Seed      uint64        `help:"The base seed; drawn, and printed, when not given."`
	Strategy  string        `help:"One of random, portfolio, pos, pct, delay, round-robin." default:"random"`
	Parallel  int           `help:"Runs at once; 0 for one a core." default:"0"`
	Out       string        `help:"Folder for failure files." default:"out" placeholder:"DIR"`
	Shrink    time.Duration `help:"The most time spent on making a failure small; 0 for none." default:"10s"`
	JSON      bool          `name:"json" help:"Print each run as a line of JSON, with its trace_hash."`
}

// Run executes the command.
func (s *simCommand) Run(c *console) error {
	campaign, err := s.campaign(c)
	if err != nil {
		return &exit{outcome.Usage, err}
	}
	started := time.Now()
	if !s.JSON {
		c.printf("base seed %d, %d scenarios\n", campaign.Base, len(campaign.Scenarios))
	}
	reports, err := campaign.Explore(c.ctx)
	if err != nil {
		return &exit{outcome.NotStarted, err}
	}
	failed := 0
	for i := range reports {
		failed += s.tell(c, campaign.Scenarios[i].Body, &reports[i])
	}
	if !s.JSON {
		c.printf("%s\n", totals(reports, time.Since(started)))
	}
	switch {
	case c.ctx.Err() != nil:
		return &exit{code: outcome.Cancelled}
	case failed > 0:
		return &exit{code: outcome.Failed}
	}
	return nil
}

// campaign translates the flags.
func (s *simCommand) campaign(c *console) (explore.Campaign, error) {
	strategy, err := explore.StrategyNamed(s.Strategy)
	if err != nil {
		return explore.Campaign{}, err
	}
	chosen, err := chosenScenarios(s.Scenarios)
	if err != nil {
		return explore.Campaign{}, err
	}
	if s.Seeds < 0 || s.For < 0 || s.Parallel < 0 {
		return explore.Campaign{}, errors.New("--seeds, --for and --parallel must not be negative")
	}
	campaign := explore.Campaign{Strategy: strategy, Base: s.Seed, For: s.For, Parallel: s.Parallel}
	for campaign.Base == 0 {
		campaign.Base = randomSeed()
	}
	if s.Seeds == 0 && s.For == 0 {
		s.Seeds = 1000
	}
	campaign.Seeds = (s.Seeds + len(chosen) - 1) / len(chosen)
	for _, sc := range chosen {
		campaign.Scenarios = append(campaign.Scenarios, check.Scenario(sc.ID, sc.Play))
	}
	if s.JSON {
		campaign.Each = func(ran explore.Ran) { printRun(c, ran) }
	}
	return campaign, nil
}

// randomSeed is below 2^53, so that every JSON reader keeps it exact.
func randomSeed() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it never fails
	return binary.LittleEndian.Uint64(b[:]) >> 11
}

// chosenScenarios finds scenarios by name. An unknown one is an error that lists those there are.
func chosenScenarios(names []string) ([]*scenarios.Scenario, error) {
	all := scenarios.All()
	if len(names) == 0 {
		return all, nil
	}
	var chosen []*scenarios.Scenario
	for _, name := range names {
		i := slices.IndexFunc(all, func(s *scenarios.Scenario) bool { return s.ID == name })
		if i < 0 {
			var known []string
			for _, s := range all {
				known = append(known, s.ID)
			}
			return nil, fmt.Errorf("no scenario %q; there are: %s", name, strings.Join(known, ", "))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// tell says what a campaign found in one scenario, and keeps it. It returns how many failures there were.
func (s *simCommand) tell(c *console, body explore.Body, r *explore.Report) int {
	failed := 0
	if r.Diverged != nil {
		failed++
		c.problem(s.askWhy(r.Diverged))
	}
	for _, found := range r.Found {
		failed++
		if found.Diverged != nil {
			c.problem(fmt.Errorf("%s failed at first (%s), but: %w",
				r.Scenario, found.Outcome.Failure.Key, s.askWhy(found.Diverged)))
			continue
		}
		file, told := found.File, story.Of(r.Base, found, "")
		if s.Shrink > 0 {
			file, told = story.Reduce(c.ctx, s.shrinking(c), body, r.Base, found)
		}
		path, err := file.Write(s.Out)
		told.Replay = "windtunnel replay " + path
		if err != nil {
			c.problem(fmt.Errorf("failure file: %w", err))
			told.Replay = ""
		}
		fmt.Fprintf(c.err, "--- FAIL: %s\n%s", r.Scenario, told.Text())
		if err == nil {
			c.drawBeside(path, told, file)
		}
	}
	if !s.JSON {
		c.printf("%-28s %7d runs  %8.1f virtual minutes  %d failures\n",
			r.Scenario, r.Runs, r.Virtual.Minutes(), len(r.Found))
	}
	for _, unknown := range r.Unknown {
		c.problem(fmt.Errorf("%s: not decided in time: %s", r.Scenario, unknown))
	}
	return failed
}

// askWhy is a divergence, and the command that says why.
func (s *simCommand) askWhy(d *explore.Divergence) error {
	return fmt.Errorf("%s: %w\nask why: windtunnel doctor %s --seed %d --strategy %s",
		d.Scenario, d, d.Scenario, d.Seed, s.Strategy)
}

// shrinking says once a second how far it has come.
func (s *simCommand) shrinking(c *console) explore.Shrinking {
	last := time.Now()
	return explore.Shrinking{For: s.Shrink, Progress: func(p explore.Progress) {
		if now := time.Now(); now.Sub(last) >= time.Second {
			last = now
			fmt.Fprintf(c.err, "%s: shrinking, %d of %d choices left after %d runs\n",
				p.Scenario, p.Choices, p.Before, p.Runs)
		}
	}}
}

func totals(reports []explore.Report, took time.Duration) string {
	runs, virtual := 0, time.Duration(0)
	for _, r := range reports {
		runs, virtual = runs+r.Runs, virtual+r.Virtual
	}
	return fmt.Sprintf("%d runs, %.1f virtual hours in %.1fs (%.0f runs/s, %.0f times real time)",
		runs, virtual.Hours(), took.Seconds(), float64(runs)/took.Seconds(), virtual.Seconds()/took.Seconds())
}

// printRun prints a run as a line of JSON.
func printRun(c *console, ran explore.Ran) {
	line := struct {
		Scenario  string `json:"scenario"`
		Seed      uint64 `json:"seed"`
		TraceHash string `json:"trace_hash"`
		Steps     uint64 `json:"steps"`
		VirtualMS int64  `json:"virtual_ms"`
		Failure   string `json:"failure,omitempty"`
	}{
		ran.Scenario, ran.Seed, fmt.Sprintf("%016x", ran.Outcome.Hash), ran.Outcome.Steps,
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
