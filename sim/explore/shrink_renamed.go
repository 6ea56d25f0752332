package explore

import (
	"maps"
	"slices"
	"strings"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// renamed does without the random numbers that are left, where all they do is to name things: a job that is
// named otherwise may fail in the same way, by the same choices under its name.
func (h *shrinker) renamed() bool {
	rest := maps.Clone(h.best)
	maps.DeleteFunc(rest, func(key string, _ int) bool { return strings.HasPrefix(key, "seed ") })
	if len(rest) == len(h.best) || h.spent() {
		return false
	}
	listener := newListener(choice.NewReplayer(rest, nil))
	h.body(listener, false)
	h.runs++
	var candidates []Choices
	for _, stream := range sortedStreams(rest) {
		if _, asked := listener.questions[stream]; asked {
			continue
		}
		for _, q := range listener.late([]string{stream}) {
			candidates = append(candidates, rename(rest, stream, q.stream))
		}
	}
	return h.firstFailing(candidates) >= 0
}

// rename is the choices with the one part in which two streams' names differ replaced in all names.
func rename(c Choices, from, to string) Choices {
	partsFrom, partsTo := strings.Split(from, "/"), strings.Split(to, "/")
	renamed := Choices{}
	for key, answer := range c {
		stream, number, _ := cutLast(key)
		parts := strings.Split(stream, "/")
		for i := range partsFrom {
			for j := range parts {
				if partsFrom[i] != partsTo[i] && parts[j] == partsFrom[i] {
					parts[j] = partsTo[i]
				}
			}
		}
		renamed[strings.Join(parts, "/")+" "+number] = answer
	}
	return renamed
}

// sortedStreams are the streams of the choices, each once.
func sortedStreams(c Choices) []string {
	var streams []string
	for _, key := range sortedKeys(c) {
		streams = append(streams, streamOf(key))
	}
	return slices.Compact(streams)
}

// alike tells whether names differ in one part at most.
func alike(a, b string) bool {
	partsA, partsB := strings.Split(a, "/"), strings.Split(b, "/")
	if len(partsA) != len(partsB) || partsA[0] != partsB[0] {
		return false
	}
	differ := 0
	for i := range partsA {
		if partsA[i] != partsB[i] {
			differ++
		}
	}
	return differ <= 1
}
