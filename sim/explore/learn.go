package explore

import (
	"maps"
	"math/bits"
	"slices"
	"sync"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// lesson is what a strategy may know of its body before it makes choices: what one run of it was like.
type lesson struct {
	decisions int            // between ready tasks
	shared    []choice.Steps // of each thing that two or more tasks touched: in which of their steps
}

// unlearnt is what there is to know where no run has been seen.
func unlearnt() lesson { return lesson{decisions: UnknownDecisions} }

// For returns the strategy for runs of one body. Where it needs to know what they are like, it learns that
// from a run of its own, made when it is first needed: not from the campaign's other runs, because then a
// seed would mean something else in another campaign, or with other runs at once.
func (s Strategy) For(body Body) Strategy {
	return s.learning(sync.OnceValue(func() lesson { return learn(body) }))
}

func (s Strategy) learning(from func() lesson) Strategy {
	if s.parts == nil {
		return s.taught(from)
	}
	parts := make([]Strategy, len(s.parts))
	for i, part := range s.parts {
		parts[i] = part.learning(from)
	}
	return portfolio(s.Name, parts...)
}

// learn watches one run.
func learn(body Body) lesson {
	l := &learner{
		Chooser: choice.NewSeeded(0), picker: choice.NewPOS(0).Picker(),
		homes: make(map[uint64]choice.Steps),
	}
	body(l, false)
	if l.decisions == 0 {
		return unlearnt() // it has no World, or failed too early
	}
	return lesson{decisions: l.decisions, shared: l.shared()}
}

// learner counts the moments at which two or more tasks are ready, and sees what their steps touch. That of a
// run's last step it does not see.
type learner struct {
	choice.Chooser
	picker    choice.Picker
	decisions int
	last      choice.Ready
	things    [64]choice.Steps        // by the bit of choice.Touched
	homes     map[uint64]choice.Steps // all steps of a home share its memory
}

func (l *learner) Picker() choice.Picker { return l }

func (l *learner) Next(ready []choice.Ready, touched choice.Touched) int {
	if len(ready) > 1 {
		l.decisions++
	}
	if l.last.Stream != nil && touched != choice.Everything {
		for left := uint64(touched); left != 0; left &= left - 1 {
			add(&l.things[bits.TrailingZeros64(left)], l.last)
		}
	}
	at := l.picker.Next(ready, touched)
	l.last = ready[at]
	home := l.homes[l.last.Home]
	add(&home, l.last)
	l.homes[l.last.Home] = home
	return at
}

func add(steps *choice.Steps, task choice.Ready) {
	if *steps == nil {
		*steps = make(choice.Steps)
	}
	id := task.Stream.ID()
	(*steps)[id] = append((*steps)[id], task.N)
}

// shared is what more than one task touched: things first, then homes.
func (l *learner) shared() []choice.Steps {
	all := l.things[:]
	for _, home := range slices.Sorted(maps.Keys(l.homes)) {
		all = append(all, l.homes[home])
	}
	return slices.DeleteFunc(all, func(s choice.Steps) bool { return len(s) < 2 })
}
