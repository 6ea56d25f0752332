package explore

import (
	"slices"

	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// Closest is the passing run that differs least from a failing one: by one choice, and by as late an event
// as possible.
type Closest struct {
	Without string // the key of the choice that got the quiet answer instead
	// Failing and Passing are the first events in which the two runs differ for a reader: what happened, and
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
// event of each that says something by itself, and not the same as the other run's: what differs first may be
// only who is ready, or a payload.
func whereTheyPart(a, b []trace.Event) (at int, first, second trace.Event) {
	a, b = withoutLogs(a), withoutLogs(b)
	at, _, _ = FirstDifference(a, b)
	a, b = telling(a, at), telling(b, at)
	for len(a) > 0 && len(b) > 0 && sayTheSame(a[0], b[0]) {
		a, b = a[1:], b[1:]
	}
	return at, firstOf(a), firstOf(b)
}

func telling(events []trace.Event, from int) []trace.Event {
	rest := slices.Clone(events[min(max(from, 0), len(events)):])
	return slices.DeleteFunc(rest, func(e trace.Event) bool { return e.Kind == trace.Step })
}

func sayTheSame(a, b trace.Event) bool {
	return a.At == b.At && a.Lane == b.Lane && a.Kind == b.Kind && a.Text == b.Text
}

func firstOf(events []trace.Event) trace.Event {
	if len(events) == 0 {
		return trace.Event{}
	}
	return events[0]
}
