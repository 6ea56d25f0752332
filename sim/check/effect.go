package check

import (
	"math"

	"github.com/anishathalye/porcupine"

	"github.com/windtunnel/windtunnel/sim/trace"
)

// TookEffect says that by now the system has done the operation, for good: whoever looks from now on may be
// expected to see it. It is for who sees the system from inside, such as an invariant that is told by a noted
// fact, in the step in which the system does it. The first time counts.
//
// An operation that has no answer then happened between its call and here, where it might otherwise have
// happened until the end of the history, or never. Of one that has an answer it is only a hint where to
// look first: the call and the return say what its client may expect, and they alone are judged.
//
// No word of it can make an illegal history legal, true or not: it narrows what has to be explained. Where
// the system does an operation and loses it afterwards, readers contradict the effect, and the history is
// illegal.
func (op *Operation) TookEffect() {
	h := op.history
	h.mu.Lock()
	defer h.mu.Unlock()
	if op.Effect == (trace.Stamp{}) {
		op.Effect = h.stamp()
	}
}

// Resolve says that nothing has happened but what is known: an operation that has neither an answer nor an
// effect certainly did not happen, and never will. Call it when the World has run, and only if everything
// that changes the system tells its effects; what only reads need not. If an effect was not told, a legal
// history may become illegal, but never the reverse.
func (h *History) Resolve() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, op := range h.calls {
		if op.Ending == trace.Open && op.Effect == (trace.Stamp{}) {
			op.Ending, op.Ended = trace.Void, h.stamp()
		}
	}
}

// checked is the history as porcupine wants it, with effects as Metadata. What has no answer ends with its
// effect, or after everything else, and has the output NoAnswer. contradicted is an operation of which its
// client was told that it did not happen, and which took effect.
func (h *History) checked() (operations []porcupine.Operation, contradicted *trace.Operation) {
	for _, op := range h.Operations() {
		effect := op.Effect != (trace.Stamp{})
		asked := porcupine.Operation{ClientId: op.Client, Input: op.Input, Call: op.Called.Position}
		if effect {
			asked.Metadata = op.Effect
		}
		switch {
		case op.Ending == trace.Returned:
			asked.Output, asked.Return = op.Output, op.Ended.Position
		case op.Ending != trace.Open && effect:
			contradicted = &op
			continue
		case op.Ending != trace.Open:
			continue
		case effect:
			asked.Output, asked.Return = NoAnswer{}, op.Effect.Position
		default:
			asked.Output, asked.Return = NoAnswer{}, math.MaxInt64
		}
		operations = append(operations, asked)
	}
	return operations, contradicted
}

// NoAnswer is the output of an operation that never returned. A model's Step must allow it: the operation
// may have happened, and nobody saw its answer.
type NoAnswer struct{}

// Effects is an invariant, to be held by a run, that never breaks: it has operations take effect in the step
// in which a node notes that it did them. of finds the operation that a fact is about, and is nil for any
// other fact.
func Effects(of func(Observation) *Operation) Invariant { return effects(of) }

type effects func(Observation) *Operation

func (effects) Name() string { return "effects" }

func (of effects) Observe(o Observation) error {
	if op := of(o); op != nil {
		op.TookEffect()
	}
	return nil
}

func (effects) End() error { return nil }
