package explore_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/explore"
)

// earlier is armed with one question more, or fewer, before its first.
func earlier(more int) explore.Body {
	return func(chooser choice.Chooser, keep bool) explore.Outcome {
		return armed(renumbered{chooser, more}, keep)
	}
}

type renumbered struct {
	choice.Chooser
	by int
}

func (r renumbered) Choose(c choice.Choice) int {
	if n := int(c.N) + r.by; n >= 0 {
		c.N = uint64(n)
		return r.Chooser.Choose(c)
	}
	return 0
}

func TestFailureWhoseQuestionsMovedIsFoundNearby(t *testing.T) {
	file, _ := wentOff(t)
	for _, by := range []int{1, -1, 2, -2} {
		answer, err := explore.ReplayNearby(context.Background(), file, earlier(by), 50)
		require.NoError(t, err)
		require.Equal(t, explore.Nearby, answer.Verdict, by)
		assert.Contains(t, answer.Explain(file),
			"replayed: same failure, by other choices (all choices moved by")
		assert.Len(t, answer.Choices, 2)
		require.NotNil(t, answer.Outcome.Failure)
	}
}

func TestWhatIsGoneIsLookedForNearbyWithinTheBound(t *testing.T) {
	file, _ := wentOff(t)
	runs := 0
	never := func(chooser choice.Chooser, keep bool) explore.Outcome {
		runs++
		o := armed(chooser, keep)
		o.Failure = nil
		return o
	}
	answer, err := explore.ReplayNearby(context.Background(), file, never, 17)
	require.NoError(t, err)
	assert.Equal(t, explore.Gone, answer.Verdict)
	assert.Equal(t, 18, runs)
	assert.Equal(t, "replayed: gone, and so it is with 17 schedules next to it", answer.Explain(file))

	runs = 0
	answer, err = explore.ReplayNearby(context.Background(), file, never, 1000)
	require.NoError(t, err)
	assert.Less(t, runs, 60, "there are only so many")
	assert.Equal(t, runs-1, answer.Tried)
}

func TestWhatStillFailsIsNotLookedForNearby(t *testing.T) {
	file, _ := wentOff(t)
	answer, err := explore.ReplayNearby(context.Background(), file, armed, 50)
	require.NoError(t, err)
	assert.Equal(t, explore.Identical, answer.Verdict)
	assert.Zero(t, answer.Tried)
	assert.Equal(t, uint64(40), answer.Asked)
}
