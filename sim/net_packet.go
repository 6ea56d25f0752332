package sim

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
)

// packet is a message once it has bytes and a delivery time. Packets are used again: whoever takes one out of
// the last list that holds it returns it to network.free.
type packet struct {
	ticket ticket // never zeroed: the schedule may hold a stale item of it
	net    *network
	link   *link
	to     *end         // "tcp": the receiving end of its connection
	addr   core.Address // "udp": where it goes
	from   core.Address // the sender's node name
	reply  core.Address // "udp": the sender's own address

	class core.Class
	body  []byte
	cause uint64 // the trace's event that this packet comes from: its send, then its delivery

	unsent int           // bytes that a link of bounded bandwidth has still to transmit
	delay  time.Duration // how long it travels, where a rule says so; else negative
	lost   bool          // part of a lost tail: dropped when its time comes

	earlier, later *packet // on its way, in the order of sending, on one end
	next           *packet // in the one queue that holds it: transmission, hold, inbox or free
}

func (n *network) newPacket() *packet {
	p := n.free
	if p == nil {
		p = &packet{net: n}
		p.ticket.fires = p
		return p
	}
	n.free = p.next
	p.next = nil
	return p
}

func (n *network) recycle(p *packet) {
	*p = packet{ticket: p.ticket, net: n, next: n.free}
	n.free = p
}

// queue is a first-in-first-out list through packet.next.
type queue struct {
	head, tail *packet
	length     int
}

func (q *queue) push(p *packet) {
	p.next = nil
	if q.tail == nil {
		q.head = p
	} else {
		q.tail.next = p
	}
	q.tail = p
	q.length++
}

func (q *queue) pushFront(p *packet) {
	p.next = q.head
	q.head = p
	if q.tail == nil {
		q.tail = p
	}
	q.length++
}

func (q *queue) pop() *packet {
	p := q.head
	if p == nil {
		return nil
	}
	q.head = p.next
	if q.head == nil {
		q.tail = nil
	}
	p.next = nil
	q.length--
	return p
}

// classQueue holds one queue a class; the most urgent goes first.
type classQueue [core.ClassCount]queue

func (c *classQueue) push(p *packet) { c[p.class].push(p) }

func (c *classQueue) pop() *packet {
	for class := range c {
		if p := c[class].pop(); p != nil {
			return p
		}
	}
	return nil
}

func (c *classQueue) isEmpty() bool {
	for class := range c {
		if c[class].head != nil {
			return false
		}
	}
	return true
}

// bodyMemory gives each message bytes of its own, cut from growing slabs: nodes share no memory, and a small
// message costs no allocation of its own.
type bodyMemory struct {
	slab []byte
	size int // of the next slab
}

const (
	firstSlab = 1 << 10
	lastSlab  = 16 << 10
)

func (m *bodyMemory) copy(body []byte) []byte {
	if len(body) == 0 {
		return nil
	}
	if len(body) > lastSlab/16 { // a slab must not live long for one big message
		return append([]byte(nil), body...)
	}
	if len(body) > len(m.slab) {
		m.size = min(max(2*m.size, firstSlab, len(body)), lastSlab)
		m.slab = make([]byte, m.size)
	}
	own := m.slab[:len(body):len(body)]
	m.slab = m.slab[len(body):]
	copy(own, body)
	return own
}
