package sim

import (
	"slices"

	"github.com/windtunnel/windtunnel/core"
)

// adopt enters a new connection. One from the same address takes the place of one that this side wrongly
// believed to stand.
func (e *endpoint) adopt(side *end) {
	peer := side.other.endpoint
	if stale := e.ends[peer.addr]; stale != nil {
		stale.learn()
	}
	e.ends[peer.addr] = side
	e.byName[core.Address(peer.node.name)] = side
	e.inOrder = append(e.inOrder, side)
}

// disown forgets a connection that is known to be broken.
func (e *endpoint) disown(side *end) {
	peer := side.other.endpoint
	e.inOrder = slices.DeleteFunc(e.inOrder, func(other *end) bool { return other == side })
	if e.ends[peer.addr] == side {
		delete(e.ends, peer.addr)
	}
	name := core.Address(peer.node.name)
	if e.byName[name] != side {
		return
	}
	delete(e.byName, name)
	for _, other := range e.inOrder { // an older connection from the same node still serves
		if other.other.endpoint.node.name == peer.node.name {
			e.byName[name] = other
		}
	}
}

// endTo is the connection to a peer that this endpoint believes in, or nil.
func (e *endpoint) endTo(to core.Address) *end {
	if side := e.ends[to]; side != nil {
		return side
	}
	return e.byName[to]
}

// shut closes the endpoint and ends its connections, each as told.
func (e *endpoint) shut(endConnection func(*end)) {
	e.closed = true
	e.net.book.remove(e)
	for _, side := range slices.Clone(e.inOrder) {
		endConnection(side)
	}
	for p := e.inbox.pop(); p != nil; p = e.inbox.pop() {
		e.net.discard(p)
	}
	for _, to := range sortedAddresses(e.dials) {
		e.dials[to].end(core.ErrClosed)
	}
	e.bell.ring(e.net.world, e.net.world.event)
}

func sortedAddresses(dials map[core.Address]*dial) []core.Address {
	addresses := make([]core.Address, 0, len(dials))
	for to := range dials {
		addresses = append(addresses, to)
	}
	slices.Sort(addresses)
	return addresses
}
