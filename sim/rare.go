package sim

import (
	"maps"
	"slices"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// Rare branches are FoundationDB's BUGGIFY: places where the program itself makes a bad day of a run, by
// doing something legal that it seldom does. A queue of 16 is full in every run, one of 4,096 in none.
//
// A point is drawn once a run, and not at every visit: what needs a small queue needs it to be small all the
// time. Every second run takes none at all, swarm-fashion, so that what small queues would prevent is looked
// for, too.

// rareOneIn is how seldom a point is taken in a run that takes some.
const rareOneIn = 4

// rarely is what a run has drawn about rare branches.
type rarely struct {
	asked   bool // whether it takes any is drawn
	any     bool
	answers map[string]bool
}

// rare answers core.Env.Rare for all nodes.
func (w *World) rare(point string) bool {
	taken, known := w.rarely.answers[point]
	if known {
		return taken
	}
	if w.rarely.answers == nil {
		w.rarely.answers = make(map[string]bool)
	}
	taken = w.config.Rare != "" && w.drawRare(point)
	w.rarely.answers[point] = taken
	return taken
}

// drawRare asks for a point, unless the run takes none.
func (w *World) drawRare(point string) bool {
	if !w.rarely.asked {
		w.rarely.asked = true
		w.rarely.any = w.chooseRare("", 1, 1, "rare branches are taken in this run")
	}
	return w.rarely.any && w.chooseRare(" "+point, rareOneIn-1, 1, "takes the rare branch "+point)
}

func (w *World) chooseRare(what string, no, yes uint32, text string) bool {
	s := w.stream(choice.Config, "rare "+w.config.Rare+what)
	answer := w.choose(s, 2, []uint32{no, yes})
	if w.Keeping() {
		w.tell(s, answer, w.now, w.lane.Name(), text)
	}
	return answer == 1
}

// RareBranch is a point at which nodes may take a rare branch, and whether they did in a run.
type RareBranch struct {
	Point string
	Taken bool
}

// RareBranches lists the points that nodes have asked about (core.Env.Rare), by name.
func (w *World) RareBranches() []RareBranch {
	var asked []RareBranch
	for _, point := range slices.Sorted(maps.Keys(w.rarely.answers)) {
		asked = append(asked, RareBranch{point, w.rarely.answers[point]})
	}
	return asked
}
