package timeline

import (
	"slices"
	"strings"

	"github.com/windtunnel/windtunnel/sim/trace"
)

// spanKind is what a node undergoes for a while.
type spanKind string

const (
	down     spanKind = "down"
	paused   spanKind = "paused"
	stopping spanKind = "stopping"
	fault    spanKind = "fault"
)

// span lasts from one event to another; to is none where it lasts to the end.
type span struct {
	kind     spanKind
	nodes    []int
	from, to int
	text     string
}

// findSpans reads what happens to nodes and links.
func (s *scene) findSpans() {
	for i, e := range s.events {
		switch e.Kind {
		case trace.Node:
			s.nodeChanged(i, s.lanes[s.laneOf[i]].node, e.Text)
		case trace.Fault:
			s.faultChanged(i, e.Text)
		}
	}
}

func (s *scene) nodeChanged(at, node int, text string) {
	befalls := func(kinds ...spanKind) func(span) bool {
		return func(p span) bool { return slices.Contains(kinds, p.kind) && p.nodes[0] == node }
	}
	switch text {
	case "boot":
		s.closeSpans(at, befalls(down, stopping, paused))
	case "crash":
		s.closeSpans(at, befalls(stopping, paused))
		s.openSpan(down, at, text, node)
	case "stop":
		s.openSpan(stopping, at, text, node)
	case "pause":
		s.openSpan(paused, at, text, node)
	case "resume":
		s.closeSpans(at, befalls(paused))
	}
}

// faultChanged knows what the nemesis does ("begins: cut: a – b, +1s to +2s") and what scripts do.
func (s *scene) faultChanged(at int, text string) {
	same := func(other string) func(span) bool {
		return func(p span) bool { return p.kind == fault && p.text == other }
	}
	verb, what, _ := strings.Cut(text, " ")
	switch verb {
	case "begins:":
		s.openSpan(fault, at, what, s.befallen(what)...)
	case "ends:":
		s.closeSpans(at, same(what))
	case "partition", "hold":
		s.openSpan(fault, at, text, s.befallen(text)...)
	case "heal":
		s.closeSpans(at, func(p span) bool {
			return p.kind == fault && strings.Contains(p.text, "partition")
		})
	case "release":
		s.closeSpans(at, same("hold "+what))
	}
}

func (s *scene) openSpan(kind spanKind, at int, text string, nodes ...int) {
	s.spans = append(s.spans, span{kind: kind, nodes: nodes, from: at, to: none, text: text})
}

func (s *scene) closeSpans(at int, which func(span) bool) {
	for i := range s.spans {
		if s.spans[i].to == none && which(s.spans[i]) {
			s.spans[i].to = at
		}
	}
}

// befallen lists the nodes that a fault's text names; one that names none befalls every node that is not
// scenery.
func (s *scene) befallen(text string) []int {
	var nodes []int
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,:|[]–>→", r) })
	for _, word := range words {
		if node, known := s.nodeIndex[word]; known && !slices.Contains(nodes, node) {
			nodes = append(nodes, node)
		}
	}
	if len(nodes) > 0 {
		return nodes
	}
	for node, name := range s.nodes {
		if !isScenery(name) {
			nodes = append(nodes, node)
		}
	}
	return nodes
}

// isScenery tells lanes that no node has: what happens outside of them, and what the test says.
func isScenery(node string) bool { return node == "world" || node == "check" }
