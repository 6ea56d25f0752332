package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/windtunnel/windtunnel/cmd/windtunnel/internal/campaign"
	"github.com/windtunnel/windtunnel/sim/explore"
)

// simReports is what a campaign writes for CI.
type simReports struct {
	JUnit   string `name:"junit" help:"Write JUnit XML." placeholder:"FILE"`
	Summary string `help:"Write a Markdown page: what ran, failed, was not reached." placeholder:"FILE"`
	GitHub  bool   `name:"github" help:"Print failures as annotations of GitHub, too."`
}

// writable finds out before the campaign whether its reports can be written. It leaves what is there.
func (r simReports) writable() error {
	for _, path := range []string{r.JUnit, r.Summary} {
		if path == "" {
			continue
		}
		file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return fmt.Errorf("report: %w", err)
		}
		if err := file.Close(); err != nil {
			return fmt.Errorf("report: %w", err)
		}
	}
	return nil
}

func (r simReports) write(c *console, result campaign.Result) error {
	if r.GitHub {
		campaign.Annotations(c.err, result)
	}
	return errors.Join(
		report(r.JUnit, result, campaign.JUnit), report(r.Summary, result, campaign.Markdown))
}

func report(path string, result campaign.Result, write func(io.Writer, campaign.Result) error) error {
	if path == "" {
		return nil
	}
	var b bytes.Buffer
	if err := write(&b, result); err != nil {
		return err
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// askWhy is a divergence, and the command that says why, where there is one.
func (s *simCommand) askWhy(d *explore.Divergence) error {
	if d.Mutated { // the doctor asks about seeds
		return fmt.Errorf("%s: %w", d.Scenario, d)
	}
	return fmt.Errorf("%s: %w\nask why: windtunnel doctor %s --seed %d --strategy %s",
		d.Scenario, d, d.Scenario, d.Seed, s.Strategy)
}

// tell ends the campaign: what could not be decided, the closing table, what may have been missed, and the
// reports.
func (s *simCommand) tell(c *console, result campaign.Result) error {
	for _, scenario := range result.Scenarios {
		if scenario.Diverged != nil {
			c.problem(s.askWhy(scenario.Diverged))
		}
		for _, unknown := range scenario.Unknown {
			c.problem(fmt.Errorf("%s: not decided in time: %s", scenario.Scenario, unknown))
		}
	}
	if !s.JSON {
		campaign.Table(c.out, result)
		for _, line := range campaign.Missed(result) {
			c.printf("%s\n", line)
		}
	}
	return s.write(c, result)
}
