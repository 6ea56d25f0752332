package stats

import (
	"cmp"
	"slices"
	"strings"
)

// Books is what the owner of a job counted, and what it knows of what it did not.
type Books struct {
	Applied    Counts                    // the newest revisions of all windows + Unwindowed
	Unwindowed [UnwindowedReasons]Counts // the part of it that is in no window
	Late       uint64                    // entries for a closed window
	Lateness   Sketch                    // how long after the window's end each of them came
	Results    [Results]uint64           // what became of the entries
	Evicted    uint64                    // windows that went into Unwindowed because too many were held
	Accounts   []Account                 // a stream each, ascending
}

// Account is one stream in the books.
type Account struct {
	Stream   Stream
	Source   Source
	Last     uint64 // the last applied entry
	Applied  Counts // cumulative
	Position uint64 // of the schedule, in that entry
	Final    bool   // it has said all
	Closed   bool
	Broken   string // why it was broken; empty if it was not

	RefusedEntries uint64 // that came after it was closed
	Answered       bool   // its worker said what it counted in all:
	Refused        Counts // this beyond Applied
	Unknown        uint64 // no answer: at most so many arrivals were executed beyond Applied
	Uncounted      bool   // and some that nobody can count

	Covered  uint64 // windows in which it counts
	Expected uint64 // windows in which it should
	Merged   uint64 // cut entries that were merged into others
}

// Total is what was applied of one workflow in one datacenter.
type Total struct {
	Datacenter string
	Workflow   string
	Unwindowed Counts // the part of the tally's that is in no window
	Tally      Tally
}

// UnwindowedTotal is the sum of Unwindowed over its reasons.
func (b *Books) UnwindowedTotal() (sum Counts) {
	for _, c := range b.Unwindowed {
		sum, _ = sum.Add(c) // it fits: each entry adds to one reason, and Applied fits
	}
	return sum
}

// Books returns the books as they stand. It costs what there are streams.
func (c *Collector) Books() Books {
	b := Books{
		Applied: c.total, Unwindowed: c.outside, Late: c.late, Lateness: c.lag.Clone(),
		Results: c.results, Evicted: c.evicted,
	}
	for _, s := range c.ordered {
		b.Accounts = append(b.Accounts, s.account())
	}
	slices.SortFunc(b.Accounts, func(x, y Account) int { return x.Stream.Compare(y.Stream) })
	return b
}

func (s *stream) account() Account {
	a := Account{
		Stream: s.id, Source: s.source, Last: s.next - 1, Applied: s.cumulative, Position: s.position,
		Final: s.final, Closed: s.closed, RefusedEntries: s.refusals, Answered: s.answered,
		Covered: s.covered, Expected: s.expected(), Merged: s.merged,
	}
	if s.broken != nil {
		a.Broken = s.broken.Error()
	}
	switch {
	case s.answered:
		a.Refused, _ = s.statement.Sub(s.cumulative)
	case s.closed && !s.final:
		a.Unknown = max(s.position, s.due.Arrivals) - s.cumulative.Planned()
		a.Uncounted = s.due.Uncounted
	}
	return a
}

// expected is how many windows the stream has lived through: to its last entry, or to its close if it
// never said that it was the last.
func (s *stream) expected() uint64 {
	first, last := s.opened, s.ended
	if s.next > 1 {
		first = s.first
	}
	if !s.closed || s.final {
		last = s.k
	}
	if s.next > 1 {
		last = max(last, s.k)
	} else if !s.closed {
		return 0
	}
	return uint64(max(0, last-first+1))
}

// Totals returns what was applied, ascending by datacenter and workflow. It costs a merge for each held
// window.
func (c *Collector) Totals() []Total {
	totals := make([]Total, len(c.groups))
	for i, g := range c.groups {
		totals[i] = Total{g.datacenter, g.workflow, g.outside, Tally{Measures: g.measures.Clone()}}
	}
	for _, s := range c.ordered {
		t := &totals[s.group].Tally
		t.Counts, _ = t.Counts.Add(s.cumulative) // it fits: it is a part of the total
	}
	for _, h := range c.held {
		for i := range h.w.parts {
			totals[i].Tally.Measures.Merge(&h.w.parts[i].tally.Measures)
		}
	}
	slices.SortFunc(totals, func(a, b Total) int {
		return cmp.Or(strings.Compare(a.Datacenter, b.Datacenter), strings.Compare(a.Workflow, b.Workflow))
	})
	return totals
}

// TakeSlots returns the slots that changed since it was last called, for Shared.Merge.
func (c *Collector) TakeSlots() []Slot {
	slots := make([]Slot, len(c.changed))
	for i, s := range c.changed {
		slots[i] = Slot{s.id, s.next - 1, s.cumulative}
		s.changed = false
	}
	c.changed = c.changed[:0]
	return slots
}
