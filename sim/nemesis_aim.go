package sim

import (
	"slices"
	"strings"
)

// aim chooses what an episode befalls, from its answer to "where". It returns false when there is nothing.
func (n *nemesis) aim(e *episode) bool {
	allowed, named := n.faults.Nodes[e.kind]
	if !named && !e.kind.endsNode() {
		allowed = n.nodes
	}
	if len(allowed) == 0 || !e.kind.hitsNode() && len(n.nodes) < 2 {
		return false
	}
	switch e.kind {
	case FaultCore:
		return n.drawLost(e)
	case FaultPartition, FaultPartitionOneWay:
		n.aimAtSet(e, allowed)
	case FaultPartitionPartial:
		n.aimAtPair(e, allowed)
		e.coverPair(true)
	case FaultCut, FaultHalfOpen:
		n.aimAtPair(e, allowed)
		if e.side%2 == 1 {
			e.from, e.to = e.to, e.from
		}
		e.target = e.from + " – " + e.to
	default:
		if e.kind.hitsNode() {
			e.from = allowed[e.where%len(allowed)]
			e.target = e.from
			return true
		}
		n.aimAtLinks(e, allowed)
	}
	return true
}

// aimAtSet splits the nodes in two. Answer 0 takes the first node from the others.
func (n *nemesis) aimAtSet(e *episode, allowed []string) {
	bits := min(len(allowed), 15)
	subsets := 1<<bits - 1 // not the empty one,
	if len(allowed) == len(n.nodes) && bits == len(allowed) {
		subsets-- // nor that of all nodes
	}
	mask := 1 + e.where%subsets
	var set []string
	for i, name := range allowed {
		if mask>>(i%bits)&1 == 1 {
			set = append(set, name)
		}
	}
	in := func(name string) bool { return slices.Contains(set, name) }
	e.target = strings.Join(set, " ") + " | others"
	e.links = func(l Link) bool { return in(l.From) != in(l.To) }
	if e.kind != FaultPartitionOneWay {
		return
	}
	if e.side%2 == 0 {
		e.target = strings.Join(set, " ") + " > others"
		e.links = func(l Link) bool { return in(l.From) && !in(l.To) }
	} else {
		e.target = "others > " + strings.Join(set, " ")
		e.links = func(l Link) bool { return !in(l.From) && in(l.To) }
	}
}

func (n *nemesis) aimAtPair(e *episode, allowed []string) {
	e.from = allowed[e.where%len(allowed)]
	others := slices.DeleteFunc(slices.Clone(n.nodes), func(name string) bool { return name == e.from })
	e.to = others[e.where/len(allowed)%len(others)]
}

func (e *episode) coverPair(bothWays bool) {
	there, back := Link{e.from, e.to}, Link{e.to, e.from}
	if bothWays {
		e.target = e.from + " – " + e.to
		e.links = func(l Link) bool { return l == there || l == back }
	} else {
		e.target = there.String()
		e.links = func(l Link) bool { return l == there }
	}
}

// aimAtLinks takes one direction, both, all links of a node, or all links where every node may be befallen.
func (n *nemesis) aimAtLinks(e *episode, allowed []string) {
	n.aimAtPair(e, allowed)
	switch {
	case e.side == 0:
		e.coverPair(false)
	case e.side == 1:
		e.coverPair(true)
	case e.side == 2 || len(allowed) < len(n.nodes):
		name := e.from
		e.target = "all links of " + name
		e.links = func(l Link) bool { return l.From == name || l.To == name }
	default:
		e.target = "all links"
		e.links = func(Link) bool { return true }
	}
}
