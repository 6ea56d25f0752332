package model

import (
	"fmt"

	"github.com/anishathalye/porcupine"

	"github.com/windtunnel/windtunnel/sim/check"
)

// object is the model of an object that begins as initial. step says whether an input may be answered with an
// output, and what the object is then.
func object[S comparable](initial S, step func(state S, input, output any) (S, bool)) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return initial },
		Step: func(state, input, output any) (bool, any) {
			after, legal := step(state.(S), input, output)
			return legal, after
		},
		DescribeOperation: describe,
	}
}

// said tells whether an output is the one that is right, as far as anybody saw it.
func said[T comparable](output any, right T) bool { return lost(output) || output == any(right) }

// nothing tells whether no answer was given, or none was seen.
func nothing(output any) bool { return output == nil || lost(output) }

func lost(output any) bool {
	_, is := output.(check.NoAnswer)
	return is
}

// describe is an operation in words.
func describe(input, output any) string {
	switch {
	case output == nil:
		return fmt.Sprint(input)
	case lost(output):
		return fmt.Sprintf("%v, no answer", input)
	}
	return fmt.Sprintf("%v: %v", input, output)
}

// partition is a history by what its inputs are of, in the order in which those first appear.
func partition(of func(input any) any) func([]porcupine.Operation) [][]porcupine.Operation {
	return func(history []porcupine.Operation) (parts [][]porcupine.Operation) {
		places := map[any]int{}
		for _, op := range history {
			key := of(op.Input)
			place, known := places[key]
			if !known {
				place = len(parts)
				places[key] = place
				parts = append(parts, nil)
			}
			parts[place] = append(parts[place], op)
		}
		return parts
	}
}

// Maybe is a value, or that there is none.
type Maybe[V comparable] struct {
	Value V
	Found bool
}

// Some is a value that is there.
func Some[V comparable](value V) Maybe[V] { return Maybe[V]{value, true} }

// None is no value.
func None[V comparable]() Maybe[V] { return Maybe[V]{} }

func (m Maybe[V]) String() string {
	if !m.Found {
		return "nothing"
	}
	return fmt.Sprint(m.Value)
}
