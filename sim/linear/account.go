package linear

import (
	"cmp"
	"math"
	"slices"

	"github.com/anishathalye/porcupine"

	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// mostTrials is how often the model is asked for a step on behalf of one history: for orders, and as often
// again for what contradicts them.
const mostTrials = 1 << 20

// never is the end of what is open.
const never = math.MaxInt64

// Account is what can be said of a history. Operations are named by their index in it.
type Account struct {
	Parts []Part
	// Denied are those of which clients were told that they did not happen, and which took effect all the
	// same: a contradiction by themselves.
	Denied []int
}

// Part is what the model judges by itself, such as a key of a store, or all of a history.
type Part struct {
	Operations []int // in the order called; what did not happen is of no part
	// Order is that in which they may have happened, one after the other: of all of them or, if it is not
	// Whole, as far as an order was found.
	Order []int
	// Points are the moments at which they may have, as positions of the history: of each of Order. None is
	// before its call, after its return or before the point of the one before it.
	Points []int64
	Whole  bool
	Broken *Contradiction // why Order is not whole; nil if it is, or if the trials were used up
}

// Contradiction is an answer that no order explains.
type Contradiction struct {
	Operation int   // whose answer it is
	With      []int // operations that cannot all be true with it, in the order called; it is among them
	// Right are answers in words that would have had an order, of those that anybody was given or that are
	// in what was asked.
	Right []string
	// States are those, in the model's words, in which the object may have been when the answer was given.
	States []string
}

// Explain accounts for a history. It takes as long as asking the model two million times for a step, at most.
func Explain(j explore.Judged) Account {
	var account Account
	places := map[int64]int{}
	for i, op := range j.Operations {
		places[op.Called.Position] = i
		if op.Effect != (trace.Stamp{}) && op.Ending != trace.Returned && op.Ending != trace.Open {
			account.Denied = append(account.Denied, i)
		}
	}
	parts := [][]porcupine.Operation{j.Checked}
	if j.Model.Partition != nil {
		parts = j.Model.Partition(j.Checked)
	}
	orders := newModel(j.Model)
	reasons := newModel(j.Model) // whose trials are its own, so that they take none from orders
	for _, checked := range parts {
		if len(checked) == 0 {
			continue
		}
		operations := operationsOf(checked, j.Operations, places)
		found := orders.search(operations)
		part := Part{
			Operations: indices(operations), Order: indices(found.order), Points: points(found.order),
			Whole: found.whole,
		}
		if found.blocked != nil {
			part.Broken = reasons.blame(operations, found)
		}
		account.Parts = append(account.Parts, part)
	}
	return account
}

// operation is one of a part.
type operation struct {
	index         int // in the history
	input, output any
	call, end     int64
	effect        int64 // 0: nobody saw it
	lost          bool  // it has no answer
	waits         bool  // it need not have a place
}

// operationsOf are those of a part, in the order called.
func operationsOf(part []porcupine.Operation, of []trace.Operation, places map[int64]int) []operation {
	all := make([]operation, 0, len(part))
	for _, op := range part {
		index := places[op.Call]
		all = append(all, operation{
			index: index, input: op.Input, output: op.Output, call: op.Call, end: op.Return,
			effect: of[index].Effect.Position, lost: of[index].Ending != trace.Returned,
		})
	}
	slices.SortStableFunc(all, byCall)
	return all
}

func byCall(a, b operation) int { return cmp.Compare(a.call, b.call) }

func indices(operations []operation) []int {
	all := make([]int, len(operations))
	for i, op := range operations {
		all[i] = op.index
	}
	return all
}

// points finds a moment for each operation of an order: where it was seen to take effect if that is possible,
// or else the earliest one.
func points(order []operation) []int64 {
	latest := make([]int64, len(order)) // so that those behind it are in time
	bound := int64(never)
	for i := len(order) - 1; i >= 0; i-- {
		bound = min(bound, order[i].end)
		latest[i] = bound
	}
	all, at := make([]int64, len(order)), int64(0)
	for i, op := range order {
		at = max(at, op.call)
		if op.effect > at && op.effect <= latest[i] {
			at = op.effect
		}
		all[i] = at
	}
	return all
}
