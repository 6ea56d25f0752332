package sim

import "github.com/windtunnel/windtunnel/sim/choice"

// Spare is what is left of a World that has run, for the next one: coroutines whose stacks have grown, and
// memory. Nothing of a run is in it. Where a run is as short as a few microseconds, making these costs more
// than the run. It serves one World at a time; Close it after the last.
type Spare struct {
	idle    []*coroutine
	items   []item
	ready   []choice.Ready
	tickets []*ticket
}

// give lets a new World begin with what is spare. It takes coroutines as it needs them.
func (s *Spare) give(w *World) {
	w.schedule.items, w.line.ready, w.line.tickets = s.items, s.ready, s.tickets
	s.items, s.ready, s.tickets = nil, nil, nil
}

// take keeps what a World that has ended leaves.
func (s *Spare) take(w *World) {
	clear(w.schedule.items)
	clear(w.line.tickets[:cap(w.line.tickets)])
	s.items, s.ready, s.tickets = w.schedule.items[:0], w.line.ready[:0], w.line.tickets[:0]
	w.schedule, w.line.ready, w.line.tickets = schedule{}, nil, nil
}

// Close ends the coroutines.
func (s *Spare) Close() {
	for _, c := range s.idle {
		c.stop()
	}
	*s = Spare{}
}
