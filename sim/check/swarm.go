package check

import (
	"fmt"
	"strings"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// Swarm returns those of the values that this run is about, in their order: each with a chance of one half,
// by a recorded choice, quiet being that it is left out. It is for the kinds of operation of a random
// workload. Where every run does a little of everything, what needs a lot of one kind, or none of another,
// hardly ever comes about (Groce and others, Swarm Testing, ISSTA 2012). The nemesis does the same with kinds
// of fault.
//
// What is in is shown with a failure, under the name. None may be in: keep what every run needs out of it.
func Swarm[T any](r *Run, name string, values ...T) (in []T) {
	var words []string
	for _, value := range values {
		stream := choice.NewStream(choice.Config, fmt.Sprintf("swarm %s %v", name, value))
		answer := stream.Ask(r.chooser, 2, nil)
		if answer == 0 {
			continue
		}
		text := fmt.Sprintf("%s: %v", name, value)
		r.drew(choice.Choice{Kind: choice.Config, Stream: stream}, answer, text)
		in, words = append(in, value), append(words, fmt.Sprint(value))
	}
	if words == nil {
		words = []string{"none"}
	}
	r.Setting(name, strings.Join(words, ", "))
	return in
}
