package choice

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// ask is a program: it asks these questions, in this order.
type ask struct {
	stream       string
	alternatives int
}

func run(program []ask, chooser Chooser) []int {
	streams := make(map[string]*Stream)
	var answers []int
	for _, q := range program {
		if streams[q.stream] == nil {
			streams[q.stream] = NewStream(Pick, q.stream)
		}
		answers = append(answers, streams[q.stream].Ask(chooser, q.alternatives, nil))
	}
	return answers
}

func programs() *rapid.Generator[[]ask] {
	return rapid.SliceOf(rapid.Custom(func(t *rapid.T) ask {
		return ask{
			stream:       rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "stream"),
			alternatives: rapid.IntRange(1, 5).Draw(t, "alternatives"),
		}
	}))
}

func TestReplayGivesTheRecordedRun(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		program := programs().Draw(t, "program")
		recorder := NewRecorder(NewSeeded(rapid.Uint64().Draw(t, "seed")))
		original := run(program, recorder)
		replayer := NewReplayer(recorder.Answers(), nil)
		require.Equal(t, original, run(program, replayer))
		require.Empty(t, replayer.NeverAsked())
		require.Empty(t, replayer.OutOfRange())
	})
}

func TestReplaySurvivesAnEditElsewhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		program := programs().Draw(t, "program")
		recorder := NewRecorder(NewSeeded(rapid.Uint64().Draw(t, "seed")))
		original := run(program, recorder)
		// The edit asks on another stream, before and between.
		var edited []ask
		var kept []int
		for _, q := range program {
			for range rapid.IntRange(0, 2).Draw(t, "new") {
				edited = append(edited, ask{"new", 3})
			}
			kept = append(kept, len(edited))
			edited = append(edited, q)
		}
		answers := run(edited, NewReplayer(recorder.Answers(), nil))
		for i, place := range kept {
			require.Equal(t, original[i], answers[place])
		}
	})
}

func TestReplayerNamesWhatWasNotAskedOrIsOutOfRange(t *testing.T) {
	recorded := map[string]int{"pick a 0": 4, "pick a 7": 1, "pick gone 0": 1, "pick b 0": -1}
	before := maps.Clone(recorded)
	replayer := NewReplayer(recorded, nil)
	require.Equal(t, []int{0, 0, 0}, run([]ask{{"a", 2}, {"a", 2}, {"b", 2}}, replayer))
	require.Equal(t, []string{"pick a 7", "pick gone 0"}, replayer.NeverAsked())
	require.Equal(t, []string{"pick a 0", "pick b 0"}, replayer.OutOfRange())
	require.Equal(t, before, recorded)
}

func TestReplayerAsksElsewhereWhatWasNotRecorded(t *testing.T) {
	program := slices.Repeat([]ask{{"a", 100}}, 10)
	seeded := run(program, NewSeeded(5))
	changed := run(program, NewReplayer(map[string]int{"pick a 3": 42}, NewSeeded(5)))
	seeded[3] = 42
	require.Equal(t, seeded, changed)
}

// A strategy decides the kinds that it names, and leaves the rest to the chooser it wraps.
type loudest struct{ Chooser }

func (s loudest) Choose(c Choice) int {
	if c.Kind == Stall {
		return c.Alternatives - 1
	}
	return s.Chooser.Choose(c)
}

func Example() {
	recorder := NewRecorder(loudest{NewSeeded(1)})
	push, stall := NewStream(Pick, "g1#0/push"), NewStream(Stall, "g1#0/push")
	fmt.Println("rank", push.Ask(recorder, 8, nil), "stall", stall.Ask(recorder, 5, nil))

	for _, key := range slices.Sorted(maps.Keys(recorder.Answers())) {
		fmt.Println(key, "=", recorder.Answers()[key])
	}

	// The same questions in another run, all quiet but for what was recorded.
	replayer := NewReplayer(recorder.Answers(), nil)
	again := NewStream(Stall, "g1#0/push")
	fmt.Println(again.Ask(replayer, 5, nil), again.Ask(replayer, 5, nil), replayer.NeverAsked())

	// Output:
	// rank 4 stall 4
	// pick g1#0/push 0 = 4
	// stall g1#0/push 0 = 4
	// 4 0 [pick g1#0/push 0]
}
