package explore_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/explore"
)

// tardy fails when the task of a job, named by a random number, has come to be as late as tolerated, by waits
// of which none is longer than most.
func tardy(tolerated, most int) explore.Body {
	return func(chooser choice.Chooser, _ bool) explore.Outcome {
		job := choice.NewStream(choice.Seed, "g1#0").Ask(chooser, 100, nil)
		task := choice.NewStream(choice.Stall, fmt.Sprintf("g1#0/job/j%d", job))
		o, late := explore.Outcome{Hash: uint64(job)}, 0
		for range 20 {
			answer := task.Ask(chooser, 5, nil)
			if answer <= most {
				late += answer
			}
			o.Hash = choice.Mix(o.Hash, uint64(answer))
		}
		if late >= tolerated {
			who := fmt.Sprintf("g1/job/j%d", job)
			o.Failure = &explore.Failure{Key: "late", Invariant: true, Who: who}
		}
		return o
	}
}

// shrunkFrom is what is left of a run of tardy in which job 7 was a little late again and again.
func shrunkFrom(t *testing.T, tolerated int, body explore.Body) explore.Shrunk {
	t.Helper()
	choices := explore.Choices{"seed g1#0 0": 7}
	for n := range tolerated {
		choices[fmt.Sprint("stall g1#0/job/j7 ", n)] = 1
	}
	recorder := choice.NewRecorder(choice.NewReplayer(choices, nil))
	outcome := body(recorder, true)
	require.NotNil(t, outcome.Failure)
	file := explore.NewFile("tardy", "random", 1, outcome, recorder.Answers())
	shrunk, err := explore.Shrinking{Runs: 2000}.Shrink(context.Background(), body, file)
	require.NoError(t, err)
	require.True(t, shrunk.Complete())
	return shrunk
}

// The last moment to be late is none of those at which the run that was found was late.
func TestShrinkingTriesWhetherOneLateTaskIsAll(t *testing.T) {
	body := func(chooser choice.Chooser, keep bool) explore.Outcome {
		o := tardy(4, 1)(chooser, keep)
		last := choice.NewStream(choice.Stall, "g1#0/last").Ask(chooser, 5, nil)
		o.Hash = choice.Mix(o.Hash, uint64(last))
		if last == 4 {
			o.Failure = &explore.Failure{Key: "late", Invariant: true, Who: "g1/last"}
		} else if o.Failure != nil {
			o.Failure.Who = "g1/last"
		}
		return o
	}
	assert.Equal(t, explore.Choices{"stall g1#0/last 0": 4}, shrunkFrom(t, 4, body).File.Choices)
}

// A hundred and fifty choices, of which none can be left out, are not tried one by one where one is enough.
func TestShrinkingTriesOneLateTaskBeforeSingleChoices(t *testing.T) {
	body := func(chooser choice.Chooser, _ bool) explore.Outcome {
		task, o, late := choice.NewStream(choice.Stall, "g1#0/push"), explore.Outcome{}, 0
		for n := range 200 {
			answer := task.Ask(chooser, 5, nil)
			late += min(answer, 1)
			o.Hash = choice.Mix(o.Hash, uint64(answer))
			if late >= 150 || n >= 100 && answer == 4 {
				o.Failure = &explore.Failure{Key: "late", Invariant: true, Who: "g1/push"}
			}
		}
		return o
	}
	choices := explore.Choices{}
	for n := range 150 {
		choices[fmt.Sprint("stall g1#0/push ", n)] = 1
	}
	recorder := choice.NewRecorder(choice.NewReplayer(choices, nil))
	file := explore.NewFile("push", "random", 1, body(recorder, true), recorder.Answers())
	shrunk, err := explore.Shrinking{Runs: 100}.Shrink(context.Background(), body, file)
	require.NoError(t, err)
	assert.Len(t, shrunk.File.Choices, 1)
	assert.True(t, shrunk.Complete())
}

func TestShrinkingHasOneLongWaitStandForSeveral(t *testing.T) {
	choices := shrunkFrom(t, 6, tardy(6, 4)).File.Choices
	late := 0
	for key, answer := range choices {
		assert.Contains(t, key, "stall g1#0/job/j0 ", "the random number only named the job")
		late += answer
	}
	assert.Len(t, choices, 2, "%v", choices)
	assert.Equal(t, 6, late)
}

func TestShrinkingDoesWithoutRareBranchesThatOnlyShift(t *testing.T) {
	body := func(chooser choice.Chooser, _ bool) explore.Outcome {
		rare := choice.NewStream(choice.Config, "rare bank/short-queue").Ask(chooser, 2, nil)
		stream, o := choice.NewStream(choice.Stall, "g1#0/push"), explore.Outcome{Hash: uint64(rare)}
		for n := range 20 {
			answer := stream.Ask(chooser, 5, nil)
			o.Hash = choice.Mix(o.Hash, uint64(answer))
			if rare == 1 && n == 3 && answer > 0 || rare == 0 && n == 11 && answer == 4 {
				o.Failure = &explore.Failure{Key: "late", Invariant: true, Who: "g1/push"}
			}
		}
		return o
	}
	choices := explore.Choices{"config rare bank/short-queue 0": 1, "stall g1#0/push 3": 1}
	recorder := choice.NewRecorder(choice.NewReplayer(choices, nil))
	file := explore.NewFile("rare", "random", 1, body(recorder, true), recorder.Answers())
	shrunk, err := explore.Shrinking{Runs: 100}.Shrink(context.Background(), body, file)
	require.NoError(t, err)
	assert.Equal(t, explore.Choices{"stall g1#0/push 11": 4}, shrunk.File.Choices)
}
