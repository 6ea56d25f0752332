package transport

import (
	"sync/atomic"

	"github.com/windtunnel/windtunnel/core"
)

// Counters are a node's sums since it booted, over all its endpoints.
type Counters struct {
	MessagesSent     uint64 // handed to a socket
	BytesSent        uint64 // with framing
	Writes           uint64 // system calls that wrote them
	MessagesReceived uint64 // put into an inbox
	BytesReceived    uint64 // with framing

	QueueFull [core.ClassCount]uint64 // sends refused because a queue was at its bound, by class
	TooLarge  uint64                  // sends refused because of the message limit
	LostTail  uint64                  // messages that waited in the queue of a connection that broke
	Fenced    uint64                  // messages dropped: their sender had moved to another connection
	Unclaimed uint64                  // messages dropped: their endpoint closed before Recv took them

	Dials               uint64 // attempts to connect
	DialFailures        uint64 // attempts that failed, in the handshake too
	Accepted            uint64 // connections of others
	AcceptFailures      uint64 // connections of others that failed in the handshake
	Incompatible        uint64 // handshakes without a common protocol version
	ConnectionsRefused  uint64 // connections beyond Config.Connections
	ConnectionsReplaced uint64 // connections that their peer dialled anew
	ConnectionsLost     uint64 // connections that broke; the end of a peer in good order does not count
	HalfOpen            uint64 // of these, those that gave no sign of life
	Violations          uint64 // of these, those whose peer broke the protocol

	TaskPanics uint64
}

// counters is Counters while they are counted.
type counters struct {
	messagesSent, bytesSent, writes, messagesReceived, bytesReceived       atomic.Uint64
	queueFull                                                              [core.ClassCount]atomic.Uint64
	tooLarge, lostTail, fenced, unclaimed                                  atomic.Uint64
	dials, dialFailures, accepted, acceptFailures                          atomic.Uint64
	incompatible, connectionsRefused, connectionsReplaced, connectionsLost atomic.Uint64
	halfOpen, violations, taskPanics                                       atomic.Uint64
}

// Counters returns the sums now. Each is exact; together they are not one instant's.
func (n *Node) Counters() Counters {
	c := &n.count
	sums := Counters{
		MessagesSent: c.messagesSent.Load(), BytesSent: c.bytesSent.Load(), Writes: c.writes.Load(),
		MessagesReceived: c.messagesReceived.Load(), BytesReceived: c.bytesReceived.Load(),
		TooLarge: c.tooLarge.Load(), LostTail: c.lostTail.Load(), Fenced: c.fenced.Load(),
		Unclaimed: c.unclaimed.Load(), Dials: c.dials.Load(), DialFailures: c.dialFailures.Load(),
		Accepted: c.accepted.Load(), AcceptFailures: c.acceptFailures.Load(),
		Incompatible: c.incompatible.Load(), ConnectionsRefused: c.connectionsRefused.Load(),
		ConnectionsReplaced: c.connectionsReplaced.Load(), ConnectionsLost: c.connectionsLost.Load(),
		HalfOpen: c.halfOpen.Load(), Violations: c.violations.Load(), TaskPanics: c.taskPanics.Load(),
	}
	for class := range c.queueFull {
		sums.QueueFull[class] = c.queueFull[class].Load()
	}
	return sums
}
