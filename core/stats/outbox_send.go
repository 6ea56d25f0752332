package stats

import (
	"fmt"
	"slices"
	"time"
)

// Batch gives out what to send next, at most limit entries in the order of their numbers: those that have
// to be sent again, then new ones. An entry gets its number here. It is empty while another batch is not
// settled, after Close, and when there is nothing to send. The entries are not to be changed.
func (o *Outbox) Batch(now time.Duration, limit int) []*Entry {
	if o.batch.out || o.closed || limit <= 0 {
		return nil
	}
	if due, ok := o.ResendAt(); ok && now >= due {
		o.again(now)
	}
	if len(o.sent) == 0 {
		o.progress = now
	}
	fresh := o.last() + 1
	first := o.cursor
	var entries []*Entry
	for len(entries) < limit {
		if o.cursor > o.last() && !o.number() {
			break
		}
		if o.cursor < fresh {
			o.counters.EntriesResent++
		}
		entries = append(entries, o.sent[o.cursor-o.durable-1])
		o.cursor++
	}
	if entries != nil {
		o.batch = batch{out: true, first: first, fresh: fresh}
	}
	return entries
}

// Settle says how the sending of the last batch went. Certainly not delivered: its new entries lose their
// numbers and wait again. Anything else: they are sent, for ever as they are.
func (o *Outbox) Settle(certainlyNotDelivered bool) {
	b := o.batch
	o.batch = batch{}
	if !b.out || !certainlyNotDelivered || o.closed {
		return
	}
	keep := len(o.sent)
	for keep > 0 && o.sent[keep-1].N >= b.fresh {
		keep--
		o.sent[keep].N = 0
		o.counters.Returned++
	}
	o.unsent = slices.Concat(o.sent[keep:], o.unsent)
	o.sent = slices.Clone(o.sent[:keep])
	o.cursor = max(o.durable+1, min(o.cursor, b.first))
	for len(o.unsent) > o.config.Unsent {
		o.mergeOldest()
	}
}

// Durable frees the entries through number n: they are in the owner's checkpoint. An older mark is
// ignored. The error is ErrInvalid when no such number was given.
func (o *Outbox) Durable(now time.Duration, n uint64) error {
	if n <= o.durable || o.closed {
		return nil
	}
	if n > o.last() {
		return fmt.Errorf("%w: outbox: %d is durable, but the last number is %d", ErrInvalid, n, o.last())
	}
	o.sent = slices.Clone(o.sent[n-o.durable:])
	o.durable = n
	o.cursor = max(o.cursor, n+1)
	o.progress, o.wanted = now, 0
	return nil
}

// Want is the owner's hint that n is the number it waits for. It frees nothing, and is followed once until
// something changes, for a burst of entries behind a gap brings a burst of hints.
func (o *Outbox) Want(n uint64) {
	if n <= o.durable || n > o.last()+1 || n == o.wanted || o.closed {
		o.counters.WantsIgnored++
		return
	}
	o.cursor, o.wanted = n, n
}

// Reconnected says that what was sent may be lost: all that is not durable is sent again.
func (o *Outbox) Reconnected(now time.Duration) { o.again(now) }

// ResendAt is when all that is not durable is due to be sent again, if nothing becomes durable until
// then; not ok while nothing waits for that.
func (o *Outbox) ResendAt() (at time.Duration, ok bool) {
	return o.progress + o.config.ResendAfter, len(o.sent) > 0 && !o.closed
}

// Sendable tells whether Batch would give out something.
func (o *Outbox) Sendable(now time.Duration) bool {
	if o.batch.out || o.closed {
		return false
	}
	due, ok := o.ResendAt()
	return o.cursor <= o.last() || ok && now >= due || len(o.unsent) > 0 && len(o.sent) < o.config.Sent
}

// Close says that the owner takes nothing more of this stream: what is buffered is freed and no batch is
// given out again. Counting goes on, for the load may need a moment to stop.
func (o *Outbox) Close() {
	o.closed = true
	o.sent, o.unsent, o.batch = nil, nil, batch{}
}

// Statement is all that was counted so far: the answer to "closed", once the load has stopped.
func (o *Outbox) Statement() Statement {
	return Statement{o.config.Stream, o.total, max(o.position, o.total.Planned())}
}

// Done tells that nothing is left to send: the last entry is durable, or the stream was closed.
func (o *Outbox) Done() bool {
	return o.closed || o.finished && len(o.sent)+len(o.unsent) == 0
}

// Fill is how many entries are buffered, and of how many.
func (o *Outbox) Fill() (entries, bound int) {
	return len(o.sent) + len(o.unsent), o.config.Sent + o.config.Unsent
}

// LastDurable is the durable mark: the highest number known to be in the owner's checkpoint.
func (o *Outbox) LastDurable() uint64 { return o.durable }

// Counters returns the counters.
func (o *Outbox) Counters() OutboxCounters { return o.counters }

// last is the highest number that was given.
func (o *Outbox) last() uint64 { return o.durable + uint64(len(o.sent)) }

// number gives the oldest unsent entry its number, if there is one and room.
func (o *Outbox) number() bool {
	if len(o.unsent) == 0 || len(o.sent) == o.config.Sent {
		return false
	}
	e := o.unsent[0]
	e.N = o.last() + 1
	o.unsent[0] = nil
	o.unsent = o.unsent[1:]
	o.sent = append(o.sent, e)
	return true
}

// again starts sending from the durable mark.
func (o *Outbox) again(now time.Duration) { o.cursor, o.wanted, o.progress = o.durable+1, 0, now }
