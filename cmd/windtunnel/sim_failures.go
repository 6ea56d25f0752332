package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/windtunnel/windtunnel/cmd/windtunnel/internal/campaign"
	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/story"
)

// replayed is what the kept failure files of one scenario came to.
type replayed struct {
	known  []*campaign.Failure // a cause each, with its smallest file
	sizes  []int               // choices of these files
	others []explore.Found     // files that now fail in another way
}

// find returns the known failure of that cause, or nil.
func (r replayed) find(f *explore.Failure) *campaign.Failure {
	for _, known := range r.known {
		if known.Cause.Same(f) {
			return known
		}
	}
	return nil
}

// replayKept replays the failure files of --out, and returns what came of them by scenario.
func (s *simCommand) replayKept(c *console, all []explore.Scenario) map[string]replayed {
	files, err := campaign.ReadCorpus(s.Out)
	if err != nil {
		c.problem(err)
	}
	kept := map[string]replayed{}
	for _, scenario := range all {
		r := kept[scenario.Name]
		for _, k := range files {
			if k.File.Scenario == scenario.Name && c.ctx.Err() == nil {
				r.replay(c, scenario.Body, k)
			}
		}
		kept[scenario.Name] = r
	}
	return kept
}

func (r *replayed) replay(c *console, body explore.Body, k campaign.Kept) {
	answer, err := explore.ReplayNearby(c.ctx, k.File, body, nearby)
	if err != nil {
		c.problem(fmt.Errorf("%s: %w", k.Path, err))
		return
	}
	if answer.Verdict == explore.Gone && c.ctx.Err() != nil {
		return // it was not looked for
	}
	fmt.Fprintf(c.err, "replayed %s: %s\n", k.Path, answer.Verdict)
	switch answer.Verdict {
	case explore.Gone:
		return
	case explore.OtherFailure:
		r.others = append(r.others, explore.Found{
			Index: -1, Times: 1, Seed: k.File.Seed, Outcome: answer.Outcome, Asked: answer.Asked,
			File: explore.NewFile(
				k.File.Scenario, k.File.Strategy, k.File.Seed, answer.Outcome, answer.Choices),
		})
		return
	}
	failure := campaign.Failure{
		Cause: *answer.Outcome.Failure, Known: true, File: k.Path,
		Story: story.OfReplay(k.File, answer, "windtunnel replay "+k.Path).Text(),
	}
	for i, known := range r.known {
		if known.Cause.Same(&failure.Cause) {
			if len(k.File.Choices) < r.sizes[i] {
				*known, r.sizes[i] = failure, len(k.File.Choices)
			}
			return
		}
	}
	r.known, r.sizes = append(r.known, &failure), append(r.sizes, len(k.File.Choices))
}

// failures has every cause of a scenario once, and keeps the new ones: those that were known come first.
func (s *simCommand) failures(
	c *console, body explore.Body, report explore.Report, kept replayed,
) []campaign.Failure {
	var fresh []campaign.Failure
	for _, same := range campaign.Causes(append(kept.others, report.Found...)) {
		times := 0
		for _, found := range same {
			times += found.Times
		}
		if known := kept.find(same[0].Outcome.Failure); known != nil {
			known.Times += times
			continue
		}
		failure := s.keep(c, body, report, same)
		failure.Times = times
		fresh = append(fresh, failure)
	}
	var all []campaign.Failure
	for _, known := range kept.known {
		fmt.Fprintf(c.err, "--- known: %s: %s, in %d more runs\nreplay: windtunnel replay %s\n",
			report.Scenario, known.Cause.Key, known.Times, known.File)
		all = append(all, *known)
	}
	return append(all, fresh...)
}

// mostShrunk bounds how many failures of one cause are made small to find the smallest.
const mostShrunk = 3

// keep makes a new cause small, tells it and writes its files: the failure, its story and its page.
func (s *simCommand) keep(
	c *console, body explore.Body, report explore.Report, same []explore.Found,
) campaign.Failure {
	failure := campaign.Failure{Cause: *same[0].Outcome.Failure}
	file, told, ok := s.smallest(c, body, report, same)
	if !ok {
		unstable := fmt.Errorf("%s failed at first (%s), but: %w",
			report.Scenario, failure.Cause.Key, s.askWhy(same[0].Diverged))
		c.problem(unstable)
		failure.Story = unstable.Error()
		return failure
	}
	failure.Cause = *told.Outcome.Failure
	path, err := file.Write(s.Out)
	if err == nil {
		failure.File, told.Replay = path, "windtunnel replay "+path
	}
	failure.Story = told.Text()
	fmt.Fprintf(c.err, "--- FAIL: %s\n%s", report.Scenario, failure.Story)
	if err == nil {
		c.drawBeside(path, told, file)
		err = os.WriteFile(strings.TrimSuffix(path, ".json")+".txt", []byte(failure.Story), 0o644)
	}
	if err != nil {
		c.problem(fmt.Errorf("failure file: %w", err))
	}
	return failure
}

// smallest shrinks what has one cause and returns the one with the fewest choices. There is none when no run
// failed again.
func (s *simCommand) smallest(
	c *console, body explore.Body, report explore.Report, same []explore.Found,
) (file explore.File, told story.Story, ok bool) {
	tried := 0
	for _, found := range same {
		if found.Diverged != nil || tried == mostShrunk {
			continue
		}
		tried++
		f, t := found.File, story.Of(report.Base, found, "")
		if s.Shrink > 0 {
			f, t = s.reduce(c, body, report.Base, found)
		}
		if !ok || len(f.Choices) < len(file.Choices) {
			file, told, ok = f, t, true
		}
	}
	return file, told, ok
}

// reduce shrinks, and says once a second how far it has come.
func (s *simCommand) reduce(
	c *console, body explore.Body, base uint64, found explore.Found,
) (explore.File, story.Story) {
	last := time.Now()
	shrinking := explore.Shrinking{For: s.Shrink, Progress: func(p explore.Progress) {
		if now := time.Now(); now.Sub(last) >= time.Second {
			last = now
			fmt.Fprintf(c.err, "%s: shrinking, %d of %d choices left after %d runs\n",
				p.Scenario, p.Choices, p.Before, p.Runs)
		}
	}}
	return story.Reduce(c.ctx, shrinking, body, base, found)
}
