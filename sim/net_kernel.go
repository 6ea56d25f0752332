package sim

import (
	"time"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// This file is what the network asks of the kernel; hooks.go is the other side.

// netRank lets what the network does at an instant happen before the tasks of that instant run.
const netRank = 0

func (n *network) now() time.Duration { return n.world.now }

func (n *network) after(d time.Duration, f func()) { n.world.after(d, netRank, f) }

// afterPacket lets a packet arrive after d. A packet is its own ticket, so that a trip allocates nothing.
func (n *network) afterPacket(d time.Duration, p *packet) {
	n.world.atRank(&p.ticket, n.world.now+d, netRank, p.cause)
}

// fire implements firing.
func (p *packet) fire() { p.arrive() }

func (n *network) ask(s *choice.Stream, alternatives int, weights []uint32) int {
	return n.world.choose(s, alternatives, weights)
}

// nodeDown is called when a node has crashed: nobody listens at its addresses any more, and what it had not
// yet put on the wire is gone. Its peers learn of it after the word has travelled; when the machine died with
// it (silently), by their keep-alive.
func (n *network) nodeDown(node *Node) {
	for _, e := range n.endpointsOf(node) {
		e.shut(func(side *end) { side.crash(n.silent) })
	}
}

func (n *network) endpointsOf(node *Node) []*endpoint {
	var own []*endpoint
	for _, e := range n.book.inOrder {
		if e.node == node {
			own = append(own, e)
		}
	}
	return own
}

// crash ends the connection of a side whose process is gone.
func (e *end) crash(silent bool) {
	if e.broken {
		e.learn()
		return
	}
	e.loseQueued()
	e.breakConnection(loseTail, loseAll)
	if silent {
		e.endpoint.net.after(e.endpoint.net.config.KeepAlive, e.other.learn)
	} else {
		e.other.learnAfterLink()
	}
	e.learn()
}
