package choice

import (
	"maps"
	"slices"
)

// Replayer answers from recorded answers. What was not recorded gets the quiet answer, or another chooser's.
type Replayer struct {
	answers    map[string]int
	elsewhere  Chooser // nil: 0
	asked      map[string]bool
	outOfRange map[string]bool
}

// NewReplayer answers from recorded, by key; elsewhere answers the other questions, 0 if it is nil. It does not
// change recorded.
func NewReplayer(recorded map[string]int, elsewhere Chooser) *Replayer {
	return &Replayer{
		answers:    maps.Clone(recorded),
		elsewhere:  elsewhere,
		asked:      make(map[string]bool, len(recorded)),
		outOfRange: make(map[string]bool),
	}
}

// Choose returns the recorded answer. One that is no longer in range counts as not recorded.
func (r *Replayer) Choose(c Choice) int {
	if len(r.asked) < len(r.answers) || len(r.answers) > 0 {
		key := c.Key()
		if answer, ok := r.answers[key]; ok {
			r.asked[key] = true
			if answer >= 0 && answer < c.Alternatives {
				return answer
			}
			r.outOfRange[key] = true
		}
	}
	if r.elsewhere == nil {
		return 0
	}
	return r.elsewhere.Choose(c)
}

// NeverAsked returns, sorted, the recorded keys that no question had: the program no longer makes those choices.
func (r *Replayer) NeverAsked() []string {
	var keys []string
	for key := range r.answers {
		if !r.asked[key] {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// OutOfRange returns, sorted, the recorded keys whose answer was not among the alternatives of the question.
func (r *Replayer) OutOfRange() []string { return slices.Sorted(maps.Keys(r.outOfRange)) }
