package choice

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestKeyNamesKindStreamAndNumber(t *testing.T) {
	s := NewStream(Pick, "g1#0/push")
	require.Equal(t, "pick g1#0/push 17", Choice{Kind: Pick, Stream: s, N: 17, Alternatives: 2}.Key())
	require.Equal(t, "kind9", Kind(9).String())
}

func TestAskNumbersItsQuestions(t *testing.T) {
	recorder := NewRecorder(last{})
	s := NewStream(Fault, "a>b")
	for i := range 3 {
		require.EqualValues(t, i, s.Draws())
		s.Ask(recorder, 2, nil)
	}
	require.Equal(t, map[string]int{"fault a>b 0": 1, "fault a>b 1": 1, "fault a>b 2": 1}, recorder.Answers())
	require.EqualValues(t, 3, recorder.Asked())
}

// last always answers the last alternative.
type last struct{}

func (last) Choose(c Choice) int { return c.Alternatives - 1 }

func TestSeededAnswersAreAFunctionOfSeedStreamAndNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seeded := NewSeeded(rapid.Uint64().Draw(t, "seed"))
		a, b := NewStream(Pick, "a"), NewStream(Pick, "b")
		alone := make([]int, 20)
		for i := range alone {
			alone[i] = a.Ask(seeded, 1000, nil)
		}
		again := NewStream(Pick, "a")
		for i := range alone { // with questions on another stream between, however many
			for range rapid.IntRange(0, 3).Draw(t, "others") {
				b.Ask(seeded, 1000, nil)
			}
			require.Equal(t, alone[i], again.Ask(seeded, 1000, nil))
		}
	})
}

func TestStreamsOfOneLabelDifferByKind(t *testing.T) {
	require.NotEqual(t, NewStream(Pick, "a").ID(), NewStream(Stall, "a").ID())
	require.NotEqual(t, NewStream(Pick, "a").ID(), NewStream(Pick, "b").ID())
}

func TestSeededAnswersAreSpreadEvenly(t *testing.T) {
	const draws = 100_000
	for _, alternatives := range []int{2, 3, 10, 256} {
		for name, ask := range map[string]func(i int) int{
			"numbers": func(i int) int {
				c := Choice{Stream: NewStream(Pick, "x"), N: uint64(i), Alternatives: alternatives}
				return NewSeeded(7).Choose(c)
			},
			"seeds": func(i int) int {
				c := Choice{Stream: NewStream(Pick, "x"), Alternatives: alternatives}
				return NewSeeded(uint64(i)).Choose(c)
			},
			"streams": func(i int) int {
				c := Choice{Stream: NewStream(Pick, fmt.Sprint("x", i)), Alternatives: alternatives}
				return NewSeeded(7).Choose(c)
			},
		} {
			counts := make([]float64, alternatives)
			pairs := make([]float64, 4)
			before := 0
			for i := range draws {
				answer := ask(i)
				counts[answer]++
				pairs[2*(before%2)+answer%2]++
				before = answer
			}
			require.Less(t, chiSquare(counts, draws), limit(alternatives), "%s, %d", name, alternatives)
			if alternatives%2 == 0 {
				require.Less(t, chiSquare(pairs, draws), limit(4), "neighbours of %s, %d", name, alternatives)
			}
		}
	}
}

func chiSquare(counts []float64, draws int) (sum float64) {
	expected := float64(draws) / float64(len(counts))
	for _, count := range counts {
		sum += (count - expected) * (count - expected) / expected
	}
	return sum
}

// limit is 5 standard deviations above what chance gives.
func limit(cells int) float64 { return float64(cells) + 5*math.Sqrt(2*float64(cells)) }

func TestWeightsAreProportions(t *testing.T) {
	const draws = 100_000
	weights := []uint32{0, 6, 3, 1}
	counts := make([]int, 4)
	s := NewStream(Stall, "x")
	for range draws {
		counts[s.Ask(NewSeeded(3), 4, weights)]++
	}
	require.Zero(t, counts[0])
	for i, want := range []float64{0, .6, .3, .1} {
		require.InDelta(t, want, float64(counts[i])/draws, .01)
	}
	require.Zero(t, s.Ask(NewSeeded(3), 2, []uint32{0, 0}), "no weight at all: the quiet answer")
}

func TestSeededDoesNotAllocate(t *testing.T) {
	var chooser Chooser = NewSeeded(1)
	s := NewStream(Stall, "x")
	weights := []uint32{5, 1}
	require.Zero(t, testing.AllocsPerRun(100, func() { s.Ask(chooser, 2, weights) }))
}

func BenchmarkSeeded(b *testing.B) {
	var chooser Chooser = NewSeeded(1)
	s := NewStream(Pick, "g1#0/push")
	for b.Loop() {
		s.Ask(chooser, 1<<16, nil)
	}
}

func BenchmarkSeededWeighted(b *testing.B) {
	var chooser Chooser = NewSeeded(1)
	s := NewStream(Stall, "g1#0/push")
	weights := []uint32{9400, 300, 200, 80, 20}
	for b.Loop() {
		s.Ask(chooser, len(weights), weights)
	}
}
