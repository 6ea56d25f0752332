package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/windtunnel/windtunnel/cmd/windtunnel/internal/outcome"
	"github.com/windtunnel/windtunnel/scenarios"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/story"
)

// replayCommand runs a recorded failure again.
type replayCommand struct {
	Failure string `arg:"" help:"Failure file, as a campaign or a test wrote it."`
	Explain bool   `help:"Also find the closest passing run and the moments that decided; takes seconds."`
	Until   uint64 `help:"Stop when this step has ended, and print every node's state." placeholder:"STEP"`
	Break   string `help:"The same at the first event that says so: 'gate-1 pushed'." placeholder:"TEXT"`
	pictures
}

// nearby is how many schedules next to a recorded one are tried before its failure is gone.
const nearby = 200

// Run executes the command.
func (r *replayCommand) Run(c *console) error {
	file, err := explore.ReadFile(r.Failure)
	if err != nil {
		return &exit{outcome.Usage, err}
	}
	if r.stops() && (r.Explain || r.wanted()) {
		return &exit{outcome.Usage, errors.New(
			"--explain, --trace and --export need a whole run, without --until and --break")}
	}
	all := scenarios.All()
	i := slices.IndexFunc(all, func(s *scenarios.Scenario) bool { return s.ID == file.Scenario })
	if i < 0 {
		return &exit{outcome.Usage, fmt.Errorf("%s: its scenario %q is not one of this program's; see "+
			"`windtunnel scenarios`", r.Failure, file.Scenario)}
	}
	if r.stops() {
		return r.stop(c, file, all[i].Play)
	}
	drawn, err := r.begin()
	if err != nil {
		return &exit{outcome.Usage, err}
	}
	defer drawn.discard()
	return r.replay(c, file, check.Scenario(file.Scenario, all[i].Play).Body, drawn)
}

// replay runs a failure again to its end, and shows it.
func (r *replayCommand) replay(c *console, file explore.File, body explore.Body, drawn sketches) error {
	answer, err := explore.ReplayNearby(c.ctx, file, body, nearby)
	if err != nil {
		return &exit{outcome.NotStarted, err}
	}
	c.printf("%s\n", answer.Explain(file))
	if c.ctx.Err() != nil {
		return &exit{code: outcome.Cancelled}
	}
	told := story.OfReplay(file, answer, "")
	if r.Explain && answer.Verdict != explore.Gone {
		told = story.Explain(c.ctx, body, file, answer)
	}
	told.Replay = "windtunnel replay " + r.Failure
	unseen := drawn.finish(told, file)
	if answer.Verdict != explore.Gone {
		c.printf("%s", told.Text())
	}
	switch {
	case unseen != nil:
		return &exit{outcome.Usage, unseen}
	case answer.Verdict == explore.Gone:
		return nil
	}
	return &exit{code: outcome.Failed}
}

// scenariosCommand lists the scenarios.
type scenariosCommand struct{}

// Run executes the command.
func (scenariosCommand) Run(c *console) error {
	family := ""
	for _, s := range scenarios.All() {
		if s.Family != family {
			family = s.Family
			c.printf("%s\n", family)
		}
		c.printf("  %-28s %s\n", s.ID, s.Line)
		if len(s.Invariants) > 0 {
			c.printf("  %-28s leans on: %s\n", "", strings.Join(s.Invariants, ", "))
		}
	}
	return nil
}
