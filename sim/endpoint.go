package sim

import (
	"context"

	"github.com/windtunnel/windtunnel/core"
)

// endpoint is a node's side of the network at one address, for one incarnation of the node.
type endpoint struct {
	net    *network
	env    *env
	node   *Node
	kind   string // "tcp" or "udp"
	addr   core.Address
	closed bool

	inbox classQueue
	bell  bell // rings at each delivery

	ends    map[core.Address]*end         // by the peer's address
	byName  map[core.Address]*end         // by the peer's node name: the newest connection
	inOrder []*end                        // as they were made
	dials   map[core.Address]*dial        // under way
	replies map[core.Address]core.Address // "udp": where the last datagram of a node name came from
}

// listen opens an endpoint of a node.
func (n *network) listen(env *env, kind, addr string) (core.Endpoint, error) {
	n.world.touch(touchedNetwork)
	node := env.node
	own, err := n.book.claim(node.name, kind, addr)
	if err != nil {
		return nil, err
	}
	e := &endpoint{net: n, env: env, node: node, kind: kind, addr: own}
	if kind == "tcp" {
		e.ends = make(map[core.Address]*end)
		e.byName = make(map[core.Address]*end)
		e.dials = make(map[core.Address]*dial)
	} else {
		e.replies = make(map[core.Address]core.Address)
	}
	n.book.put(e)
	return e, nil
}

// Addr is the node's name and the port.
func (e *endpoint) Addr() core.Address { return e.addr }

// Send implements core.Endpoint. It is an interleaving point; on "tcp" it waits while a connection is made.
func (e *endpoint) Send(ctx context.Context, to core.Address, m core.Message) error {
	t := e.env.enter()
	t.yield()
	e.net.world.touch(touchedNetwork)
	if err := e.refusal(ctx, m); err != nil {
		return definite(to, err)
	}
	if e.kind == "udp" {
		return e.sendDatagram(to, m)
	}
	for {
		if side := e.endTo(to); side != nil {
			return e.sendOn(side, to, m)
		}
		if hostOf(to) == "" {
			return definite(to, errNoConnection)
		}
		if err := e.dialAnd(t, ctx, to); err != nil {
			return definite(to, err)
		}
		if e.closed {
			return definite(to, core.ErrClosed)
		}
	}
}

// refusal says why a message cannot be sent at all.
func (e *endpoint) refusal(ctx context.Context, m core.Message) error {
	switch {
	case e.closed:
		return core.ErrClosed
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case len(m.Body) > e.net.config.MessageLimit:
		return core.ErrTooLarge
	case m.Class >= core.ClassCount:
		return errClass
	}
	return nil
}

func definite(to core.Address, cause error) error {
	return &core.SendError{To: to, Definite: true, Cause: cause}
}

// Recv implements core.Endpoint: the most urgent message first, the oldest first within a class. A message
// that is there wins over an ended ctx.
func (e *endpoint) Recv(ctx context.Context) (core.Address, core.Message, error) {
	t := e.env.enter()
	e.net.world.touch(touchedNetwork)
	if !e.inbox.isEmpty() {
		t.yield() // a point in any case: else a task that never runs dry would be atomic
	}
	for {
		e.net.world.touch(touchedNetwork)
		if e.closed {
			return "", core.Message{}, core.ErrClosed
		}
		if p := e.inbox.pop(); p != nil {
			from, m := e.take(p)
			return from, m, nil
		}
		e.bell.rung = false // for messages that were taken since
		if err := t.await(&e.bell, ctx, core.Forever, waitRecv, string(e.addr)); err != nil {
			return "", core.Message{}, err
		}
	}
}

// take ends a packet's life. What its receiver does next comes from it.
func (e *endpoint) take(p *packet) (core.Address, core.Message) {
	from, m := p.from, core.Message{Class: p.class, Body: p.body}
	if p.to == nil {
		e.replies[from] = p.reply
	} else {
		p.to.other.pending[p.class]--
	}
	e.net.world.event = p.cause
	e.net.recycle(p)
	return from, m
}

// Close implements core.Endpoint. What was sent before still arrives; what was not yet received is lost.
func (e *endpoint) Close() error {
	e.env.check()
	e.net.world.touch(touchedNetwork)
	if e.closed {
		return core.ErrClosed
	}
	e.shut((*end).close)
	return nil
}
