package transport

import (
	"errors"

	"github.com/windtunnel/windtunnel/core"
)

// peer is a remote endpoint to which there is at least one connection: one that it dialled, one that was
// dialled here, or both when the two sides dialled at the same time. Messages to it use one of them as long
// as that lasts.
type peer struct {
	accepted, dialled *conn
	current           *conn // carries messages to the peer
	source            *conn // carried the last messages from it; guarded by the inbox's lock
	sequence          uint64
}

var (
	errReplaced = errors.New("peer connected anew")
	errCrowded  = errors.New("too many connections")
)

// attach makes a connection known and starts it. A second one that the same side dialled replaces the first:
// that side would not have dialled if the first had still been of use to it.
func (e *endpoint) attach(c *conn, dialled bool) (*peer, error) {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil, core.ErrClosed
	}
	if len(e.conns) >= e.node.config.Connections {
		e.mu.Unlock()
		e.node.count.connectionsRefused.Add(1)
		return nil, errCrowded
	}
	p := e.peers[c.hello.endpoint]
	if p == nil {
		p = &peer{}
		e.peers[c.hello.endpoint] = p
	}
	place := &p.accepted
	if dialled {
		place = &p.dialled
	}
	replaced := *place
	*place = c
	if p.current == nil || p.current == replaced {
		p.current = c
	}
	e.attached++
	p.sequence = e.attached
	e.names[core.Address(c.hello.name)] = p
	c.peer = p
	e.conns[c] = struct{}{}
	c.start()
	e.mu.Unlock()
	if replaced != nil {
		e.node.count.connectionsReplaced.Add(1)
		replaced.end(errReplaced)
	}
	return p, nil
}

// detach makes a connection that ended unknown. It may be called again.
func (e *endpoint) detach(c *conn) {
	e.inbox.fence(c)
	e.mu.Lock()
	if _, known := e.conns[c]; known {
		delete(e.conns, c)
		e.leave(c.peer, c)
	}
	e.mu.Unlock()
	e.forgetIfEmpty()
}

func (e *endpoint) leave(p *peer, c *conn) {
	if p.accepted == c {
		p.accepted = nil
	}
	if p.dialled == c {
		p.dialled = nil
	}
	if p.current == c {
		p.current = p.dialled
		if p.current == nil {
			p.current = p.accepted
		}
	}
	if p.current != nil {
		return
	}
	delete(e.peers, c.hello.endpoint)
	name := core.Address(c.hello.name)
	if e.names[name] != p {
		return
	}
	delete(e.names, name)
	for _, other := range e.peers { // another endpoint of that name gets its answers back
		best := e.names[name]
		if other.current.hello.name == c.hello.name && (best == nil || best.sequence < other.sequence) {
			e.names[name] = other
		}
	}
}
