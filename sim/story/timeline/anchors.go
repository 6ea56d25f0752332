package timeline

import (
	"sort"

	"github.com/windtunnel/windtunnel/sim/trace"
)

// anchors knows the events at which steps begin.
type anchors struct {
	events []row
	worlds []int // the first row of each World; all that is not drawn counts
	first  int   // the first that is drawn
}

func newAnchors(all []row, omitted int) anchors {
	a := anchors{events: all, worlds: []int{0}, first: omitted}
	last := uint64(0)
	for i, e := range all {
		if e.ID == 0 {
			continue
		}
		if e.ID <= last {
			a.worlds = append(a.worlds, i)
		}
		last = e.ID
	}
	return a
}

// find returns the row at which a moment's step begins, or what came next.
func (a anchors) find(stamp trace.Stamp) int {
	world := min(stamp.World, len(a.worlds)-1)
	from, to := a.worlds[world], len(a.events)
	if world+1 < len(a.worlds) {
		to = a.worlds[world+1]
	}
	events := a.events[from:to]
	at := sort.Search(len(events), func(i int) bool { return events[i].Step >= stamp.Step })
	for i := at; i < len(events) && events[i].Step == stamp.Step; i++ {
		if events[i].Kind == trace.Step { // what stands before it was decided about it
			at = i
			break
		}
	}
	return from + min(at, len(events)-1)
}

// event is where a moment is drawn.
func (a anchors) event(stamp trace.Stamp) int { return max(0, a.find(stamp)-a.first) }

// before tells a moment that came before all that is drawn.
func (a anchors) before(stamp trace.Stamp) bool { return a.find(stamp) < a.first }
