package sim

// deliver puts a packet where the receiver's Recv finds it.
func (n *network) deliver(p *packet) {
	target := n.target(p)
	if target == nil {
		n.drop(p, DropUnheard)
		return
	}
	if p.to != nil {
		if p.to.known { // this side has given the connection up: it reads no more from it
			n.drop(p, DropTail)
			return
		}
		p.to.other.unlink(p)
	} else {
		if target.inbox[p.class].length >= p.link.now.Queue {
			n.drop(p, DropInboxFull)
			return
		}
		p.link.datagrams[p.class]--
	}
	n.stats.Delivered++
	n.traceDeliver(p, target.node)
	target.inbox.push(p)
	target.bell.ring(n.world, p.cause)
}

// target is the endpoint that a packet goes to, or nil when it is gone.
func (n *network) target(p *packet) *endpoint {
	e := n.book.find("udp", p.addr)
	if p.to != nil {
		e = p.to.endpoint
	}
	if e == nil || e.closed {
		return nil
	}
	return e
}

// drop ends a packet that is on its way and will not arrive.
func (n *network) drop(p *packet, cause DropCause) {
	n.stats.Dropped[cause]++
	n.traceDrop(p, cause)
	if p.to != nil {
		p.to.other.unlink(p)
		p.to.other.pending[p.class]--
	} else {
		p.link.datagrams[p.class]--
	}
	n.recycle(p)
}

// discard ends a packet that was delivered, and that nobody will take any more.
func (n *network) discard(p *packet) {
	n.stats.Unread++
	n.traceDrop(p, DropUnheard)
	if p.to != nil {
		p.to.other.pending[p.class]--
	}
	n.recycle(p)
}

// copyPacket makes a datagram's duplicate, with bytes of its own: its receiver may keep or change the first.
func (n *network) copyPacket(p *packet) *packet {
	again := n.newPacket()
	again.link, again.addr, again.from, again.reply = p.link, p.addr, p.from, p.reply
	again.class, again.cause, again.delay = p.class, p.cause, p.delay
	again.body = n.memory.copy(p.body)
	return again
}
