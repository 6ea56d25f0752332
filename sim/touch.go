package sim

import (
	"slices"

	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// This file says what a step touches, for a Picker that leaves out orders which cannot matter. What is not
// here - the memory of a node - no simulator sees: tasks that share it without a lock or a Signal touch more
// than is told. Under a lock only taking and freeing it count: between them nobody else comes to what it
// guards.

// What all tasks of a World share. A lock, a Signal and a home have a bit of their own, as far as bits go.
const (
	touchedNotes   choice.Touched = 1 << 63
	touchedNetwork choice.Touched = 1 << 62
	touchedBits                   = 62
)

// touch says that what happens now depends on the things, or changes them.
func (w *World) touch(things choice.Touched) { w.line.touched |= things }

// mark names a thing that is touched for the first time; two may share a name.
func (w *World) mark(known *choice.Touched) choice.Touched {
	if *known == 0 {
		*known = 1 << (w.marks % touchedBits)
		w.marks++
	}
	return *known
}

// touchedBy is what an event touches by itself.
func touchedBy(kind trace.Kind) choice.Touched {
	switch kind {
	case trace.Step, trace.Start, trace.End, trace.Log:
		return 0 // whoever starts a task tells
	case trace.Note:
		return touchedNotes
	case trace.Send, trace.Deliver, trace.Drop:
		return touchedNetwork
	}
	return choice.Everything
}

// touchEnd says what the end of a workload task touches. Whichever is the last ends the run, and so decides
// how far the tasks come that are no workload.
func (w *World) touchEnd() {
	if w.line.picker == nil {
		return
	}
	for _, node := range w.nodes {
		if node.env != nil && slices.ContainsFunc(node.env.tasks, (*task).serves) {
			w.touch(choice.Everything)
			return
		}
	}
}

func (t *task) serves() bool { return !t.workload }
