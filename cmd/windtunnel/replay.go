package main

import (
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
	pictures
}

// Run executes the command.
func (r *replayCommand) Run(c *console) error {
	file, err := explore.ReadFile(r.Failure)
	if err != nil {
		return &exit{outcome.Usage, err}
	}
	all := scenarios.All()
	i := slices.IndexFunc(all, func(s *scenarios.Scenario) bool { return s.ID == file.Scenario })
	if i < 0 {
		return &exit{outcome.Usage, fmt.Errorf("%s: its scenario %q is not one of this program's; see "+
			"`windtunnel scenarios`", r.Failure, file.Scenario)}
	}
	drawn, err := r.begin()
	if err != nil {
		return &exit{outcome.Usage, err}
	}
	defer drawn.discard()
	answer, err := explore.Replay(file, check.Scenario(file.Scenario, all[i].Play).Body)
	if err != nil {
		return &exit{outcome.NotStarted, err}
	}
	c.printf("%s\n", strings.TrimRight(answer.Explain(file), "\n"))
	told := story.OfReplay(file, answer, "windtunnel replay "+r.Failure)
	unseen := drawn.finish(told, file)
	if answer.Verdict == explore.Gone {
		return usage(unseen)
	}
	c.printf("%s", told.Text())
	if unseen != nil {
		return usage(unseen)
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
