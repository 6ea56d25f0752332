package sim

import "time"

// rankShift is where the rank begins in item.order.
const rankShift = 48

// item is one entry of the schedule: at due, in order of rank and then arrival, its ticket's owner goes on.
type item struct {
	due    time.Duration
	order  uint64 // rank in the upper 16 bits, arrival below
	gen    uint32 // stale unless the ticket's
	ticket *ticket
}

// ticket is what a thing that can be scheduled has one of. An item is stale once its ticket has moved on:
// that is cheaper than taking it out of the heap.
type ticket struct {
	gen     uint32
	pending bool   // an item of this gen is in the heap
	cause   uint64 // the event that put it there
	task    *task  // either a task goes on,
	fires   firing // or something happens
}

// firing is something outside the tasks that happens at a time.
type firing interface{ fire() }

func (a *item) arrival() uint64 { return a.order & (1<<rankShift - 1) }

func (a *item) before(b *item) bool {
	return a.due < b.due || a.due == b.due && a.order < b.order
}

// schedule is a binary heap of items, earliest first. Its first place may be a hole: a task that goes on
// mostly schedules itself again, and its new item then sinks from the hole instead of rising from the end.
type schedule struct {
	items []item
	hole  bool
	stale int
}

func (s *schedule) push(it item) {
	if s.hole {
		s.hole = false
		s.sink(it)
		return
	}
	i := len(s.items)
	s.items = append(s.items, it)
	for i > 0 {
		parent := (i - 1) / 2
		if !it.before(&s.items[parent]) {
			break
		}
		s.items[i] = s.items[parent]
		i = parent
	}
	s.items[i] = it
}

// pop takes the earliest item; the schedule must not be empty.
func (s *schedule) pop() item {
	s.settle()
	s.hole = true
	return s.items[0]
}

// first returns the earliest item, stale or not, or nil.
func (s *schedule) first() *item {
	s.settle()
	if len(s.items) == 0 {
		return nil
	}
	return &s.items[0]
}

// wouldBeFirst tells whether an item would come before all that are there.
func (s *schedule) wouldBeFirst(it *item) bool {
	if !s.hole {
		return len(s.items) == 0 || it.before(&s.items[0])
	}
	for i := 1; i <= 2 && i < len(s.items); i++ {
		if !it.before(&s.items[i]) {
			return false
		}
	}
	return true
}

// second returns the task that is due next, after the one that was popped; nil if that is no task.
func (s *schedule) second() *task {
	if len(s.items) < 3 {
		return nil
	}
	next := &s.items[1]
	if s.items[2].before(next) {
		next = &s.items[2]
	}
	return next.ticket.task
}

// settle fills the hole from the end.
func (s *schedule) settle() {
	if !s.hole {
		return
	}
	s.hole = false
	last := len(s.items) - 1
	it := s.items[last]
	s.items[last].ticket = nil
	s.items = s.items[:last]
	if last > 0 {
		s.sink(it)
	}
}

// sink puts an item into the first place, and then where it belongs.
func (s *schedule) sink(it item) {
	items := s.items
	i := 0
	for {
		child := 2*i + 1
		if child >= len(items) {
			break
		}
		if right := child + 1; right < len(items) && items[right].before(&items[child]) {
			child = right
		}
		if !items[child].before(&it) {
			break
		}
		items[i] = items[child]
		i = child
	}
	items[i] = it
}

// sweep drops stale items once they are most of the heap, so that a heap full of timeouts that never came
// stays in proportion to what is waited for.
func (s *schedule) sweep() {
	if s.stale < 64 || s.stale < len(s.items)/2 {
		return
	}
	s.settle()
	kept := s.items[:0]
	for _, it := range s.items {
		if it.gen == it.ticket.gen {
			kept = append(kept, it)
		}
	}
	clear(s.items[len(kept):])
	s.items, s.stale = s.items[:0], 0
	for _, it := range kept { // pushing in place: the pushed part never passes the read part
		s.push(it)
	}
}
