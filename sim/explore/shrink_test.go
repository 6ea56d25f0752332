package explore_test

import (
	"context"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/explore"
)

// planted is a system that asks many questions and fails when certain ones get at least certain answers.
type planted struct {
	needs  explore.Choices
	rounds int
	log    func()
}

var plantedKinds = []choice.Kind{
	choice.Config, choice.Fault, choice.Delay, choice.Stall, choice.Pick, choice.Pick,
}

func (p planted) body(chooser choice.Chooser, _ bool) explore.Outcome {
	if p.log != nil {
		p.log()
	}
	streams := make([]*choice.Stream, len(plantedKinds))
	for i, kind := range plantedKinds {
		streams[i] = choice.NewStream(kind, fmt.Sprint("s", i, "/x"))
	}
	met := 0
	o := explore.Outcome{}
	for n := range uint64(p.rounds) {
		for _, s := range streams {
			key := choice.Choice{Kind: s.Kind(), Stream: s, N: n}.Key()
			answer := s.Ask(chooser, 1000, nil)
			o.Hash = choice.Mix(o.Hash, uint64(answer)+choice.HashString(0, key))
			if need, asked := p.needs[key]; asked && answer >= need {
				met++
			}
		}
	}
	if met == len(p.needs) {
		o.Failure = &explore.Failure{Key: "planted", Invariant: true}
	} else if met == 0 {
		o.Failure = &explore.Failure{Key: "nothing is met", Invariant: true}
	}
	return o
}

// failing returns the file of a run whose choices are all loud enough.
func (p planted) failing(t require.TestingT) explore.File {
	recorder := choice.NewRecorder(loudest{})
	outcome := p.body(recorder, true)
	require.NotNil(t, outcome.Failure)
	return explore.NewFile("planted", "random", 9, outcome, recorder.Answers())
}

type loudest struct{}

func (loudest) Choose(c choice.Choice) int { return c.Alternatives - 1 }

func TestShrinkingLeavesWhatIsNeededAndNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := planted{rounds: rapid.IntRange(1, 30).Draw(t, "rounds"), needs: explore.Choices{}}
		for range rapid.IntRange(1, 8).Draw(t, "needs") {
			i := rapid.IntRange(0, len(plantedKinds)-1).Draw(t, "stream")
			n := rapid.IntRange(0, p.rounds-1).Draw(t, "number")
			p.needs[fmt.Sprintf("%v s%d/x %d", plantedKinds[i], i, n)] = 1
		}
		file := p.failing(t)
		var shrunk [2]explore.Shrunk
		for i, parallel := range []int{1, 3} {
			var err error
			shrunk[i], err = explore.Shrinking{Runs: 1 << 20, Parallel: parallel}.
				Shrink(context.Background(), p.body, file)
			require.NoError(t, err)
		}
		require.Equal(t, p.needs, shrunk[0].File.Choices)
		require.True(t, shrunk[0].Complete())
		for key, flip := range shrunk[0].Flips {
			require.Equal(t, len(p.needs) > 1, flip.Passes, key)
			if len(p.needs) == 1 {
				require.Equal(t, "nothing is met", flip.Key)
			}
		}
		require.Equal(t, shrunk[0], shrunk[1], "whatever runs at once")
		require.Equal(t, len(file.Choices), shrunk[0].Before)
		require.Equal(t, file.Seed, shrunk[0].File.Seed)
	})
}

func TestShrinkingFindsSmallerAnswers(t *testing.T) {
	p := planted{rounds: 4, needs: explore.Choices{"stall s3/x 1": 60, "delay s2/x 0": 1, "pick s4/x 2": 3}}
	shrunk, err := explore.Shrinking{Runs: 1000}.Shrink(context.Background(), p.body, p.failing(t))
	require.NoError(t, err)
	least := explore.Choices{"stall s3/x 1": 62, "delay s2/x 0": 1, "pick s4/x 2": 3}
	assert.Equal(t, least, shrunk.File.Choices)
	assert.Equal(t, 24, shrunk.File.ShrunkFrom)
}

func TestShrinkingKeepsToItsBoundAndKeepsTheBest(t *testing.T) {
	runs := 0
	p := planted{
		rounds: 50, needs: explore.Choices{"pick s4/x 7": 1, "pick s5/x 33": 1, "fault s1/x 3": 1},
		log: func() { runs++ },
	}
	file := p.failing(t)
	sizes := []int{len(file.Choices)}
	for _, bound := range []int{1, 10, 40, 500} {
		runs = 0
		shrunk, err := explore.Shrinking{Runs: bound, Parallel: 1}.Shrink(context.Background(), p.body, file)
		require.NoError(t, err)
		assert.LessOrEqual(t, shrunk.Runs, bound)
		assert.LessOrEqual(t, runs, bound+2, "two more: what is left is recorded, and replayed")
		assert.LessOrEqual(t, len(shrunk.File.Choices), sizes[len(sizes)-1])
		assert.Equal(t, bound == 500, shrunk.Complete())
		sizes = append(sizes, len(shrunk.File.Choices))
	}
	assert.Less(t, sizes[2], sizes[0])
	assert.Equal(t, 3, sizes[len(sizes)-1])
}

func TestShrinkingEndsWhenItsTimeIsOver(t *testing.T) {
	now := time.Time{}
	p := planted{rounds: 50, needs: explore.Choices{"pick s4/x 7": 1, "pick s5/x 33": 1}}
	p.log = func() { now = now.Add(time.Second) }
	file := p.failing(t)
	shrunk, err := explore.Shrinking{Now: func() time.Time { return now }, Parallel: 1}.
		Shrink(context.Background(), p.body, file)
	require.NoError(t, err)
	assert.Equal(t, 10, shrunk.Runs, "10 s, a second each")
}

func TestInterruptedShrinkingKeepsTheBestSoFar(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p := planted{rounds: 50, needs: explore.Choices{"pick s4/x 7": 1, "pick s5/x 33": 1}}
	file := p.failing(t)
	var last explore.Progress
	shrunk, err := explore.Shrinking{Parallel: 1, Runs: 1000, Progress: func(p explore.Progress) {
		last = p
		if p.Choices < 120 {
			cancel()
		}
	}}.Shrink(ctx, p.body, file)
	require.NoError(t, err)
	assert.Equal(t, last.Choices, len(shrunk.File.Choices))
	assert.Less(t, last.Choices, 120)
	assert.Greater(t, last.Choices, 2)
	assert.False(t, shrunk.Complete())
	assert.Equal(t, explore.Progress{
		Scenario: "planted", Before: 300, Choices: last.Choices, Runs: shrunk.Runs,
	}, last)
}

func TestFailureThatDoesNotComeBackIsNotShrunk(t *testing.T) {
	p := planted{rounds: 2, needs: explore.Choices{"pick s4/x 1": 1}}
	file := p.failing(t)
	file.Choices = maps.Clone(file.Choices)
	delete(file.Choices, "pick s4/x 1")
	_, err := explore.Shrinking{Runs: 10}.Shrink(context.Background(), p.body, file)
	assert.ErrorContains(t, err,
		`shrink planted: "planted" did not come back when its 11 choices were replayed`)
}
