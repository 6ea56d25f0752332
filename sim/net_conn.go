package sim

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
)

// end is one side of a connection. What is sent at an end travels over its link to the other end.
//
// A connection breaks at one moment (broken), but each side learns of it in its own time (known): until then
// it believes the connection stands, and what it sends vanishes. That is all a half-open connection is.
type end struct {
	endpoint *endpoint
	other    *end
	link     *link // towards the other end

	broken bool // of the connection: both ends have the same
	known  bool // this side knows that it is broken

	oldest, newest *packet // sent here and on their way, in the order of sending
	underway       int     // how many
	lost           int     // how many of them are lost
	farewell       bool    // word of the break is right behind the last of them

	lastDue [core.ClassCount]time.Duration // no packet of the class arrives before the one sent earlier
	pending [core.ClassCount]int           // sent here and not yet received by the other side's Recv
}

// connect makes a connection between two endpoints. A loopback connection has both ends at one endpoint,
// which sends at the first.
func (n *network) connect(dialer, listener *endpoint) *end {
	a, b := &end{endpoint: dialer}, &end{endpoint: listener}
	a.other, b.other = b, a
	a.link = n.link(Link{dialer.node.name, listener.node.name})
	b.link = n.link(Link{listener.node.name, dialer.node.name})
	dialer.adopt(a)
	if listener != dialer {
		listener.adopt(b)
	}
	n.traceLink(a.link.key, "connected")
	return a
}

// append puts a packet at the end of what is on its way.
func (e *end) append(p *packet) {
	p.earlier = e.newest
	if e.newest == nil {
		e.oldest = p
	} else {
		e.newest.later = p
	}
	e.newest = p
	e.underway++
}

// unlink takes a packet out of what is on its way.
func (e *end) unlink(p *packet) {
	if p.earlier == nil {
		e.oldest = p.later
	} else {
		p.earlier.later = p.later
	}
	if p.later == nil {
		e.newest = p.earlier
	} else {
		p.later.earlier = p.earlier
	}
	p.earlier, p.later = nil, nil
	e.underway--
	if p.lost {
		e.lost--
	}
	if e.farewell && e.underway == e.lost {
		e.other.learn()
	}
}

// tailLoss says how much of what is on its way is lost when a connection breaks.
type tailLoss uint8

const (
	loseNone tailLoss = iota
	loseTail          // the last k packets, where k is a recorded choice and 0 the quiet answer
	loseAll
)

// breakConnection breaks the connection at this moment. Neither side knows yet: see learnAt.
func (e *end) breakConnection(sentHere, sentThere tailLoss) {
	if e.broken {
		return
	}
	e.broken, e.other.broken = true, true
	e.endpoint.net.traceLink(e.link.key, "connection broken")
	e.loseTail(sentHere)
	e.other.loseTail(sentThere)
}

// loseTail marks the newest packets as lost. They are dropped when their time comes, so that every list they
// stand in stays as it is. The tail is one of the order of sending: what is left is a prefix of every class.
func (e *end) loseTail(loss tailLoss) {
	lost := 0
	switch loss {
	case loseAll:
		lost = e.underway
	case loseTail:
		if e.underway > 0 {
			lost = e.link.drawTail(e.underway)
		}
	}
	for p := e.newest; lost > 0; p, lost = p.earlier, lost-1 {
		e.lose(p)
	}
}

func (e *end) lose(p *packet) {
	if !p.lost {
		p.lost = true
		e.lost++
	}
}

// loseQueued loses what waits to be transmitted.
func (e *end) loseQueued() {
	for p := e.newest; p != nil; p = p.earlier {
		if p.unsent > 0 {
			e.lose(p)
		}
	}
}

// connections returns the sending ends of a link's connections that its sender believes in.
func (n *network) connections(key Link) []*end {
	var sides []*end
	for _, e := range n.book.inOrder {
		if e.node.name != key.From {
			continue
		}
		for _, side := range e.inOrder {
			if side.link.key == key {
				sides = append(sides, side)
			}
		}
	}
	return sides
}

// learn makes this side know that the connection is broken: the next Send makes a new one.
func (e *end) learn() {
	if e.known {
		return
	}
	e.known = true
	e.endpoint.disown(e)
	if e.other.endpoint == e.endpoint { // who knows at one end of a loopback connection knows at both
		e.other.known = true
	}
}

// learnAfterLink makes this side know when word of it has travelled over the link from the other side, behind
// all that was sent before. While that link is held or blocked no word passes, and it takes a keep-alive's
// time.
func (e *end) learnAfterLink() {
	e.learnAfter(e.other.link.drawLatency(core.Critical, nil), 0)
}

const wordRetry = 200 * time.Millisecond

// learnAfter waits, then looks whether word could pass; waited is how long it could not.
func (e *end) learnAfter(wait, waited time.Duration) {
	net := e.endpoint.net
	net.after(wait, func() {
		from := e.other
		passes := from.link.passes()
		switch {
		case e.known:
		case !passes && waited < net.config.KeepAlive:
			e.learnAfter(wordRetry, waited+wordRetry)
		case passes && from.underway > from.lost:
			from.farewell = true
			e.learnAfter(net.config.KeepAlive, waited) // the link may be blocked before the last arrives
		default:
			e.learn()
		}
	})
}

// cut breaks the connection and lets both sides know: this one now, the other when word has reached it.
func (e *end) cut() {
	if e.broken {
		e.learn()
		return
	}
	e.resetAt(loseTail)
}

// close breaks the connection behind the last packet that was sent here.
func (e *end) close() {
	if e.broken {
		e.learn()
		return
	}
	e.resetAt(loseNone)
}

// halve breaks the connection so that the other side knows, and this side believes that it stands until its
// keep-alive finds out.
func (e *end) halve() {
	if e.broken {
		return
	}
	e.breakConnection(loseAll, loseTail)
	e.other.learn()
	e.endpoint.net.after(e.endpoint.net.config.KeepAlive, e.learn)
}
