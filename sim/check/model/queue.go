package model

import (
	"fmt"
	"slices"

	"github.com/anishathalye/porcupine"
)

// Queue is first in, first out. It is empty to begin with, and has no bound.
//
//	Enqueue[V]{Value}  returns nothing
//	Dequeue{}          returns a Maybe[V]: None if the queue is empty
//
// One queue is judged as a whole: what cannot be decided early is costly to judge. A history of more than a
// few thousand operations needs to know their effects (check.Operation.TookEffect).
func Queue[V comparable]() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return []V(nil) },
		Step: func(state, input, output any) (bool, any) {
			queued := state.([]V)
			switch in := input.(type) {
			case Enqueue[V]:
				return nothing(output), append(slices.Clip(queued), in.Value)
			case Dequeue:
				if len(queued) == 0 {
					return said(output, None[V]()), queued
				}
				return said(output, Some(queued[0])), queued[1:]
			}
			return false, queued
		},
		Equal:             func(a, b any) bool { return slices.Equal(a.([]V), b.([]V)) },
		DescribeOperation: describe,
	}
}

// Enqueue puts a value behind the others.
type Enqueue[V comparable] struct{ Value V }

// Dequeue takes the first value.
type Dequeue struct{}

func (e Enqueue[V]) String() string { return fmt.Sprintf("enqueue %v", e.Value) }
func (Dequeue) String() string      { return "dequeue" }
