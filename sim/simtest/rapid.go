package simtest

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/story"
)

// Rapid lets rapid draw what a run does. Two draws are the run's schedule, a seed and a few deviations; the
// body draws the rest from rt - operations, sizes - before it lets its World run, because rapid knows
// nothing of simulated tasks. rapid shrinks and keeps what fails, with its own flags; there is no failure
// file.
func Rapid(t *testing.T, body func(rt *rapid.T, r *check.Run)) {
	t.Helper()
	rapid.Check(t, func(rt *rapid.T) { rapidRun(rt, t.Name(), body) })
	if left := leftover(t.Name()); left != "" {
		finding{wrong: []string{left}}.tell(t)
	}
}

// tailOfRapid is how many events of a run are kept: rapid does not say which run is its last.
const tailOfRapid = 64

func rapidRun(rt *rapid.T, name string, body func(rt *rapid.T, r *check.Run)) {
	seed := rapid.Uint64().Draw(rt, "seed")
	strategy := deviating(rapid.SliceOfN(rapid.Custom(drawDeviation), 0, 8).Draw(rt, "deviations"))
	var escaped any
	settings := check.Settings{Name: name, Chooser: strategy.New(seed), Keep: tailOfRapid}
	outcome := check.Execute(settings, func(r *check.Run) {
		defer func() {
			// rapid ends a run that it has no use for by a panic of its own, which it wants to see again.
			// It is carried over to rapid's goroutine; any other panic goes on to the Run.
			p := recover()
			if p == nil {
				return
			}
			if !ofRapid(p) {
				panic(p)
			}
			escaped = p
		}()
		body(rt, r)
	})
	raise(escaped)
	if outcome.Failure != nil {
		told := story.Story{Outcome: outcome, Seed: seed, Strategy: strategy.Name}
		rt.Log("\n" + told.Text())
		rt.Fatal(outcome.Failure.Key) // not the story: rapid compares messages, and stories differ in times
	}
}

func drawDeviation(rt *rapid.T) explore.Deviation {
	return explore.Deviation{
		Bucket: rapid.Uint16Max(explore.Buckets-1).Draw(rt, "bucket"),
		Value:  rapid.Uint16().Draw(rt, "value"),
	}
}

// raise panics with what rapid panicked with, if with anything. rapid takes two panics from one line for
// one failure, and would shrink a failing case to one that merely ran out of draws: so those have a line of
// their own.
func raise(escaped any) {
	if escaped == nil {
		return
	}
	if reflect.TypeOf(escaped).Name() == "invalidData" {
		panic(escaped)
	}
	panic(escaped)
}

func ofRapid(p any) bool { return reflect.TypeOf(p).PkgPath() == "pgregory.net/rapid" }
