package main

import (
	"fmt"

	"github.com/windtunnel/windtunnel/cmd/windtunnel/internal/outcome"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/doctor"
	"github.com/windtunnel/windtunnel/sim/explore"
)

// doctorCommand runs seeds again and again, here and in other processes, and says why one has several traces.
type doctorCommand struct {
	Scenario string `arg:"" help:"Which scenario; see windtunnel scenarios."`
	Seed     uint64 `help:"The first seed; 1 when not given." default:"1"`
	Seeds    int    `help:"How many seeds to run; the first with several traces is diagnosed." default:"3"`
	Strategy string `help:"One of random, portfolio, pos, pct, surw, delay, round-robin." default:"random"`
}

// Help is what --help says beside the flags.
func (*doctorCommand) Help() string {
	return "Each seed runs ten times here, in two new processes, and in one with other GOGC and " +
		"GOMAXPROCS. Where the traces differ, the doctor shows the first event that does, and names the " +
		"likely cause - map order, a native goroutine or select, the wall clock, global randomness, " +
		"state shared between runs, unrouted I/O - with the code's position and the evidence. It looks " +
		"into the source with the rules of windtunnel vet, so the source must be where it was built. " +
		"For a scenario in a test: go test PACKAGE -run TEST -sim.doctor."
}

// Run executes the command.
func (d *doctorCommand) Run(c *console) error {
	strategy, err := explore.StrategyNamed(d.Strategy)
	if err != nil {
		return &exit{outcome.Usage, err}
	}
	if d.Seeds < 1 {
		return &exit{outcome.Usage, fmt.Errorf("--seeds is %d, must be at least 1", d.Seeds)}
	}
	chosen, err := chosenScenarios([]string{d.Scenario})
	if err != nil {
		return &exit{outcome.Usage, err}
	}
	request, is, err := explore.TwinRequested()
	if is && err == nil {
		err = request.Serve(check.Scenario(chosen[0].ID, chosen[0].Play).Body)
	}
	switch {
	case err != nil:
		return &exit{outcome.NotStarted, err}
	case is:
		return nil
	}
	for i := range d.Seeds {
		seed := explore.SeedAt(d.Seed, i)
		diagnosis, err := doctor.Diagnose(c.ctx, doctor.Case{
			Name: chosen[0].ID, Body: chosen[0].Play, Strategy: strategy, Seed: seed,
			Args: []string{"doctor", chosen[0].ID},
		})
		switch {
		case c.ctx.Err() != nil:
			return &exit{code: outcome.Cancelled}
		case err != nil:
			return &exit{outcome.NotStarted, err}
		case diagnosis != nil:
			c.printf("%s", diagnosis)
			return &exit{code: outcome.Failed}
		}
		c.printf("seed %d: one trace in %d runs here and %d in three other processes\n",
			seed, doctor.Times, 3*doctor.Times)
	}
	return nil
}
