package model

import (
	"fmt"

	"github.com/anishathalye/porcupine"
)

// Set is values that are there or not, each judged by itself. None is to begin with.
//
//	Add[V]{Value}       returns a bool: whether it was not there before
//	Remove[V]{Value}    returns a bool: whether it was there before
//	Contains[V]{Value}  returns a bool
//
// An Add or a Remove of a system that does not tell that may return nil.
func Set[V comparable]() porcupine.Model {
	m := object(false, func(there bool, input, output any) (bool, bool) {
		switch input.(type) {
		case Add[V]:
			return true, nothing(output) || said(output, !there)
		case Remove[V]:
			return false, nothing(output) || said(output, there)
		case Contains[V]:
			return there, said(output, there)
		}
		return there, false
	})
	m.Partition = partition(func(input any) any {
		switch in := input.(type) {
		case Add[V]:
			return in.Value
		case Remove[V]:
			return in.Value
		case Contains[V]:
			return in.Value
		}
		return nil
	})
	return m
}

// Add puts a value into a set.
type Add[V comparable] struct{ Value V }

// Remove takes a value out of a set.
type Remove[V comparable] struct{ Value V }

// Contains asks whether a value is in a set.
type Contains[V comparable] struct{ Value V }

func (a Add[V]) String() string      { return fmt.Sprintf("add %v", a.Value) }
func (r Remove[V]) String() string   { return fmt.Sprintf("remove %v", r.Value) }
func (c Contains[V]) String() string { return fmt.Sprintf("contains %v", c.Value) }
