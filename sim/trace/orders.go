package trace

import (
	"math/bits"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// Orders sees which events of a run came before which others, wherever tasks and messages meet at a node, and
// remembers each such pair as one of 65,536 bits. A pair that no run before it had says that a run went
// another way. The zero value is ready. It is for one run, and not safe for concurrent use.
//
// It is the timeline of FEST (Li, Desai and Padhye, "Feedback-guided Adaptive Testing of Distributed Systems
// Designs", NSDI 2026). An event is what happened, to whom in which role, and not which one it was:
//
//	a step     of a task, by the parts of its name that say what it is: "job/ID/to/CLIENT" is job and to
//	a fact     by its Go type, and the words of its text that are all in capitals, as names of states are
//	a message  that arrives, by its class and whom it is from
//	a change   of the node: a crash, a boot
//
// Two jobs of a gate, or two workers, are alike: in names, numbers do not count. What happens outside the
// nodes is not seen, but by what the nodes do then. Pairs are hashed: where two share a bit, the second is
// not seen to be new.
type Orders struct {
	set     OrderSet
	nodes   map[string]*meeting
	lanes   map[uint64]place // by lane
	unnamed pending
}

// OrderSet is a set of hashed pairs of events.
type OrderSet [OrderBits / 64]uint64

// OrderBits is how many pairs of events are told apart at most.
const OrderBits = 1 << 16

// mostAlike bounds the events of a node that are told apart in a run. Later ones are not seen: the pairs grow
// with the square.
const mostAlike = 512

// place is what is known of a lane.
type place struct {
	node *meeting
	role uint64 // of node and task
	task uint64 // 0: it is the node's own
}

// meeting is what happened at one node, in the order of first times.
type meeting struct {
	first []alike
	known map[uint64]int // by what: so many of first are known to come before its last time
}

// alike is an event, of those that are not told apart.
type alike struct{ what, task uint64 }

// pending is an event of which it is not yet said what it is.
type pending struct {
	at   place
	what uint64
	is   bool
}

// Set returns the pairs so far.
func (o *Orders) Set() *OrderSet { return &o.set }

// begin forgets the nodes, not what was seen of them: those of another World have the same names.
func (o *Orders) begin() {
	o.nodes, o.lanes, o.unnamed = make(map[string]*meeting), make(map[uint64]place), pending{}
}

// saw takes an event. One whose kind says too little waits until it is said what it is.
func (o *Orders) saw(lane *Lane, kind Kind, x uint64) {
	o.unnamed.is = false
	switch kind {
	case Step:
		at := o.place(lane)
		o.happened(at, at.role)
	case Deliver:
		o.unnamed = pending{at: o.place(lane), what: uint64(kind) | x<<8, is: true}
	case Note, Node:
		o.unnamed = pending{at: o.place(lane), what: uint64(kind), is: true}
	}
}

// is says what the event is that was seen last.
func (o *Orders) is(what string, text []byte) {
	if n := o.unnamed; n.is {
		o.unnamed.is = false
		o.happened(n.at, choice.Mix(n.at.role, hashCapitals(hashLetters(n.what, what), text)))
	}
}

// happened puts an event behind all that came before it at its node, but for what its own task did: that
// stands in an order which no schedule changes.
func (o *Orders) happened(at place, what uint64) {
	node := at.node
	before, again := node.known[what]
	if !again {
		if len(node.first) == mostAlike {
			return
		}
		node.first = append(node.first, alike{what, at.task})
	}
	if before == len(node.first) {
		return
	}
	for _, earlier := range node.first[before:] {
		if at.task == 0 || earlier.task != at.task {
			o.set.add(choice.Mix(earlier.what, what))
		}
	}
	node.known[what] = len(node.first)
}

func (o *Orders) place(lane *Lane) place {
	at, ok := o.lanes[lane.id]
	if ok {
		return at
	}
	name := nodeOf(lane.name)
	if o.nodes[name] == nil {
		o.nodes[name] = &meeting{known: make(map[uint64]int)}
	}
	at = place{node: o.nodes[name], role: roleOf(lane.name)}
	if name != lane.name {
		at.task = lane.id
	}
	o.lanes[lane.id] = at
	return at
}

func (s *OrderSet) add(hash uint64) { s[hash%OrderBits/64] |= 1 << (hash % 64) }

// Len is how many pairs there are.
func (s *OrderSet) Len() (n int) {
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}

// Add makes s hold those of more, too, and returns how many it did not have.
func (s *OrderSet) Add(more *OrderSet) (fresh int) {
	for i, word := range more {
		fresh += bits.OnesCount64(word &^ s[i])
		s[i] |= word
	}
	return fresh
}
