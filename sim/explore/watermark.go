package explore

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Watermark is the largest value that something named came to.
type Watermark struct {
	Name  string // with the unit: "lateness of an entry, ms"
	Value int64
}

// Highest is the largest value of all runs, and the seed of the earliest that came to it.
type Highest struct {
	Watermark
	Seed  uint64
	Index int // of the run, from 0
	// Mutated says that guidance made the run: its seed alone does not come to it.
	Mutated bool
}

// passes tells whether it counts instead of another: where two runs came as far, the earlier one does.
func (h Highest) passes(other Highest) bool {
	return h.Value > other.Value || h.Value == other.Value && h.Index < other.Index
}

// rise takes the watermarks of a run into account.
func (t *tally) rise(ran Ran) {
	for _, mark := range ran.Outcome.Watermarks {
		h := Highest{mark, ran.Seed, ran.Index, ran.Mutated()}
		if known, ok := t.highest[mark.Name]; !ok || h.passes(known) {
			t.highest[mark.Name] = h
		}
	}
}

func highest(marks map[string]Highest) []Highest {
	return slices.SortedFunc(maps.Values(marks), func(a, b Highest) int {
		return strings.Compare(a.Name, b.Name)
	})
}

// TellWatermarks says in a line how high each went and by which seed; empty without any.
func (r Report) TellWatermarks() string {
	var all []string
	for _, h := range r.Watermarks {
		all = append(all, fmt.Sprintf("%s %d (%s)", h.Name, h.Value, h.Whose()))
	}
	return strings.Join(all, "; ")
}

// Whose names the run that came so high.
func (h Highest) Whose() string {
	if h.Mutated {
		return fmt.Sprintf("run %d, which guidance made", h.Index+1)
	}
	return fmt.Sprintf("seed %d", h.Seed)
}
