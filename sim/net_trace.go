package sim

import (
	"strconv"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// The network's events. Numbers are in the hash; text is made only when somebody keeps the trace.

// traceSend records a send, with its bytes, and makes it what the packet comes from.
func (n *network) traceSend(p *packet, sender *Node) {
	w := n.world
	p.cause = w.emit(&sender.lane, trace.Send, w.event, uint64(p.class), uint64(len(p.body)))
	w.trace.AddBytes(p.body)
	if w.trace.Keeping() {
		w.trace.Describe(p.describe())
	}
}

// traceDeliver records an arrival, and makes it what the receiver goes on from.
func (n *network) traceDeliver(p *packet, receiver *Node) {
	w := n.world
	p.cause = w.emit(&receiver.lane, trace.Deliver, p.cause, uint64(p.class), uint64(len(p.body)))
	w.trace.Is(p.link.key.From, nil)
	if w.trace.Keeping() {
		w.trace.Describe(p.describe())
	}
}

func (n *network) traceDrop(p *packet, why DropCause) {
	w := n.world
	w.emit(&w.lane, trace.Drop, p.cause, uint64(p.class), uint64(why))
	if w.trace.Keeping() {
		w.trace.Describe(p.describe() + ": " + why.String())
	}
}

// traceFault records that something is done to the network.
func (n *network) traceFault(what string) {
	w := n.world
	w.happen(&w.lane, trace.Fault, w.event, 0, 0)
	w.trace.AddBytes([]byte(what))
	w.trace.Describe(what)
}

// traceLink records what happened to a link or connection.
func (n *network) traceLink(key Link, what string) {
	w := n.world
	w.emit(&w.lane, trace.World, w.event, 0, 0)
	w.trace.AddBytes([]byte(key.From))
	w.trace.AddBytes([]byte(key.To))
	w.trace.AddBytes([]byte(what))
	if w.trace.Keeping() {
		w.trace.Describe(key.String() + " " + what)
	}
}

func (p *packet) describe() string {
	return p.link.key.From + " → " + p.link.key.To + " " + p.says()
}

// says is what the packet says, without whom it goes to.
func (p *packet) says() string {
	if say := p.net.config.Describe; say != nil {
		return say(core.Message{Class: p.class, Body: p.body})
	}
	return p.class.String() + ", " + strconv.Itoa(len(p.body)) + " bytes"
}
