package sim

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/choice"
)

// link is one direction between two nodes. All that travels on it shares its bandwidth; each packet draws its
// own latency from the link's own streams of choice.
type link struct {
	net  *network
	key  Link
	base LinkConfig // as configured
	now  LinkConfig // with the effects that are in force

	effects []*effect // in force here, in the order in which they began
	blocks  int       // how many of them block
	holds   int       // how many of them hold
	since   uint64    // counts changes of passes, to tell one blockade from the next
	waiting queue     // packets that arrived at a held or blocked link

	transmitter transmitter
	datagrams   [core.ClassCount]int // "udp" on their way, for the queue limit
	streams     linkStreams
}

// linkStreams are made when they are first asked: most links never lose a packet.
type linkStreams struct {
	latency                                         [core.ClassCount]*choice.Stream
	loss, duplicate, reorder, heldBack, reset, tail *choice.Stream
}

// link returns the link, made when it is first asked for.
func (n *network) link(key Link) *link {
	l := n.links[key]
	if l == nil {
		l = &link{net: n, key: key, base: n.config.Link}
		if n.links == nil {
			n.links = make(map[Link]*link)
		}
		n.links[key] = l
		n.inOrder = append(n.inOrder, l)
		l.refresh()
	}
	return l
}

// passes tells whether anything arrives at the far end now.
func (l *link) passes() bool { return l.blocks == 0 && l.holds == 0 }

// send puts a packet on its way.
func (l *link) send(p *packet) {
	if l.now.Bandwidth > 0 || !l.transmitter.isIdle() {
		l.transmit(p)
	} else {
		l.launch(p)
	}
}

// launch lets a packet arrive after its latency. On a connection it does not overtake its own class.
func (l *link) launch(p *packet) {
	latency := p.delay
	if latency < 0 {
		latency = l.drawLatency(p.class, p)
	}
	if p.to != nil {
		now, last := l.net.now(), &p.to.other.lastDue[p.class]
		*last = max(*last, now+latency)
		latency = *last - now
	}
	l.net.afterPacket(latency, p)
}

// arrive is called when the packet's latency is over.
func (p *packet) arrive() {
	l := p.link
	switch {
	case p.lost:
		l.net.drop(p, DropTail)
	case l.passes():
		l.net.deliver(p)
	case l.holds == 0 && p.to == nil:
		l.bite(func(e *effect) bool { return e.block })
		l.net.drop(p, DropPartition)
	default: // a connection waits for its partition to heal, or to be given up
		l.bite(func(e *effect) bool { return e.block || e.hold })
		l.waiting.push(p)
	}
}

// flush lets go what waited. What was lost meanwhile is dropped now.
func (l *link) flush() {
	for l.passes() {
		p := l.waiting.pop()
		if p == nil {
			return
		}
		p.arrive()
	}
}

// bite counts a packet for the effects that did something to it.
func (l *link) bite(did func(*effect) bool) {
	for _, e := range l.effects {
		if did(e) {
			e.bit++
		}
	}
}

// drawLatency chooses how long a trip takes. The packet is for who tells of it; nil: it has none of ours.
func (l *link) drawLatency(class core.Class, p *packet) time.Duration {
	l.bite(func(e *effect) bool { return e.slows })
	if !l.now.Latency.isDrawn() {
		return l.now.Latency.Least
	}
	stream := &l.streams.latency[class]
	if *stream == nil {
		*stream = choice.NewStream(choice.Delay, l.key.String()+"/"+class.String())
	}
	level := l.net.ask(*stream, latencyLevels, nil)
	latency := l.now.Latency.at(level)
	if l.net.world.Keeping() {
		l.tell(*stream, level, fmt.Sprintf("is delayed %v", latency-l.now.Latency.Least), p)
	}
	return latency
}

// drawTail chooses how many of underway packets a breaking connection loses.
func (l *link) drawTail(underway int) int {
	stream := l.fault(&l.streams.tail, "lost tail")
	lost := l.net.ask(stream, underway+1, nil)
	l.tell(stream, lost, fmt.Sprintf("loses the last %d of %d messages under way", lost, underway), nil)
	return lost
}

// hits chooses whether what happens rate times in a thousand happens now.
func (l *link) hits(stream **choice.Stream, label string, rate int, p *packet) bool {
	if rate == 0 {
		return false
	}
	l.net.weights = [...]uint32{uint32(perMille - rate), uint32(rate), 0}
	hit := l.net.ask(l.fault(stream, label), 2, l.net.weights[:2])
	l.tell(*stream, hit, label, p)
	return hit == 1
}

// fault returns one of the link's streams, made when it is first asked.
func (l *link) fault(stream **choice.Stream, label string) *choice.Stream {
	if *stream == nil {
		*stream = choice.NewStream(choice.Fault, l.key.String()+"/"+label)
	}
	return *stream
}
