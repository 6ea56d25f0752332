package explore

import (
	"slices"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// This file leaves out schedules by sleep sets: Godefroid, "Partial-Order Methods for the Verification of
// Concurrent Systems", 1996. When all that begins with step a has been tried, and b is tried next, a need not
// be tried after b unless b touches something that a touches: it sleeps until a step does. Every order of
// steps that touch each other is still tried, so every state in which the program can end is reached.
//
// What a step touches is known when the next decision is asked for. Until then, and where steps went on
// without one, it is taken to be more than it was: then more is tried, not less.

// nextReduced is Next for a reduced search.
func (t *tree) nextReduced(ready []choice.Ready, touched choice.Touched) int {
	if t.twin {
		return 0
	}
	if t.latest >= 0 {
		d := &t.path[t.latest]
		d.steps[d.taken].touched = touched
		t.latest = -1
	}
	t.asleep = slices.DeleteFunc(t.asleep, func(s step) bool { return s.touched.Meets(touched) })
	if len(ready) == 1 {
		t.twin = t.sleeps(ready[0]) >= 0
		return 0
	}
	t.depth++
	if t.depth > len(t.path) && !t.decide(ready) {
		t.twin = true
		return 0
	}
	d := &t.path[t.depth-1]
	if d.ready != len(ready) {
		t.lost = true
		return 0
	}
	t.latest = t.depth - 1
	t.asleep = t.asleep[:0]
	for i, s := range d.steps {
		if s.skip || i < d.taken {
			t.asleep = append(t.asleep, s)
		}
	}
	return d.taken
}

// decide adds a decision to the path. It is false if every ready task sleeps: all that can come was tried.
func (t *tree) decide(ready []choice.Ready) bool {
	d := decision{ready: len(ready), taken: -1, steps: t.spareSteps()}
	for i, task := range ready {
		s := step{stream: task.Stream.ID(), touched: choice.Everything}
		if at := t.sleeps(task); at >= 0 {
			s.touched, s.skip = t.asleep[at].touched, true
		} else if d.taken < 0 {
			d.taken = i
		}
		d.steps = append(d.steps, s)
	}
	if d.taken < 0 {
		return false
	}
	t.path = append(t.path, d)
	return true
}

// spareSteps is the memory of a decision that was left, where there is one.
func (t *tree) spareSteps() []step {
	if len(t.path) == cap(t.path) {
		return nil
	}
	return t.path[:len(t.path)+1][len(t.path)].steps[:0]
}

func (t *tree) sleeps(task choice.Ready) int {
	return slices.IndexFunc(t.asleep, func(s step) bool { return s.stream == task.Stream.ID() })
}
