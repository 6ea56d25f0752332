package rpc

import "sync/atomic"

// Counters count, since New, what a Node dropped, refused or found odd.
type Counters struct {
	LateReplies   uint64 // replies that no call waits for (any more)
	StrangeReply  uint64 // replies from another node than the one that was asked
	Malformed     uint64 // messages, or bodies of typed ones, that do not decode
	UnknownMethod uint64 // requests and notifications for which there is no handler
	Busy          uint64 // requests and notifications refused over Config.CallsIn
	Duplicates    uint64 // requests that came while the same one was being handled
	Unsent        uint64 // replies and cancellations that could not be sent
	TooManyCalls  uint64 // calls refused over Config.CallsOut
}

type counters struct {
	lateReplies, strangeReply, malformed, unknownMethod, busy, duplicates, unsent, tooManyCalls atomic.Uint64
}

// Counters returns how often what happened. Any task may call it.
func (n *Node) Counters() Counters {
	c := &n.counters
	return Counters{
		LateReplies: c.lateReplies.Load(), StrangeReply: c.strangeReply.Load(),
		Malformed: c.malformed.Load(), UnknownMethod: c.unknownMethod.Load(), Busy: c.busy.Load(),
		Duplicates: c.duplicates.Load(),
		Unsent:     c.unsent.Load(), TooManyCalls: c.tooManyCalls.Load(),
	}
}
