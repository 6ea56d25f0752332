package story

import (
	"context"
	"fmt"

	"github.com/windtunnel/windtunnel/sim/explore"
)

// Reduce shrinks what a campaign found and returns the failure file to write, and the story, which still
// lacks the command that replays that file. Where shrinking failed they are the original's, and the story
// says so.
func Reduce(
	ctx context.Context, shrinking explore.Shrinking, body explore.Body, base uint64, found explore.Found,
) (explore.File, Story) {
	shrunk, err := shrinking.Shrink(ctx, body, found.File)
	if err != nil {
		s := Of(base, found, "")
		s.Remark = fmt.Sprintf("not shrunk: %v", err)
		return found.File, s
	}
	s := OfShrunk(base, found, shrunk, "")
	if closest, ok := shrunk.Closest(body); ok && ctx.Err() == nil {
		s.Closest = &closest
	}
	return shrunk.File, s
}

// Explain returns the story of a failure that was replayed and failed, with all that can be found out about
// it: the choices that are left are verified, or, of a file that was not shrunk, reduced first; and it has
// the closest passing run and the moments that decided. That takes some hundred runs; when ctx ends, the
// story has what was known by then.
func Explain(ctx context.Context, body explore.Body, file explore.File, answer explore.Answer) Story {
	now := explore.NewFile(file.Scenario, file.Strategy, file.Seed, answer.Outcome, answer.Choices)
	now.ShrunkFrom = file.ShrunkFrom
	found := explore.Found{Seed: file.Seed, Outcome: answer.Outcome, Asked: answer.Asked, File: now}
	reduced, s := Reduce(ctx, explore.Shrinking{}, body, 0, found)
	s.Run = 0 // it was replayed
	if s.Shrunk > 0 {
		s.Shrunk = max(s.Shrunk, file.ShrunkFrom)
		s.Moments = explore.Moments{}.Decided(ctx, body, reduced, s.Outcome)
	}
	return s
}
