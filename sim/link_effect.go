package sim

import "slices"

// effect is what disturbs links as long as it lasts: one episode of a fault, or a line of a script.
type effect struct {
	covers func(Link) bool
	block  bool              // nothing passes; datagrams are lost, connections wait until they are given up
	hold   bool              // what arrives waits, and is let go when the hold ends
	held   Link              // which link World.Hold holds
	shape  func(*LinkConfig) // changes how the link behaves; nil when it only blocks or holds
	bit    uint64            // packets that it did something to

	// What shape does, to tell when the effect bites.
	slows, narrows, loses, duplicates, reorders, resets bool
}

// begin puts an effect in force, on links that there are and on those yet to come.
func (n *network) begin(e *effect) {
	n.effects = append(n.effects, e)
	n.refresh(e)
}

// end takes it out of force. Ending one that is not in force does nothing.
func (n *network) end(e *effect) {
	if i := slices.Index(n.effects, e); i >= 0 {
		n.effects = slices.Delete(n.effects, i, i+1)
		n.refresh(e)
	}
}

func (n *network) refresh(e *effect) {
	for _, l := range n.inOrder {
		if e.covers(l.key) {
			l.refresh()
		}
	}
}

// refresh works out anew how the link behaves.
func (l *link) refresh() {
	passed, before := l.passes(), l.now.Bandwidth
	behaves := l.base
	l.effects, l.blocks, l.holds = l.effects[:0], 0, 0
	for _, e := range l.net.effects {
		if !e.covers(l.key) {
			continue
		}
		l.effects = append(l.effects, e)
		if e.block {
			l.blocks++
		}
		if e.hold {
			l.holds++
		}
		if e.shape != nil {
			e.shape(&behaves)
		}
	}
	if behaves.Bandwidth != before { // what is under transmission goes on at the new speed
		l.interrupt()
	}
	l.now = behaves
	l.transmitNext()
	if passed != l.passes() {
		l.since++
		l.flush()
	}
	if l.blocks > 0 {
		l.giveUpLater()
	}
}

// giveUpLater breaks the connections of a link that is still blocked when their keep-alive ends.
func (l *link) giveUpLater() {
	since := l.since
	l.net.after(l.net.config.KeepAlive, func() {
		if l.since != since || l.blocks == 0 {
			return
		}
		for _, e := range l.net.connections(l.key) {
			if !e.broken {
				e.breakConnection(loseAll, loseTail)
			}
			e.learn()
			e.other.learn()
		}
		l.dropLost()
	})
}

// dropLost drops what waits here in vain, so that a long partition keeps no packets.
func (l *link) dropLost() {
	waiting := l.waiting
	l.waiting = queue{}
	for p := waiting.pop(); p != nil; p = waiting.pop() {
		if p.lost {
			l.net.drop(p, DropTail)
		} else {
			l.waiting.push(p)
		}
	}
}
