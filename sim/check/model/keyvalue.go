package model

import (
	"fmt"

	"github.com/anishathalye/porcupine"
)

// KeyValue is values by key, each key judged by itself. There is none to begin with.
//
//	Get{Key}         returns a Maybe[V]
//	Put[V]{...}      returns nothing
//	Delete{Key}      returns nothing
//	PutIf[V]{...}    returns a bool: whether it found Old, and put New
func KeyValue[V comparable]() porcupine.Model {
	m := object(None[V](), func(value Maybe[V], input, output any) (Maybe[V], bool) {
		switch in := input.(type) {
		case Get:
			return value, said(output, value)
		case Put[V]:
			return Some(in.Value), nothing(output)
		case Delete:
			return None[V](), nothing(output)
		case PutIf[V]:
			if value != in.Old {
				return value, said(output, false)
			}
			return Some(in.New), said(output, true)
		}
		return value, false
	})
	m.Partition = partition(func(input any) any {
		if in, ok := input.(interface{ key() string }); ok {
			return in.key()
		}
		return nil
	})
	return m
}

// Get asks for the value of a key.
type Get struct{ Key string }

// Put gives a key a value.
type Put[V comparable] struct {
	Key   string
	Value V
}

// Delete takes a key's value away, if there is one.
type Delete struct{ Key string }

// PutIf gives a key the value New if what it has is Old; None stands for a key without a value.
type PutIf[V comparable] struct {
	Key string
	Old Maybe[V]
	New V
}

func (g Get) key() string      { return g.Key }
func (p Put[V]) key() string   { return p.Key }
func (d Delete) key() string   { return d.Key }
func (p PutIf[V]) key() string { return p.Key }

func (g Get) String() string      { return "get " + g.Key }
func (p Put[V]) String() string   { return fmt.Sprintf("put %s=%v", p.Key, p.Value) }
func (d Delete) String() string   { return "delete " + d.Key }
func (p PutIf[V]) String() string { return fmt.Sprintf("put %s=%v if %v", p.Key, p.New, p.Old) }
