package explore_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/sim/explore"
)

func recorded(t *testing.T) explore.File {
	t.Helper()
	return campaign(t, explore.Campaign{Scenarios: []explore.Scenario{rare}, Seeds: 5000})[0].Found[0].File
}

func replay(t *testing.T, f explore.File, d toy) explore.Answer {
	t.Helper()
	answer, err := explore.Replay(f, d.body)
	require.NoError(t, err)
	return answer
}

func TestReplayUnderTheSameCodeIsIdentical(t *testing.T) {
	f := recorded(t)
	answer := replay(t, f, toy{dice: 3, faces: 6})
	assert.Equal(t, explore.Identical, answer.Verdict)
	assert.Equal(t, f.Failure.Key, answer.Outcome.Failure.Key)
	assert.Equal(t, "replayed: identical", answer.Explain(f))
}

func TestReplayNamesTheSameFailureByAnotherTrace(t *testing.T) {
	f := recorded(t)
	answer := replay(t, f, toy{dice: 3, faces: 6, salt: func() int { return 1 }})
	assert.Equal(t, explore.SameFailure, answer.Verdict)
}

func TestReplayNamesChoicesThatWereNeverAsked(t *testing.T) {
	f := recorded(t)
	answer := replay(t, f, toy{dice: 2, faces: 6})
	assert.Equal(t, explore.SameFailure, answer.Verdict)
	assert.Equal(t, []string{"fault die2 0"}, answer.NeverAsked)
	assert.Equal(t, "replayed: same failure, other trace\n"+
		"  1 of 3 recorded choices were never asked:\n    fault die2 0", answer.Explain(f))
	f.Told = map[string]string{"fault die2 0": "+2s the third die shows 3"}
	assert.Contains(t, answer.Explain(f), "\n    fault die2 0: +2s the third die shows 3")
}

func TestReplayOfWhatWasFixedIsGone(t *testing.T) {
	f := recorded(t)
	answer := replay(t, f, toy{dice: 4, faces: 6})
	assert.Equal(t, explore.Gone, answer.Verdict)
	assert.Nil(t, answer.Outcome.Failure)
}

func TestReplayNamesAnotherFailure(t *testing.T) {
	f := recorded(t)
	f.Failure.Key = "something else"
	answer := replay(t, f, toy{dice: 3, faces: 6})
	assert.Equal(t, explore.OtherFailure, answer.Verdict)
	assert.Contains(t, answer.Explain(f), `(recorded "something else", now "all show `)
}

func TestReplayNamesChoicesWithTooFewAlternatives(t *testing.T) {
	f := recorded(t)
	answer := replay(t, f, toy{dice: 3, faces: 1})
	assert.Equal(t, explore.Gone, answer.Verdict)
	assert.Len(t, answer.OutOfRange, 3)
	assert.Contains(t, answer.Explain(f),
		"  3 of 3 recorded choices now have fewer alternatives:\n    fault die0 0")
}

func TestAssertionThatMovedInsideItsFunctionIsTheSame(t *testing.T) {
	old := &explore.Failure{Key: "a.go:10", Function: "p.f"}
	assert.True(t, old.Same(&explore.Failure{Key: "a.go:10", Function: "p.g"}))
	assert.True(t, old.Same(&explore.Failure{Key: "a.go:12", Function: "p.f"}))
	assert.False(t, old.Same(&explore.Failure{Key: "a.go:12", Function: "p.g"}))
	assert.False(t, old.Same(&explore.Failure{Key: "a.go:12"}))
	assert.False(t, old.Same(nil))
	invariant := &explore.Failure{Key: "one", Invariant: true, Function: "p.f"}
	assert.False(t, invariant.Same(&explore.Failure{Key: "two", Invariant: true, Function: "p.f"}))
}
