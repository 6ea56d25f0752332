package explore_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/explore"
)

// coincidence fails in its step 390 if everything before fits by chance: whatever is left out of its choices
// makes another run of it, as where a delay shifts all that follows. One choice alone is never enough.
func coincidence(stepped bool) explore.Body {
	return func(chooser choice.Chooser, _ bool) explore.Outcome {
		follower, follows := chooser.(choice.Follower)
		o, stream, delays := explore.Outcome{Steps: 390}, choice.NewStream(choice.Delay, "a>b"), 0
		for step := range uint64(390) {
			answer := stream.Ask(chooser, 100, nil)
			if answer != 0 {
				o.Hash = choice.Mix(o.Hash, step<<8+uint64(answer))
				delays++
			}
			if follows && stepped {
				follower.StepDone()
			}
		}
		if o.Hash%8 == 3 && delays > 1 {
			o.Failure = &explore.Failure{Key: "they coincide", Invariant: true, Step: 390}
		}
		return o
	}
}

func TestCoincidenceIsLookedForInRunsThatAreQuietUntilLate(t *testing.T) {
	shrunk := func(stepped bool) explore.Shrunk {
		body := coincidence(stepped)
		found := campaign(t, explore.Campaign{
			Scenarios: []explore.Scenario{{Name: "coincidence", Body: body}}, Seeds: 1000,
		})[0].Found[0]
		require.Greater(t, len(found.File.Choices), 256)
		s, err := explore.Shrinking{Runs: 60}.Shrink(context.Background(), body, found.File)
		require.NoError(t, err)
		return s
	}
	assert.LessOrEqual(t, len(shrunk(true).File.Choices), 4)
	assert.Greater(t, len(shrunk(false).File.Choices), 20, "without steps there is no late")
}
