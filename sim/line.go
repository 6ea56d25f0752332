package sim

import "github.com/windtunnel/windtunnel/sim/choice"

// line is where tasks that are ready now stand, in order of arrival, while a Picker decides who goes next.
// Without one they stay in the schedule, where ranks decide.
type line struct {
	picker  choice.Picker
	ranker  choice.Ranker // nil: nobody asks for ranks
	ready   []choice.Ready
	tickets []*ticket
	ranks   []uint16 // the least that explain who went before; only for the ranker
	touched choice.Touched
}

func newLine(chooser choice.Chooser) line {
	l := line{picker: choice.PickerOf(chooser)}
	l.ranker, _ = l.picker.(choice.Ranker)
	return l
}

// pick resumes the task that the Picker wants, and tells whether it did: what the schedule has for this
// instant comes first, be it more ready tasks or what is no task.
func (w *World) pick() bool {
	l := &w.line
	if len(l.ready) == 0 {
		return false
	}
	if first := w.schedule.first(); first != nil && first.due <= w.now {
		return false
	}
	at := l.picker.Next(l.ready, l.touched)
	l.touched = 0
	if at < 0 || at >= len(l.ready) {
		at = 0
	}
	t := l.tickets[at].task
	if l.ranker != nil {
		l.overtake(l.ranks[at], l.ready[at].Arrival)
	}
	l.leave(at)
	t.ticket.pending = false
	t.ticket.gen++
	w.resume(t)
	return true
}

// join puts a task that is ready into the line.
func (l *line) join(it item) {
	t := it.ticket.task
	l.ready = append(l.ready, choice.Ready{
		Stream: &t.picks, N: t.picks.Draws() - 1, Arrival: it.arrival(), Home: t.env.home,
	})
	l.tickets = append(l.tickets, it.ticket)
	if l.ranker != nil {
		l.ranks = append(l.ranks, 0)
	}
	for i := len(l.ready) - 1; i > 0 && l.ready[i].Arrival < l.ready[i-1].Arrival; i-- { // a timer's
		l.ready[i], l.ready[i-1] = l.ready[i-1], l.ready[i]
		l.tickets[i], l.tickets[i-1] = l.tickets[i-1], l.tickets[i]
		if l.ranker != nil {
			l.ranks[i], l.ranks[i-1] = l.ranks[i-1], l.ranks[i]
		}
	}
}

// overtake raises the ranks of those who are still in the line when something of this rank and arrival goes.
func (l *line) overtake(rank uint16, arrival uint64) {
	for i := range l.ranks {
		least := rank
		if arrival > l.ready[i].Arrival && rank < ranks-1 {
			least++
		}
		l.ranks[i] = max(l.ranks[i], least)
	}
}

// leave takes a place out of the line.
func (l *line) leave(at int) {
	if l.ranker != nil {
		if rank := l.ranks[at]; rank > 0 {
			l.ranker.Ranked(l.ready[at], int(rank))
		}
		l.ranks = append(l.ranks[:at], l.ranks[at+1:]...)
	}
	l.ready = append(l.ready[:at], l.ready[at+1:]...)
	l.tickets = append(l.tickets[:at], l.tickets[at+1:]...)
}

// forget takes a ticket out of the line, and tells whether it stood there.
func (l *line) forget(t *ticket) bool {
	for i, standing := range l.tickets {
		if standing == t {
			l.leave(i)
			return true
		}
	}
	return false
}
