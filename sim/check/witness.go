package check

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/anishathalye/porcupine"

	"github.com/windtunnel/windtunnel/sim/trace"
)

// witnessed looks for a proof that the operations are linearizable where it costs little: in the order in
// which they were seen to take effect. If the model gives every answer in that order, and every effect lies
// between its call and its return, then that is an order as it was asked for. An operation without an effect
// has its place wherever in its time the model gives its answer and does not change.
//
// true is a proof. false says nothing: another order may do.
func witnessed(model porcupine.Model, operations []porcupine.Operation) bool {
	parts := [][]porcupine.Operation{operations}
	if model.Partition != nil {
		parts = model.Partition(operations)
	}
	return !slices.ContainsFunc(parts, func(part []porcupine.Operation) bool {
		return !newWitness(model).explains(part)
	})
}

// witness is a replay of one partition.
type witness struct {
	step    func(state, input, output any) (bool, any)
	equal   func(a, b any) bool
	state   any
	waiting []*porcupine.Operation // called, without an effect, and not yet explained
}

func newWitness(model porcupine.Model) *witness {
	w := &witness{step: model.Step, equal: model.Equal, state: model.Init()}
	if w.step == nil {
		w.step = func(state, input, output any) (bool, any) {
			return model.StepContext(context.Background(), state, input, output)
		}
	}
	if w.equal == nil {
		w.equal = func(a, b any) bool { return a == b }
	}
	return w
}

// event is where an operation takes effect; or, if nobody saw that, where it is called or returns.
type event struct {
	position int64
	kind     eventKind
	op       *porcupine.Operation
}

type eventKind uint8

const (
	effect eventKind = iota
	call
	end
)

func (w *witness) explains(operations []porcupine.Operation) bool {
	events, ok := eventsOf(operations)
	for i := 0; ok && i < len(events); i++ {
		switch e := events[i]; e.kind {
		case effect:
			ok = w.take(e.op)
		case call:
			if !w.place(e.op) {
				w.waiting = append(w.waiting, e.op)
			}
		case end:
			ok = !slices.Contains(w.waiting, e.op)
		}
	}
	return ok
}

// eventsOf is what a replay meets, in order. It fails for an effect that is not in its operation's time.
func eventsOf(operations []porcupine.Operation) (events []event, ok bool) {
	for i := range operations {
		op := &operations[i]
		switch at, seen := op.Metadata.(trace.Stamp); {
		case !seen && op.Return == math.MaxInt64:
			events = append(events, event{op.Return, effect, op}) // last, if at all
		case !seen:
			events = append(events, event{op.Call, call, op}, event{op.Return, end, op})
		case at.Position < op.Call || at.Position > op.Return:
			return nil, false
		default:
			events = append(events, event{at.Position, effect, op})
		}
	}
	slices.SortStableFunc(events, func(a, b event) int { return cmp.Compare(a.position, b.position) })
	return events, true
}

// take has an operation take effect, and looks whom that explains.
func (w *witness) take(op *porcupine.Operation) bool {
	legal, state := w.step(w.state, op.Input, op.Output)
	if !legal {
		return false
	}
	if !w.equal(w.state, state) {
		w.state = state
		w.waiting = slices.DeleteFunc(w.waiting, w.place)
	}
	return true
}

// place says whether an operation may happen now and change nothing.
func (w *witness) place(op *porcupine.Operation) bool {
	legal, state := w.step(w.state, op.Input, op.Output)
	return legal && w.equal(w.state, state)
}
