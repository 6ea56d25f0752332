package sim

import "runtime"

// origins knows where the code stood that scheduled what goes on later: a step begins in the World's loop,
// and what decided when it comes is the code that parked the task, or woke it.
type origins struct {
	stacks  map[*ticket][]uintptr
	current []uintptr // of what goes on now
}

// mostFrames bounds a stack; most of the innermost are the World's own.
const mostFrames = 48

// scheduled keeps the stack of whoever puts a ticket on the schedule.
func (o *origins) scheduled(t *ticket) {
	if o != nil {
		o.stacks[t] = o.stack()
	}
}

// goesOn says that what a ticket stands for goes on now.
func (o *origins) goesOn(t *ticket) { o.current = o.stacks[t] }

// stack is the calling code's, and below it that of the code which scheduled what goes on.
func (o *origins) stack() []uintptr {
	pcs := make([]uintptr, mostFrames)
	pcs = pcs[:runtime.Callers(2, pcs)]
	return append(pcs, o.current[:min(len(o.current), mostFrames)]...)
}
