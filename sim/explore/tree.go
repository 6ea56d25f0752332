package explore

import (
	"errors"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// tree walks all schedules of a program, depth first: as a chooser it takes one path, and advance moves it to
// the next one. Whatever is not about the order of tasks gets the quiet answer.
type tree struct {
	path  []decision // of the run; what lies deeper is not known yet
	depth int        // how many of its decisions this run has made
	lost  bool       // this run did not come to the decisions of its path: it is not deterministic

	reduce bool
	asleep []step // what need not be tried now
	latest int    // the decision whose step is under way, or -1
	twin   bool   // this run differs from an earlier one only in an order that does not matter
}

// decision is a moment at which two or more tasks were ready.
type decision struct {
	ready int
	taken int
	steps []step // of the ready tasks, in their order; only where the search is reduced
}

// step is what a task does next.
type step struct {
	stream  uint64
	touched choice.Touched // Everything until it is known
	skip    bool           // it was asleep when the decision was come to
}

// Choose gives the quiet answer.
func (t *tree) Choose(choice.Choice) int { return 0 }

// Picker is the tree.
func (t *tree) Picker() choice.Picker { return t }

// begin makes the tree ready for a run of its path.
func (t *tree) begin() {
	t.depth, t.lost, t.twin, t.latest = 0, false, false, -1
	t.asleep = t.asleep[:0]
}

// Next takes the path, and beyond its end the first branch.
func (t *tree) Next(ready []choice.Ready, touched choice.Touched) int {
	if t.reduce {
		return t.nextReduced(ready, touched)
	}
	if len(ready) == 1 {
		return 0
	}
	t.depth++
	if t.depth > len(t.path) {
		t.path = append(t.path, decision{ready: len(ready)})
		return 0
	}
	d := &t.path[t.depth-1]
	t.lost = t.lost || d.ready != len(ready)
	return d.taken
}

// advance moves to the next path, and tells whether there is one.
func (t *tree) advance() bool {
	for len(t.path) > 0 {
		d := &t.path[len(t.path)-1]
		for d.taken++; d.taken < d.ready; d.taken++ {
			if d.steps == nil || !d.steps[d.taken].skip {
				return true
			}
		}
		t.path = t.path[:len(t.path)-1]
	}
	return false
}

// covered is how much of the tree lies before the path, if branches of one decision are of one size.
func (t *tree) covered() float64 {
	share, width := 0.0, 1.0
	for _, d := range t.path {
		width /= float64(d.ready)
		share += width * float64(d.taken)
	}
	return share
}

var errLost = errors.New("not deterministic: the same choices led to another number of ready tasks")
