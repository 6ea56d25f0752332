package model

import (
	"fmt"

	"github.com/anishathalye/porcupine"
)

// Log is records in an order, each at its position for ever: positions count from 0. There is none to begin
// with.
//
//	Append[V]{Value}  returns an int: the position that the record has
//	ReadFrom{...}     returns a []V: the records from a position on to the last, or as many as were asked
//	                  for; nil or an empty slice if there is none
func Log[V comparable]() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return (*record[V])(nil) },
		Step: func(state, input, output any) (bool, any) {
			last := state.(*record[V])
			switch in := input.(type) {
			case Append[V]:
				return said(output, last.length()), &record[V]{last, last.length(), in.Value}
			case ReadFrom:
				values, answered := output.([]V)
				return lost(output) || answered && last.reads(in, values), last
			}
			return false, last
		},
		Equal:             func(a, b any) bool { return a.(*record[V]).equal(b.(*record[V])) },
		DescribeOperation: describe,
		DescribeState: func(state any) string {
			return fmt.Sprintf("%d records", state.(*record[V]).length())
		},
	}
}

// record is a log, by its last record. Logs share what they have in common, so that an append costs nothing.
type record[V comparable] struct {
	before   *record[V]
	position int
	value    V
}

func (r *record[V]) length() int {
	if r == nil {
		return 0
	}
	return r.position + 1
}

// reads tells whether values are what is read.
func (r *record[V]) reads(in ReadFrom, values []V) bool {
	want := max(r.length()-in.From, 0)
	if in.Most > 0 {
		want = min(want, in.Most)
	}
	if in.From < 0 || len(values) != want {
		return false
	}
	end := in.From + want
	for ; r != nil && r.position >= in.From; r = r.before {
		if r.position < end && r.value != values[r.position-in.From] {
			return false
		}
	}
	return true
}

func (r *record[V]) equal(s *record[V]) bool {
	if r.length() != s.length() {
		return false
	}
	for ; r != s; r, s = r.before, s.before {
		if r.value != s.value {
			return false
		}
	}
	return true
}

// Append puts a record behind the others.
type Append[V comparable] struct{ Value V }

// ReadFrom asks for records from a position on, and for Most of them; zero is without bound.
type ReadFrom struct{ From, Most int }

func (a Append[V]) String() string { return fmt.Sprintf("append %v", a.Value) }

func (r ReadFrom) String() string {
	if r.Most == 0 {
		return fmt.Sprintf("read from %d", r.From)
	}
	return fmt.Sprintf("read %d from %d", r.Most, r.From)
}
