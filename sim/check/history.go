package check

import (
	"math"
	"sync"

	"github.com/anishathalye/porcupine"
)

// History is what clients asked of a system and what they were answered, in one total order: every call and
// every return gets the next position. Never virtual time - two events at one instant would count as
// concurrent, and a violation between them would be missed. Any goroutine may add to it.
type History struct {
	mu    sync.Mutex
	step  func() uint64
	next  int64
	calls []*Operation
}

// Operation is one call by one client and, once it has one, its answer.
type Operation struct {
	history *History

	Client     int // numbers from 0; a client has one operation at a time
	Input      any
	Output     any    // nil until it returned
	CallStep   uint64 // the World's step, for a reader; 0 without a World
	ReturnStep uint64

	call, end int64
	state     operationState
}

type operationState uint8

const (
	open operationState = iota
	returned
	refused
)

// NewHistory returns an empty history. step tells the current step of a World and may be nil.
func NewHistory(step func() uint64) *History {
	if step == nil {
		step = func() uint64 { return 0 }
	}
	return &History{step: step}
}

// Call starts an operation. One that never returns is taken to have happened at any later moment, or never.
func (h *History) Call(client int, input any) *Operation {
	h.mu.Lock()
	defer h.mu.Unlock()
	op := &Operation{history: h, Client: client, Input: input, CallStep: h.step(), call: h.next}
	h.next++
	h.calls = append(h.calls, op)
	return op
}

// Return ends an operation with its answer. The first ending counts.
func (op *Operation) Return(output any) { op.finish(returned, output) }

// Refuse ends an operation that certainly did not happen (a definite error): it is left out of what is
// checked.
func (op *Operation) Refuse() { op.finish(refused, nil) }

func (op *Operation) finish(state operationState, output any) {
	h := op.history
	h.mu.Lock()
	defer h.mu.Unlock()
	if op.state != open {
		return
	}
	op.state, op.Output, op.ReturnStep, op.end = state, output, h.step(), h.next
	h.next++
}

// Len is the number of operations called.
func (h *History) Len() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.calls)
}

// operations is the history as porcupine wants it. What has no answer ends after everything else, with the
// output NoAnswer.
func (h *History) operations() []porcupine.Operation {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []porcupine.Operation
	for _, op := range h.calls {
		asked := porcupine.Operation{ClientId: op.Client, Input: op.Input, Call: op.call}
		switch op.state {
		case refused:
			continue
		case open:
			asked.Output, asked.Return = NoAnswer{}, math.MaxInt64
		case returned:
			asked.Output, asked.Return = op.Output, op.end
		}
		out = append(out, asked)
	}
	return out
}

// NoAnswer is the output of an operation that never returned. A model's Step must allow it: the operation
// may have happened, and nobody saw its answer.
type NoAnswer struct{}
