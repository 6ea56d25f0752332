package model

import (
	"fmt"

	"github.com/anishathalye/porcupine"
)

// Register is one value that is read and written.
//
//	Read{}                 returns a V: what was written last, or initial
//	Write[V]{Value}        returns nothing
//	CompareAndSet[V]{...}  returns a bool: whether it found Old, and wrote New
func Register[V comparable](initial V) porcupine.Model {
	return object(initial, func(value V, input, output any) (V, bool) {
		switch in := input.(type) {
		case Read:
			return value, said(output, value)
		case Write[V]:
			return in.Value, nothing(output)
		case CompareAndSet[V]:
			if value != in.Old {
				return value, said(output, false)
			}
			return in.New, said(output, true)
		}
		return value, false
	})
}

// Read asks for a register's value.
type Read struct{}

func (Read) String() string { return "read" }

// Write gives a register a value.
type Write[V comparable] struct{ Value V }

func (w Write[V]) String() string { return fmt.Sprintf("write %v", w.Value) }

// CompareAndSet gives a register the value New if it has the value Old.
type CompareAndSet[V comparable] struct{ Old, New V }

func (c CompareAndSet[V]) String() string { return fmt.Sprintf("set %v if %v", c.New, c.Old) }
