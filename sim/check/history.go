package check

import (
	"sync"
	"time"

	"github.com/windtunnel/windtunnel/sim/trace"
)

// History is what clients asked of a system and what they were answered, in one total order: every call and
// every return gets the next position, and so does an effect that somebody saw. Never virtual time - two
// events at one instant would count as concurrent, and a violation between them would be missed. Any
// goroutine may add to it.
type History struct {
	mu    sync.Mutex
	now   func() trace.Stamp
	last  int64 // position that was given out
	calls []*Operation
}

// Operation is one call by one client and, once it has one, its answer.
type Operation struct {
	trace.Operation
	history *History
}

// NewHistory returns an empty history. now tells the current step and time of a World and may be nil.
func NewHistory(now func() (step uint64, at time.Duration)) *History {
	if now == nil {
		now = func() (uint64, time.Duration) { return 0, 0 }
	}
	return &History{now: func() trace.Stamp {
		step, at := now()
		return trace.Stamp{Step: step, At: at}
	}}
}

// Call starts an operation. One that never returns is taken to have happened at any later moment, or never,
// unless it is told that it [Operation.TookEffect], or its history that nothing else did ([History.Resolve]).
func (h *History) Call(client int, input any) *Operation {
	h.mu.Lock()
	defer h.mu.Unlock()
	op := &Operation{history: h}
	op.Client, op.Input, op.Called = client, input, h.stamp()
	h.calls = append(h.calls, op)
	return op
}

// Return ends an operation with its answer. The first ending counts.
func (op *Operation) Return(output any) { op.finish(trace.Returned, output) }

// Refuse ends an operation that certainly did not happen (a definite error): it is left out of what is
// checked. One that takes effect all the same makes the history illegal.
func (op *Operation) Refuse() { op.finish(trace.Refused, nil) }

func (op *Operation) finish(ending trace.Ending, output any) {
	h := op.history
	h.mu.Lock()
	defer h.mu.Unlock()
	if op.Ending == trace.Open {
		op.Ending, op.Output, op.Ended = ending, output, h.stamp()
	}
}

// stamp is the next position. The caller holds the lock.
func (h *History) stamp() trace.Stamp {
	h.last++
	now := h.now()
	now.Position = h.last
	return now
}

// Len is the number of operations called.
func (h *History) Len() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.calls)
}

// Operations is a copy of the operations as they are now, in the order called.
func (h *History) Operations() []trace.Operation {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]trace.Operation, len(h.calls))
	for i, op := range h.calls {
		out[i] = op.Operation
	}
	return out
}
