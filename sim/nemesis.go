package sim

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// nemesis is one call of Inject: what its schedule drew, and what became of it.
type nemesis struct {
	world    *World
	faults   Faults
	nodes    []string // that were there at Inject; a later one is not disturbed, but for partitions
	on       []drawnKind
	episodes []*episode
	begun    []*episode
	cutOff   []string // for good: see FaultCore
}

// drawnKind is a kind that is on in this run.
type drawnKind struct {
	kind     FaultKind
	strength int
}

// Inject lets a nemesis disturb the nodes that there are, as the run's schedule says. All that it will do is
// drawn now, and FaultSummary tells; each episode is an event of the trace when it begins and when it ends.
// An error names the field of faults that is out of bounds; nothing is injected then.
func (w *World) Inject(faults Faults) error {
	n := &nemesis{world: w, faults: faults.withDefaults()}
	for _, node := range w.nodes {
		n.nodes = append(n.nodes, node.name)
	}
	if err := n.faults.validate(n.nodes); err != nil {
		return err
	}
	label := "nemesis"
	if earlier := len(w.net.nemeses); earlier > 0 {
		label += "~" + strconv.Itoa(earlier+1)
	}
	w.net.nemeses = append(w.net.nemeses, n)
	for _, kind := range n.faults.Kinds {
		n.drawKind(draws{world: w, kind: kind, label: label + "/" + kind.String() + "/"})
	}
	slices.SortStableFunc(n.episodes, func(a, b *episode) int { return cmp.Compare(a.begin, b.begin) })
	for _, e := range n.episodes {
		w.net.after(e.begin-w.now, func() { n.begin(e) })
	}
	return nil
}

func (n *nemesis) drawKind(d draws) {
	on, strength := d.on(n.faults.NoSwarm)
	if !on {
		return
	}
	n.on = append(n.on, drawnKind{d.kind, strength})
	from, slots := n.faults.StartAfter, n.faults.Intensity
	if d.kind == FaultCore {
		from, slots = n.faults.Until, 1 // once, when all else is over
	}
	slot := (n.faults.Until - n.faults.StartAfter) / time.Duration(n.faults.Intensity)
	var drawn []*episode
	for i := range slots {
		start := n.world.now + from + time.Duration(i)*slot
		e := d.episode(start, slot)
		if e != nil && d.kind == FaultCore {
			e.begin = start
		}
		if e == nil {
			continue
		}
		e.strength, e.slot = strength, i
		if !n.aim(e) {
			continue
		}
		drawn = append(drawn, e)
	}
	n.episodes = append(n.episodes, drawn...)
	d.tellEpisodes(drawn, strength)
}

func (n *nemesis) begin(e *episode) {
	n.begun = append(n.begun, e)
	if e.kind == FaultCore {
		n.lose(e)
		n.world.net.traceFault(e.String())
		return
	}
	n.world.net.traceFault("begins: " + e.String())
	n.apply(e)
	n.world.net.after(e.end-n.world.now, func() {
		n.world.net.traceFault("ends: " + e.String())
		if e.undo != nil {
			e.undo()
			e.undo = nil
		}
	})
}

func (n *nemesis) apply(e *episode) {
	if e.kind.hitsNode() {
		n.applyToNode(e)
	} else {
		n.applyToLinks(e)
	}
}

// FaultCounts tells of every kind what happened so far, also of those that never occurred.
func (w *World) FaultCounts() []FaultCount {
	counts := make([]FaultCount, FaultKindCount)
	for i := range counts {
		counts[i].Kind = FaultKind(i)
	}
	for _, n := range w.net.nemeses {
		for _, e := range n.begun {
			c := &counts[e.kind]
			c.Injected++
			if touched := e.touched(); touched > 0 {
				c.Biting++
				c.Touched += touched
			}
		}
	}
	return counts
}

// FaultSummary is what the nemesis drew for this run, a line for each kind that is on and one for each of its
// episodes; "no faults" when there is nothing to tell.
func (w *World) FaultSummary() string {
	var b strings.Builder
	for _, n := range w.net.nemeses {
		for _, on := range n.on {
			fmt.Fprintf(&b, "%v: strength %d of %d\n", on.kind, on.strength+1, strengths)
			for _, e := range n.episodes {
				if e.kind == on.kind {
					fmt.Fprintf(&b, "    %s: %s%s\n", e.times(), e.target, n.outcome(e))
				}
			}
		}
	}
	if b.Len() == 0 {
		return "no faults\n"
	}
	return b.String()
}

func (n *nemesis) outcome(e *episode) string {
	if !slices.Contains(n.begun, e) {
		return " (not begun)"
	}
	return fmt.Sprintf(" (touched %d)", e.touched())
}
