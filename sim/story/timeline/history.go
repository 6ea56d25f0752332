package timeline

import (
	"cmp"
	"slices"

	"github.com/windtunnel/windtunnel/sim/linear"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// historyData is a history, or the part of one that is judged by itself, in columns: the n-th of each is
// operation n's, in the order called.
type historyData struct {
	Name    string   `json:"name"`
	Verdict string   `json:"verdict"`
	Told    string   `json:"told"` // why, or what is left out
	Lanes   []string `json:"lanes"`
	Texts   []string `json:"texts"`
	// Marks are what happens to operations, one after the other: the event of each, as the difference to that
	// of the one before.
	Marks []int `json:"marks"`

	Client []int `json:"client"`
	Lane   []int `json:"lane"`
	Asked  []int `json:"asked"`
	Answer []int `json:"answer"`
	Ending []int `json:"ending"`
	Call   []int `json:"call"`  // a mark
	End    []int `json:"end"`   // a mark, or -1
	Seen   []int `json:"seen"`  // the mark of its effect, or -1
	Point  []int `json:"point"` // the mark of its place in the order, or -1
	Order  []int `json:"order"` // its number there, from 1; 0: it has none

	Broken int   `json:"broken"` // whose answer has no place, or -1
	With   []int `json:"with"`   // what it contradicts
}

// marked is something that happens to an operation of a part.
type marked struct {
	position int64
	kind     markKind
	nth      int // of a point: in the order
	of       int // the operation, by its place in the part
}

type markKind uint8

// What happens at one position is in this order: a point is after the call and before the end that it is at.
const (
	called markKind = iota
	seen
	pointed
	ended
)

func (p *part) lay(at anchors) historyData {
	h := historyData{Name: p.name, Lanes: []string{}, Texts: []string{}, Broken: none, With: []int{}}
	h.Verdict, h.Told = p.told()
	place := map[int]int{} // of an operation in the part
	texts := map[string]int{}
	text := func(s string) int {
		i, known := texts[s]
		if !known {
			i = len(h.Texts)
			texts[s] = i
			h.Texts = append(h.Texts, s)
		}
		return i
	}
	stamps := map[int64]trace.Stamp{}
	var marks []marked
	mark := func(stamp trace.Stamp, kind markKind, of int) {
		if stamp.Position != 0 {
			stamps[stamp.Position] = stamp
			marks = append(marks, marked{position: stamp.Position, kind: kind, of: of})
		}
	}
	for n, i := range p.operations {
		op := p.Judged.Operations[i]
		place[i] = n
		h.Client = append(h.Client, op.Client)
		h.Asked = append(h.Asked, text(linear.Asked(op)))
		h.Answer = append(h.Answer, text(linear.Answered(op)))
		h.Ending = append(h.Ending, int(op.Ending))
		mark(op.Called, called, n)
		mark(op.Effect, seen, n)
		mark(op.Ended, ended, n)
	}
	for nth, i := range p.Order {
		if of, drawn := place[i]; drawn {
			marks = append(marks, marked{p.Points[nth], pointed, nth + 1, of})
		}
	}
	h.mark(marks, p.stampsOf(stamps), at)
	h.spread(p.Judged.Operations, p.operations)
	h.blame(p, place)
	return h
}

// blame says which operations contradict each other.
func (h *historyData) blame(p *part, place map[int]int) {
	first, with := none, p.denied
	if p.Broken != nil {
		first, with = p.Broken.Operation, p.Broken.With
	} else if len(with) > 0 {
		first = with[0]
	}
	if of, drawn := place[first]; drawn {
		h.Broken = of
	}
	for _, i := range with {
		if of, drawn := place[i]; drawn {
			h.With = append(h.With, of)
		}
	}
}

// stampsOf adds those of operations that are not drawn: a point may be at the call of one.
func (p *part) stampsOf(drawn map[int64]trace.Stamp) map[int64]trace.Stamp {
	for _, i := range p.Part.Operations {
		for _, stamp := range []trace.Stamp{p.Judged.Operations[i].Called, p.Judged.Operations[i].Effect} {
			drawn[stamp.Position] = stamp
		}
	}
	return drawn
}

// mark puts marks in their order, and each at its event.
func (h *historyData) mark(marks []marked, stamps map[int64]trace.Stamp, at anchors) {
	slices.SortFunc(marks, func(a, b marked) int {
		return cmp.Or(cmp.Compare(a.position, b.position), cmp.Compare(a.kind, b.kind),
			cmp.Compare(a.nth, b.nth))
	})
	n := len(h.Client)
	h.Call, h.End, h.Seen, h.Point = absent(n), absent(n), absent(n), absent(n)
	h.Order, h.Marks = make([]int, n), make([]int, 0, len(marks))
	before := 0
	for i, m := range marks {
		event := at.event(stamps[m.position])
		h.Marks = append(h.Marks, event-before)
		before = event
		switch m.kind {
		case called:
			h.Call[m.of] = i
		case ended:
			h.End[m.of] = i
		case seen:
			h.Seen[m.of] = i
		case pointed:
			h.Point[m.of], h.Order[m.of] = i, m.nth
		}
	}
}

func absent(n int) []int { return slices.Repeat([]int{none}, n) }
