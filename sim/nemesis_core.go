package sim

import (
	"fmt"
	"slices"
	"strings"
)

// This file is the end of the faults where not all is healed: a core of some nodes stays, and must do without
// the others.

// Core lists the nodes that were named for FaultCore and are not lost for good so far, neither down nor cut
// off; a crash for good is a loss, too. It is final once World.FaultsEnd is over: fewer than Faults.Core then
// is a cluster that need not make progress.
func (w *World) Core() []string {
	var core []string
	for _, n := range w.net.nemeses {
		for _, name := range n.faults.Nodes[FaultCore] {
			if !w.net.gone[name] && !slices.Contains(n.cutOff, name) {
				core = append(core, name)
			}
		}
	}
	return core
}

// drawLost puts the members in the order in which they are lost, and says how many are: all but the core at
// the greatest strength, at least one if there is one to lose.
func (n *nemesis) drawLost(e *episode) bool {
	members := slices.Clone(n.faults.Nodes[FaultCore])
	spare := len(members) - n.faults.Core
	e.losses = (spare*(e.strength+1) + strengths - 1) / strengths
	for where := e.where; len(members) > 0; {
		at := where % len(members)
		where /= len(members)
		e.order = append(e.order, members[at])
		members = slices.Delete(members, at, at+1)
	}
	e.end = e.begin
	e.target = n.sayLost(e, e.order[:e.losses])
	return e.losses > 0
}

// lost are the members that are lost now: those that crashed for good are among them, as many as they may be.
func (n *nemesis) lost(e *episode) []string {
	gone := func(name string) bool { return n.world.net.gone[name] }
	before := len(slices.DeleteFunc(slices.Clone(e.order), func(name string) bool { return !gone(name) }))
	lost := slices.DeleteFunc(slices.Clone(e.order), gone)
	return lost[:max(e.losses-before, 0)]
}

// cutsOff tells whether the ith that is lost is cut off; otherwise it is down.
func (e *episode) cutsOff(i int) bool { return (e.side+i*(e.side/2))%2 == 0 }

func (n *nemesis) sayLost(e *episode, lost []string) string {
	var b strings.Builder
	for i, name := range lost {
		how := "is down"
		if e.cutsOff(i) {
			how = "is cut off"
		}
		fmt.Fprintf(&b, "%s %s for good, ", name, how)
	}
	stay := slices.DeleteFunc(slices.Clone(n.faults.Nodes[FaultCore]), func(name string) bool {
		return n.world.net.gone[name] || slices.Contains(lost, name)
	})
	return b.String() + strings.Join(stay, " ") + " stay"
}

// lose takes what is no core from the cluster.
func (n *nemesis) lose(e *episode) {
	net, lost := n.world.net, n.lost(e)
	e.target = n.sayLost(e, lost)
	var touched uint64
	e.touched = func() uint64 { return touched }
	for i, name := range lost {
		node := n.world.Node(name)
		if node.Up() {
			touched++
		}
		if e.cutsOff(i) {
			n.cutOff = append(n.cutOff, name)
		} else {
			n.crashForGood(e, node)
		}
	}
	cut := slices.Clone(n.cutOff)
	in := func(name string) bool { return slices.Contains(cut, name) }
	net.begin(&effect{covers: func(l Link) bool { return in(l.From) != in(l.To) }, block: true})
}
