package sim

import (
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// This file says what a step touches, for a Picker that leaves out orders which cannot matter. What is not
// here - the memory of a node - no simulator sees: tasks that share it without a lock or a Signal touch more
// than is told.

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
		return 0 // start and finish tell
	case trace.Note:
		return touchedNotes
	case trace.Send, trace.Deliver, trace.Drop:
		return touchedNetwork
	}
	return choice.Everything
}

// touchHeld says that a task goes on that holds locks: what they guard is touched in any of its steps.
func (t *task) touchHeld() { t.env.world.touch(t.holds) }

func (l *locker) touch() choice.Touched {
	thing := l.env.world.mark(&l.thing)
	l.env.world.touch(thing)
	return thing
}

// held says that the task has the lock.
func (l *locker) held(t *task) {
	t.holds |= l.touch()
	t.locks++
}

// freed says that the lock's owner has it no more. A bit may stand for two locks: it stays until there is none.
func (l *locker) freed() {
	l.touch()
	if t := l.owner; t != nil {
		if t.locks--; t.locks == 0 {
			t.holds = 0
		}
	}
}

// touchEnd says what the end of a task touches. When the run ends with its workload, it decides how far the
// others have come.
func (t *task) touchEnd() {
	w := t.env.world
	if !t.workload || w.line.picker == nil {
		return
	}
	for _, node := range w.nodes {
		if node.env == nil {
			continue
		}
		for _, other := range node.env.tasks {
			if !other.workload {
				w.touch(choice.Everything)
				return
			}
		}
	}
}
