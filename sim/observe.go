package sim

import (
	"reflect"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// Observation is a fact that a node noted.
type Observation struct {
	Step        uint64
	At          time.Duration // virtual time since the run began
	ID          uint64        // of the trace's event
	Node        string
	Incarnation int
	Task        string // empty when it was noted outside the node's tasks
	Event       core.Event
}

// Observe calls f for each noted fact, in the step that notes it. f must not block, and must not keep the
// Event if the node may change it.
func (w *World) Observe(f func(Observation)) { w.observers = append(w.observers, f) }

func (e *env) note(event core.Event) {
	w := e.world
	id := w.emit(e.lane(), trace.Note, w.event, 0, 0)
	w.scratch = event.AppendText(w.scratch[:0])
	w.trace.AddBytes(w.scratch)
	if w.trace.Covering() {
		w.trace.Is(reflect.TypeOf(event).String(), w.scratch)
	}
	if w.trace.Keeping() {
		w.trace.Describe(string(w.scratch))
	}
	if len(w.observers) == 0 {
		return
	}
	o := Observation{
		Step: w.step, At: w.now, ID: id, Node: e.node.name, Incarnation: e.incarnation, Event: event,
	}
	if t := w.current; t != nil && t.env == e {
		o.Task = t.name
	}
	for _, observe := range w.observers {
		observe(o)
	}
}

// scan is an invariant that looks at state now and then.
type scan struct {
	every uint64
	next  uint64
	look  func()
}

// Every calls f between tasks once in so many steps (at least 1), and when the run has ended without failure.
func (w *World) Every(steps uint64, f func()) {
	steps = max(steps, 1)
	s := &scan{every: steps, next: w.step + steps, look: f}
	w.scans = append(w.scans, s)
	w.nextScan = min(w.nextScan, s.next)
	w.lastStep = min(w.nextScan, w.instantEnd)
}

func (w *World) scan() {
	if w.step < w.nextScan {
		return
	}
	w.nextScan = 1<<64 - 1
	for _, s := range w.scans {
		if w.step >= s.next {
			s.next = w.step + s.every
			s.look()
		}
		w.nextScan = min(w.nextScan, s.next)
	}
	w.lastStep = min(w.nextScan, w.instantEnd)
}

// lastScan runs every scan once more, when the run has ended.
func (w *World) lastScan() {
	for _, s := range w.scans {
		s.look()
	}
}

// After calls f outside the nodes after d of virtual time. The name stands in the trace.
func (w *World) After(d time.Duration, name string, f func()) {
	cause := w.event
	w.after(d, 0, func() {
		w.happen(&w.lane, trace.World, cause, 0, 0)
		w.trace.AddBytes([]byte(name))
		w.trace.Describe(name)
		f()
	})
}
