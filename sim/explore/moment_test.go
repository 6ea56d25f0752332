package explore_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// armed is a run of 40 steps that each ask a question. One answer in twenty at step 10 arms it, one in two at
// step 30 then breaks it.
func armed(chooser choice.Chooser, keep bool) explore.Outcome {
	follower, _ := chooser.(choice.Follower)
	recorder := trace.NewRecorder(0)
	if keep {
		recorder = trace.NewRecorder(trace.All)
	}
	lane, stream := trace.NewLane("n1/gun"), choice.NewStream(choice.Pick, "n1#0/gun")
	arms, fires := false, false
	for step := uint64(1); step <= 40; step++ {
		answer := stream.Ask(chooser, 20, nil)
		recorder.Add(step, time.Duration(step)*time.Second, &lane, trace.Step, 0, uint64(answer), 0)
		arms = arms || step == 10 && answer == 1
		fires = fires || step == 30 && answer > 9
		if arms && step == 10 {
			recorder.Add(step, time.Duration(step)*time.Second, &lane, trace.Note, 0, 0, 0)
			recorder.Describe("armed")
		}
		if follower != nil {
			follower.StepDone()
		}
	}
	o := explore.Outcome{Hash: recorder.Hash(), Steps: 40, Trace: recorder.Events()}
	if arms && fires {
		o.Failure = &explore.Failure{Key: "it went off", Invariant: true, Step: 30}
	}
	return o
}

func wentOff(t *testing.T) (explore.File, explore.Outcome) {
	t.Helper()
	choices := explore.Choices{"pick n1#0/gun 9": 1, "pick n1#0/gun 29": 10}
	outcome := armed(choice.NewReplayer(choices, nil), true)
	require.NotNil(t, outcome.Failure)
	return explore.NewFile("armed", "random", 1, outcome, choices), outcome
}

func TestStepsAtWhichTheShareOfFailuresJumpsAreTheMoments(t *testing.T) {
	file, outcome := wentOff(t)
	moments := explore.Moments{Continuations: 200, Runs: 9000}.
		Decided(context.Background(), armed, file, outcome)
	require.Len(t, moments, 2)
	first, second := moments[0], moments[1]
	assert.Equal(t, uint64(10), first.Step)
	assert.Equal(t, 10*time.Second, first.At)
	assert.Less(t, first.Before, 20)
	assert.Equal(t, first.After, second.Before)
	assert.InDelta(t, 100, first.After, 25)
	assert.Equal(t, uint64(30), second.Step)
	assert.Equal(t, 200, second.After)
}

func TestMomentsAreNotSearchedBeyondTheirBound(t *testing.T) {
	file, outcome := wentOff(t)
	assert.Empty(t, explore.Moments{Runs: 39}.Decided(context.Background(), armed, file, outcome))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	assert.Empty(t, explore.Moments{}.Decided(ctx, armed, file, outcome))
	outcome.Trace = append(outcome.Trace, trace.Event{ID: 1, Step: 1})
	assert.Empty(t, explore.Moments{}.Decided(context.Background(), armed, file, outcome), "a second World")
}

func TestClosestPassingRunPartsLast(t *testing.T) {
	file, _ := wentOff(t)
	shrunk, err := explore.Shrinking{Runs: 100}.Shrink(context.Background(), armed, file)
	require.NoError(t, err)
	assert.Equal(t, file.Choices, shrunk.File.Choices)
	closest, ok := shrunk.Closest(armed)
	require.True(t, ok)
	assert.Equal(t, "pick n1#0/gun 29", closest.Without)
	delete(shrunk.Flips, "pick n1#0/gun 29")
	closest, ok = shrunk.Closest(armed)
	require.True(t, ok)
	assert.Equal(t, "pick n1#0/gun 9", closest.Without)
	assert.Equal(t, "armed", closest.Failing.Text)
	assert.Empty(t, closest.Passing, "nothing else happens there")
}

func TestClosestPassingRunPartsWhereAReaderSeesIt(t *testing.T) {
	body := func(chooser choice.Chooser, _ bool) explore.Outcome {
		answer := choice.NewStream(choice.Stall, "n1#0/a").Ask(chooser, 5, nil)
		recorder, lane := trace.NewRecorder(trace.All), trace.NewLane("n1/a")
		recorder.Add(1, time.Second, &lane, trace.Note, 0, uint64(answer), 0)
		recorder.Describe("a message") // with another payload
		recorder.Add(2, time.Second, &lane, trace.Note, 0, uint64(answer), 0)
		recorder.Describe([]string{"on time", "late", "late", "late", "late"}[answer])
		o := explore.Outcome{Hash: recorder.Hash(), Steps: 2, Trace: recorder.Events()}
		if answer > 0 {
			o.Failure = &explore.Failure{Key: "late", Invariant: true}
		}
		return o
	}
	choices := explore.Choices{"stall n1#0/a 0": 1}
	outcome := body(choice.NewReplayer(choices, nil), true)
	file := explore.NewFile("parts", "random", 1, outcome, choices)
	shrunk, err := explore.Shrinking{Runs: 10}.Shrink(context.Background(), body, file)
	require.NoError(t, err)
	closest, ok := shrunk.Closest(body)
	require.True(t, ok)
	assert.Equal(t, "late", closest.Failing.Text)
	assert.Equal(t, "on time", closest.Passing.Text)
}
