package explore

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// ReplayNearby is Replay, and where the failure is gone it goes on to at most so many schedules next to the
// recorded one before it says so: an edit may have moved the moment at which it happens. The answer is then
// Nearby, with the schedule that failed. It ends early when ctx does.
func ReplayNearby(ctx context.Context, f File, body Body, runs int) (Answer, error) {
	answer, err := Replay(f, body)
	if err != nil {
		return Answer{}, err
	}
	if answer.Verdict != Gone {
		return answer, nil
	}
	all := neighbours(f, runs)
	for answer.Tried < len(all) && answer.Verdict == Gone && ctx.Err() == nil {
		n := all[answer.Tried]
		answer.Tried++
		if !body(n.chooser(), false).Failure.Same(f.failure()) {
			continue
		}
		recorder := choice.NewRecorder(n.chooser())
		answer.Outcome = body(recorder, true)
		answer.Verdict, answer.Nearby = Nearby, n.what
		answer.Asked, answer.Choices = recorder.Asked(), recorder.Answers()
	}
	return answer, nil
}

// neighbour is a schedule next to a recorded one.
type neighbour struct {
	what    string
	chooser func() choice.Chooser
}

// neighbours returns schedules next to the recorded one, the nearest first: with the choices of one stream,
// or of all, some questions earlier or later; without one of the choices; the original seed; and the recorded
// choices in runs that are otherwise not quiet.
func neighbours(f File, most int) []neighbour {
	all := slices.Concat(shifted(f), spared(f))
	strategy, err := StrategyNamed(f.Strategy)
	if err == nil {
		all = append(all, neighbour{
			fmt.Sprintf("seed %d", f.Seed), func() choice.Chooser { return strategy.New(f.Seed) },
		})
	}
	const fresh = 32
	for i := range fresh {
		seed := SeedAt(f.Seed, i+1)
		all = append(all, neighbour{
			fmt.Sprintf("the recorded choices, and seed %d for all others", seed),
			func() choice.Chooser { return choice.NewReplayer(f.Choices, choice.NewSeeded(seed)) },
		})
	}
	return all[:min(len(all), max(most, 0))]
}

// shifted moves the numbers of one stream's questions, or of all: whoever asks once more, or once less,
// before the recorded question moves it so.
func shifted(f File) []neighbour {
	streams := groups(f.Choices, anyKey, streamOf)
	var all []neighbour
	for _, by := range [...]int64{1, -1, 2, -2} {
		what := fmt.Sprintf("all choices moved by %+d", by)
		all = append(all, replaying(what, moved(f.Choices, anyKey, by)))
		for _, stream := range streams {
			if name := streamOf(stream[0]); len(streams) > 1 {
				mine := func(key string) bool { return streamOf(key) == name }
				all = append(all, replaying(
					fmt.Sprintf("the choices of %s moved by %+d", name, by), moved(f.Choices, mine, by)))
			}
		}
	}
	return all
}

// spared leaves out one of the choices.
func spared(f File) []neighbour {
	var all []neighbour
	for _, key := range sortedKeys(f.Choices) {
		all = append(all, replaying("without "+key, without(f.Choices, key)))
	}
	return all
}

func replaying(what string, choices Choices) neighbour {
	return neighbour{what, func() choice.Chooser { return choice.NewReplayer(choices, nil) }}
}

// moved gives the questions of some choices other numbers. One that would come to lie before the first goes.
func moved(c Choices, which func(key string) bool, by int64) Choices {
	out := Choices{}
	for key, answer := range c {
		stream, number, _ := cutLast(key)
		if which(key) {
			n, err := strconv.ParseInt(number, 10, 64)
			if err != nil || n+by < 0 {
				continue
			}
			key = stream + " " + strconv.FormatInt(n+by, 10)
		}
		out[key] = answer
	}
	return out
}
