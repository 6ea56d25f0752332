package linear

import (
	"reflect"
	"slices"
)

// Bounds of what is told.
const (
	mostTold  = 4  // right answers, and states
	mostTried = 64 // answers that are tried
)

// blame finds out what contradicts an answer that nothing explains, and what would have been right.
func (m *model) blame(operations []operation, found finding) *Contradiction {
	c := &Contradiction{Operation: found.blocked.index}
	for _, state := range found.states {
		c.States = append(c.States, m.DescribeState(state))
	}
	until := m.before(operations, found.blocked)
	c.With = indices(until.fewest().operations)
	for _, answer := range answers(operations, until.last()) {
		if len(c.Right) == mostTold {
			break
		}
		text := said(answer)
		if !slices.Contains(c.Right, text) && until.answered(answer).holds() {
			c.Right = append(c.Right, text)
		}
	}
	return c
}

// claim is operations up to an answer that nothing explains. Those that end later need not have a place.
type claim struct {
	*model
	operations []operation
	about      int // the index of whose answer it is
	// late says that the answer has an order if its operation may have happened at any time. Then it does so
	// also in what the claim is reduced to: a value that was overwritten does not become one that never was.
	late bool
}

func (m *model) before(operations []operation, blocked *operation) claim {
	c := claim{model: m, about: blocked.index}
	for _, op := range operations {
		if op.call < blocked.end {
			op.waits = op.end > blocked.end
			c.operations = append(c.operations, op)
		}
	}
	c.late = c.anytime().holds()
	return c
}

func (c claim) last() operation {
	return c.operations[slices.IndexFunc(c.operations, c.isIt)]
}

func (c claim) isIt(op operation) bool { return op.index == c.about }

// holds tells whether there is an order. It is false if the trials are used up.
func (c claim) holds() bool { return c.search(c.operations).whole && c.left >= 0 }

// without leaves out the operation whose answer it is.
func (c claim) without() claim {
	c.operations = slices.DeleteFunc(slices.Clone(c.operations), c.isIt)
	return c
}

// with changes the operation whose answer it is.
func (c claim) with(change func(op *operation)) claim {
	c.operations = slices.Clone(c.operations)
	change(&c.operations[slices.IndexFunc(c.operations, c.isIt)])
	return c
}

// answered is the claim with another answer.
func (c claim) answered(output any) claim {
	return c.with(func(op *operation) { op.output = output })
}

// anytime is the claim if its answer was given to a call that was there from the start, and whose end is not
// known.
func (c claim) anytime() claim {
	free := c.with(func(op *operation) { op.call, op.end = 0, never })
	slices.SortStableFunc(free.operations, byCall)
	return free
}

// fewest leaves out operations as long as the others still contradict the answer: halves first, single ones
// until none can be spared, for one may be only when another has gone.
func (c claim) fewest() claim {
	for size := (len(c.operations) + 1) / 2; size > 0; {
		before := len(c.operations)
		for end := len(c.operations); end > 0 && c.left >= 0; end -= size {
			start := max(0, end-size)
			fewer := c
			fewer.operations = slices.Clone(c.operations[:start])
			for i := start; i < len(c.operations); i++ {
				if i >= end || c.isIt(c.operations[i]) {
					fewer.operations = append(fewer.operations, c.operations[i])
				}
			}
			if len(fewer.operations) < len(c.operations) && fewer.contradicts() {
				c = fewer
			}
		}
		if size > 1 || len(c.operations) == before {
			size /= 2
		}
	}
	return c
}

// contradicts tells whether the operations have an order, and none with the answer.
func (c claim) contradicts() bool {
	if !c.without().holds() || c.late && !c.anytime().holds() {
		return false
	}
	return !c.holds() && c.left >= 0
}

// answers are those that an operation might have had: what others were given that asked alike, what is in
// any question, and nothing.
func answers(operations []operation, op operation) []any {
	var all []any
	known := map[string]bool{said(op.output): true}
	add := func(answer any) {
		if text := said(answer); !known[text] && len(all) < mostTried {
			known[text] = true
			all = append(all, answer)
		}
	}
	wanted := reflect.TypeOf(op.output)
	for _, other := range slices.Backward(operations) {
		if reflect.TypeOf(other.input) == reflect.TypeOf(op.input) && !other.lost {
			add(other.output)
		}
		in := reflect.ValueOf(other.input)
		for i := 0; wanted != nil && in.Kind() == reflect.Struct && i < in.NumField(); i++ {
			if field := in.Field(i); field.Type() == wanted && field.CanInterface() {
				add(field.Interface())
			}
		}
	}
	return slices.Concat(all, plain(wanted))
}

// plain are answers that are there without anybody's giving them. Of what may be nil there is none: a model
// need not expect it.
func plain(wanted reflect.Type) []any {
	if wanted == nil {
		return nil
	}
	zero := reflect.New(wanted).Elem()
	switch wanted.Kind() {
	case reflect.Bool:
		return []any{zero.Interface(), reflect.ValueOf(true).Convert(wanted).Interface()}
	case reflect.String, reflect.Struct, reflect.Int, reflect.Int64, reflect.Uint64:
		return []any{zero.Interface()}
	}
	return nil
}
