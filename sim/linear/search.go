package linear

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/anishathalye/porcupine"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// model is a porcupine.Model that counts how often it is asked.
type model struct {
	porcupine.Model
	left int // trials
}

func newModel(of porcupine.Model) *model {
	m := &model{Model: of, left: mostTrials}
	if m.Step == nil {
		m.Step = func(state, input, output any) (bool, any) {
			return of.StepContext(context.Background(), state, input, output)
		}
	}
	if m.Equal == nil {
		m.Equal = func(a, b any) bool { return a == b }
	}
	if m.DescribeState == nil {
		m.DescribeState = func(state any) string { return fmt.Sprint(state) }
	}
	return m
}

// finding is what a search came to.
type finding struct {
	whole   bool
	order   []operation // that explains every answer before that of blocked, or all
	blocked *operation  // the first whose answer nothing explains; nil if whole, or if trials were used up
	states  []any       // in which it was tried
}

// search looks for an order as porcupine does, operation by operation and back where nothing goes on, and
// remembers how far it came: the first end that no attempt passes is that of the answer which nothing
// explains. It tries first what is over first, by its effect or its answer.
//
// Operations are sorted by their calls. What waits may be placed or not.
func (m *model) search(operations []operation) finding {
	s := &search{model: m, dead: map[[2]uint64][]any{}, furthest: -1}
	s.lineUp(operations)
	if s.from(m.Init()) {
		return finding{whole: true, order: s.placed}
	}
	found := finding{order: s.best, states: s.states}
	if m.left >= 0 {
		found.blocked = s.blocked
	}
	return found
}

type search struct {
	*model
	line   entry // before the first call or end of what ends and has no place yet
	open   entry // before the first call of what does not end, or waits
	placed []operation
	key    [2]uint64           // of the set of what is placed
	dead   map[[2]uint64][]any // states from which nothing goes on, by key

	furthest int64 // end that no attempt passed
	blocked  *operation
	best     []operation
	states   []any
}

// entry is a call or an end in a line of those that are not placed.
type entry struct {
	op         *operation
	position   int64
	isEnd      bool
	key        [2]uint64
	end        *entry // of a call; nil: it waits
	prev, next *entry
}

func (s *search) lineUp(operations []operation) {
	var line, open []*entry
	for i := range operations {
		op := &operations[i]
		n := uint64(i)
		call := &entry{op: op, position: op.call, key: [2]uint64{choice.Mix(n, 1), choice.Mix(n, 2)}}
		if !op.waits {
			call.end = &entry{op: op, position: op.end, isEnd: true}
			line = append(line, call.end)
		}
		if op.waits || op.end == never {
			open = append(open, call)
		} else {
			line = append(line, call)
		}
	}
	s.line.follow(line)
	s.open.follow(open)
}

func (e *entry) follow(all []*entry) {
	slices.SortStableFunc(all, func(a, b *entry) int { return cmp.Compare(a.position, b.position) })
	for _, next := range all {
		e.next, next.prev = next, e
		e = next
	}
}

// trial is an operation that may be next.
type trial struct {
	*entry
	after any
	still bool // it changes nothing, and nobody saw when it took effect
}

// from places what is not placed, from a state on. What does not end is tried last, and in the order called:
// most of it is seen by nobody.
func (s *search) from(state any) bool {
	trials, blocked := s.trials(state)
	if blocked == nil {
		return true
	}
	for _, t := range trials {
		if s.leadsOn(t.entry, t.after) {
			return true
		}
	}
	for e := s.open.next; e != nil && e.position < blocked.position && s.left >= 0; e = e.next {
		s.left--
		if legal, after := s.Step(state, e.op.input, e.op.output); legal && s.leadsOn(e, after) {
			return true
		}
	}
	s.note(blocked, state) // only now: on the way to an order there is nothing to remember
	return false
}

// leadsOn places an operation and then all others, or nothing.
func (s *search) leadsOn(e *entry, after any) bool {
	if s.left < 0 {
		return false
	}
	s.take(e)
	if !s.isDead(after) {
		if s.from(after) {
			return true
		}
		s.dead[s.key] = append(s.dead[s.key], after)
	}
	s.putBack(e)
	return false
}

// trials are the operations that may be next and have an end, the likeliest first; and the end before which
// one must be.
func (s *search) trials(state any) (all []trial, blocked *entry) {
	e := s.line.next
	for ; e != nil && !e.isEnd; e = e.next {
		s.left--
		if legal, after := s.Step(state, e.op.input, e.op.output); legal {
			all = append(all, trial{e, after, e.op.effect == 0 && s.Equal(state, after)})
		}
	}
	slices.SortStableFunc(all, func(a, b trial) int {
		return cmp.Or(first(a.still, b.still), cmp.Compare(a.over(), b.over()))
	})
	return all, e
}

func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// over is when an operation has happened at the latest.
func (e *entry) over() int64 {
	if e.op.effect != 0 {
		return e.op.effect
	}
	return e.op.end
}

// note remembers how far the search came, where it goes on no further.
func (s *search) note(blocked *entry, state any) {
	if blocked.position > s.furthest {
		s.furthest, s.blocked = blocked.position, blocked.op
		s.best, s.states = slices.Clone(s.placed), nil
	}
	known := func(other any) bool { return s.Equal(state, other) }
	if blocked.op == s.blocked && len(s.states) < mostTold && !slices.ContainsFunc(s.states, known) {
		s.states = append(s.states, state)
	}
}

func (s *search) isDead(state any) bool {
	return slices.ContainsFunc(s.dead[s.key], func(other any) bool { return s.Equal(state, other) })
}

func (s *search) take(e *entry) {
	s.placed = append(s.placed, *e.op)
	s.mark(e)
	e.unlink()
	if e.end != nil {
		e.end.unlink()
	}
}

func (s *search) putBack(e *entry) {
	s.placed = s.placed[:len(s.placed)-1]
	s.mark(e)
	if e.end != nil {
		e.end.link()
	}
	e.link()
}

func (s *search) mark(e *entry) {
	s.key[0] ^= e.key[0]
	s.key[1] ^= e.key[1]
}

func (e *entry) unlink() {
	e.prev.next = e.next
	if e.next != nil {
		e.next.prev = e.prev
	}
}

func (e *entry) link() {
	e.prev.next = e
	if e.next != nil {
		e.next.prev = e
	}
}
