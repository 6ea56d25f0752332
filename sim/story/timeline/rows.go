package timeline

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/windtunnel/windtunnel/sim/trace"
)

// row is an event or, without being one, a choice. Choices that are told alike share one.
type row struct {
	trace.Event
	choices []trace.Choice
}

// kindChoice is the kind of a choice's row: the one after those of events.
const kindChoice = trace.KindCount

func (r row) kindName() string {
	if r.Kind == kindChoice {
		return "choice"
	}
	return r.Kind.String()
}

// newRows puts choices among the events, each where it took effect, and leaves out those whose time did not
// come.
func newRows(events []trace.Event, choices []trace.Choice) []row {
	happened := map[string]bool{} // by lane
	for _, e := range events {
		happened[e.Lane] = true
	}
	rows := make([]row, 0, len(events)+len(choices))
	for number, of := range worldsOf(events) {
		placed := placesIn(of, number, choices)
		for i := range len(of) + 1 {
			for len(placed) > 0 && placed[0].at == i {
				r := choiceRow(of, placed[0])
				if !happened[r.Lane] { // what was drawn for the whole run, or by its nemesis
					r.Lane, r.Text = "world", r.Lane+": "+r.Text
				}
				rows = append(rows, r)
				placed = placed[1:]
			}
			if i < len(of) {
				rows = append(rows, row{Event: of[i]})
			}
		}
	}
	return rows
}

// worldsOf parts a run's events by its Worlds: each numbers them anew.
func worldsOf(events []trace.Event) [][]trace.Event {
	var worlds [][]trace.Event
	first, last := 0, uint64(0)
	for i, e := range events {
		if e.ID == 0 {
			continue
		}
		if e.ID <= last {
			worlds = append(worlds, events[first:i])
			first = i
		}
		last = e.ID
	}
	return append(worlds, events[first:])
}

// placed is what stands before event number at.
type placed struct {
	at      int
	choices []trace.Choice
}

// placesIn finds the places of one World's choices: after the event that asked, and not before its time.
func placesIn(events []trace.Event, world int, choices []trace.Choice) []placed {
	numbered := make([]uint64, len(events)) // the last ID so far
	last := uint64(0)
	for i, e := range events {
		last = max(last, e.ID)
		numbered[i] = last
	}
	var all []placed
	for _, c := range choices {
		if c.World != world {
			continue
		}
		begun := sort.Search(len(events), func(i int) bool { return events[i].At >= c.At })
		if begun == len(events) {
			continue
		}
		asked := sort.Search(len(events), func(i int) bool { return numbered[i] > c.Event })
		all = append(all, placed{max(begun, asked), []trace.Choice{c}})
	}
	slices.SortStableFunc(all, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.at, b.at), strings.Compare(a.choices[0].Lane, b.choices[0].Lane),
			strings.Compare(a.choices[0].Text, b.choices[0].Text))
	})
	return shared(all)
}

// shared joins neighbours that are told alike.
func shared(all []placed) []placed {
	var joined []placed
	for _, p := range all {
		if n := len(joined); n > 0 && joined[n-1].at == p.at && joined[n-1].choices[0].Alike(p.choices[0]) {
			joined[n-1].choices = append(joined[n-1].choices, p.choices...)
		} else {
			joined = append(joined, p)
		}
	}
	return joined
}

// choiceRow is a choice as it is drawn: one about a link on its sender's lane.
func choiceRow(events []trace.Event, p placed) row {
	c := p.choices[0]
	e := trace.Event{Step: c.Step, At: c.At, Lane: c.Lane, Kind: kindChoice, Cause: c.Event, Text: c.Text}
	if p.at > 0 {
		before := events[p.at-1]
		e.At, e.Step = max(e.At, before.At), max(e.Step, before.Step)
	}
	if from, _, onLink := strings.Cut(c.Lane, " → "); onLink {
		e.Lane, e.Text = from, c.Lane+" "+c.Text
	}
	return row{e, p.choices}
}

// isOf tells whether a choice was asked about one of these kinds of things.
func (r row) isOf(kinds ...string) bool {
	if r.Kind != kindChoice {
		return false
	}
	kind, _, _ := strings.Cut(r.choices[0].Key, " ")
	return slices.Contains(kinds, kind)
}
