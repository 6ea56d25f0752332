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
