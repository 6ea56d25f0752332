package explore

import (
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// Closest is the passing run that differs least from a failing one: by one choice, and by as late an event
// as possible.
type Closest struct {
	Without string // the key of the choice that got the quiet answer instead
	// Failing and Passing are the first events in which the two runs differ, steps aside: what happened, and
	// what would have. One is empty where its run was over.
	Failing, Passing trace.Event
}

// mostClosest bounds the runs that Closest makes.
const mostClosest = 32

// Closest finds the passing run that differs least, among those of Flips; false when none of them passes. It
// makes at most 32 runs.
func (s Shrunk) Closest(body Body) (Closest, bool) {
	latest, found := -1, Closest{}
	tries := 0
	for _, key := range sortedKeys(s.File.Choices) {
		if flip, tried := s.Flips[key]; !tried || !flip.Passes || tries == mostClosest {
			continue
		}
		tries++
		other := body(choice.NewReplayer(without(s.File.Choices, key), nil), true)
		at, failing, passing := whereTheyPart(s.Outcome.Trace, other.Trace)
		if at > latest {
			latest, found = at, Closest{Without: key, Failing: failing, Passing: passing}
		}
	}
	return found, latest >= 0
}

// whereTheyPart returns the number of the first event in which two runs differ, and from there on the first
// event of each that says something by itself.
func whereTheyPart(a, b []trace.Event) (at int, first, second trace.Event) {
	a, b = withoutLogs(a), withoutLogs(b)
	at, _, _ = FirstDifference(a, b)
	return at, telling(a, at), telling(b, at)
}

func telling(events []trace.Event, from int) trace.Event {
	for _, e := range events[min(max(from, 0), len(events)):] {
		if e.Kind != trace.Step {
			return e
		}
	}
	return trace.Event{}
}
