package sim

import "time"

// sendDatagram draws what the link does to a datagram: it is lost, or held back so that later ones overtake
// it, or sent twice.
func (l *link) sendDatagram(p *packet) {
	l.datagrams[p.class]++
	if p.delay >= 0 {
		l.send(p)
		return
	}
	if l.hits(&l.streams.loss, "loss", l.now.Loss, p) {
		l.bite(func(e *effect) bool { return e.loses })
		l.net.drop(p, DropLoss)
		return
	}
	if l.hits(&l.streams.duplicate, "duplicate", l.now.Duplicate, p) {
		l.bite(func(e *effect) bool { return e.duplicates })
		l.net.stats.Duplicated++
		again := l.net.copyPacket(p)
		l.datagrams[p.class]++
		l.travel(again)
	}
	l.travel(p)
}

// heldBackLevels is how finely the wait of a reordered datagram is cut; level 0 is the shortest.
const heldBackLevels = 16

func (l *link) travel(p *packet) {
	if l.hits(&l.streams.reorder, "reorder", l.now.Reorder, p) {
		l.bite(func(e *effect) bool { return e.reorders })
		level := l.net.ask(l.fault(&l.streams.heldBack, "held back"), heldBackLevels, nil)
		l.tell(l.streams.heldBack, level, "is held back", p)
		p.delay = l.drawLatency(p.class, p) + l.now.ReorderBy*time.Duration(level+1)/heldBackLevels
	}
	l.send(p)
}
