package sim

import "github.com/windtunnel/windtunnel/core"

// sendOn sends on a connection that this side believes in.
func (e *endpoint) sendOn(side *end, to core.Address, m core.Message) error {
	if side.pending[m.Class] >= side.link.now.Queue {
		return definite(to, core.ErrQueueFull)
	}
	p := e.net.newPacket()
	p.link, p.to, p.from = side.link, side.other, core.Address(e.node.name)
	e.net.fill(p, m, e.node)
	side.append(p)
	side.pending[p.class]++
	if side.broken {
		e.net.drop(p, DropBroken)
		return nil
	}
	outcome := side.link.drawReset()
	verdict := e.net.judge(p)
	switch {
	case verdict.decision == dropped:
		e.net.drop(p, DropRule)
		side.resetAt(loseNone)
		return nil
	case outcome == sendLost:
		e.net.drop(p, DropTail)
		side.resetAt(loseTail)
	case outcome == sendArrives:
		side.link.send(p)
		side.resetAt(loseNone)
	default:
		side.link.send(p)
		return nil
	}
	return &core.SendError{To: to, Cause: errReset}
}

// What a connection that breaks in the middle of a Send does with the message: the sender cannot know.
type resetOutcome uint8

const (
	noReset resetOutcome = iota
	sendArrives
	sendLost
)

func (l *link) drawReset() resetOutcome {
	rate := l.now.Reset
	if rate == 0 {
		return noReset
	}
	l.net.weights = [...]uint32{uint32(2 * (perMille - rate)), uint32(rate), uint32(rate)}
	stream := l.fault(&l.streams.reset, "reset")
	answer := l.net.ask(stream, len(l.net.weights), l.net.weights[:])
	l.tell(stream, answer, "breaks its connection in the middle of a send", nil)
	if answer != 0 {
		l.bite(func(e *effect) bool { return e.resets })
	}
	return resetOutcome(answer)
}

// resetAt breaks the connection in the middle of a Send. This side knows at once.
func (e *end) resetAt(loss tailLoss) {
	e.breakConnection(loss, loseTail)
	e.other.learnAfterLink()
	e.learn()
}

// sendDatagram sends without a connection. `to` is an address, or the name of a node that was heard here.
func (e *endpoint) sendDatagram(to core.Address, m core.Message) error {
	addr := to
	if hostOf(to) == "" {
		addr = e.replies[to]
		if addr == "" {
			return definite(to, errNoConnection)
		}
	}
	l := e.net.link(Link{e.node.name, hostOf(addr)})
	if l.datagrams[m.Class] >= l.now.Queue {
		return definite(to, core.ErrQueueFull)
	}
	p := e.net.newPacket()
	p.link, p.addr, p.from, p.reply = l, addr, core.Address(e.node.name), e.addr
	e.net.fill(p, m, e.node)
	if e.net.judge(p).decision == dropped {
		l.datagrams[p.class]++
		e.net.drop(p, DropRule)
		return nil
	}
	l.sendDatagram(p)
	return nil
}

// fill gives a packet its message, and the trace its send.
func (n *network) fill(p *packet, m core.Message, sender *Node) {
	p.class, p.body = m.Class, n.memory.copy(m.Body)
	n.stats.Sent++
	n.traceSend(p, sender)
}

// judge asks the rules.
func (n *network) judge(p *packet) Verdict {
	p.delay = -1
	if len(n.rules) == 0 {
		return Verdict{}
	}
	kind := "tcp"
	if p.to == nil {
		kind = "udp"
	}
	verdict := judgePacket(n.rules, Packet{Link: p.link.key, Network: kind, Class: p.class, Body: p.body})
	if verdict.decision == delayed {
		p.delay = verdict.delay
	}
	return verdict
}
