package explore

import (
	"sync"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// How much the search for a late failure tries, of a failure with more choices than lateAbove: a smaller one
// shrinks quickly by itself.
const (
	lateSeeds = 10
	lateAbove = 256
)

// late looks for the same failure in runs that are quiet nearly to its step, and follow a fresh seed from
// there. Where a failure hangs on two things that coincide, whatever is left out of a recorded schedule
// shifts all that follows, and it hardly shrinks; but it may well happen in the quiet run, too, by a few
// choices that are made late. Faults and configuration stay as they are.
func (h *shrinker) late() {
	fixed := Choices{}
	for key, answer := range h.best {
		if rankOfKind(key) < rankOfKind("seed ") {
			fixed[key] = answer
		}
	}
	for _, percent := range [...]uint64{98, 95, 90, 80, 60} {
		for first := 1; first <= lateSeeds; first += h.Parallel {
			if len(h.best) <= lateAbove || h.spent() {
				return
			}
			if h.later(fixed, h.step*percent/100, first) {
				return
			}
		}
	}
}

// later runs a few seeds at once, and takes the first that fails with fewer choices than the best.
func (h *shrinker) later(fixed Choices, quietUntil uint64, first int) bool {
	recorders := make([]*following, min(h.Parallel, lateSeeds-first+1))
	outcomes := make([]Outcome, len(recorders))
	var running sync.WaitGroup
	for i := range recorders {
		fresh := choice.NewReplayer(fixed, choice.NewSeeded(SeedAt(h.seed, first+i)))
		p := newPrefix(fixed, quietUntil, fresh)
		recorders[i] = &following{choice.NewRecorder(p), p}
		running.Go(func() { outcomes[i] = h.body(recorders[i], false) })
	}
	running.Wait()
	for i, o := range outcomes {
		h.runs++
		answers := Choices(recorders[i].Answers())
		if o.Failure != nil && o.Failure.Key == h.key && len(answers) < len(h.best) {
			h.take(answers)
			return true
		}
	}
	return false
}

// following records what a follower answers, and tells it of steps.
type following struct {
	*choice.Recorder
	follower choice.Follower
}

// StepDone is the follower's.
func (f *following) StepDone() { f.follower.StepDone() }

// recording records what a chooser answers, and follows the run where the chooser does.
func recording(chooser choice.Chooser) (choice.Chooser, *choice.Recorder) {
	recorder := choice.NewRecorder(chooser)
	if follower, ok := chooser.(choice.Follower); ok {
		return &following{recorder, follower}, recorder
	}
	return recorder, recorder
}
