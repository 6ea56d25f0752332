package stats

import (
	"fmt"
	"time"
)

// Record counts an arrival that was sent and has ended at now.
func (o *Outbox) Record(now time.Duration, s Sample) {
	if !o.counting(now, 1) {
		return
	}
	o.tally.Sent(s)
	o.total.count(s.Outcome)
}

// Skip counts n arrivals of the schedule that were not sent, decided at now. The error is ErrInvalid when
// the counts do not fit 64 bits, or the reason is none.
func (o *Outbox) Skip(now time.Duration, reason Reason, n uint64) error {
	if reason >= Reasons {
		return fmt.Errorf("%w: %v", ErrInvalid, reason)
	}
	var t Tally
	t.NotSent(reason, n)
	return o.Absorb(now, &t)
}

// Absorb counts what an engine tallied up to now, which must be of the window that now lies in as well as
// the engine can tell. It leaves t alone. The error is ErrInvalid, and nothing is counted, when the
// counts do not fit 64 bits.
func (o *Outbox) Absorb(now time.Duration, t *Tally) error {
	total, ok := o.total.Add(t.Counts)
	if !ok {
		return fmt.Errorf("%w: outbox: the counts do not fit 64 bits", ErrInvalid)
	}
	if !o.counting(now, t.Counts.Planned()) {
		return nil
	}
	o.total = total
	o.tally.Merge(t)
	return nil
}

// Advance says how many arrivals of the schedule have come due so far. It never goes back.
func (o *Outbox) Advance(position uint64) { o.position = max(o.position, position) }

// Cut makes entries of the windows that are over at now. A window in which nothing happened makes an
// entry too: it says that the stream is alive. Windows that passed unseen (a paused process) make none.
func (o *Outbox) Cut(now time.Duration) {
	if o.finished {
		return
	}
	if k := o.config.Windows.Index(o.clock.At(now)); k > o.k {
		o.slice(false)
		o.k = k
	}
}

// Flush makes an entry of what was counted in the window that now lies in, too.
func (o *Outbox) Flush(now time.Duration) {
	o.Cut(now)
	if !o.finished {
		o.slice(false)
	}
}

// Finish makes the final entry. The load has ended, and nothing is counted after it.
func (o *Outbox) Finish(now time.Duration) {
	o.Cut(now)
	if !o.finished {
		o.slice(true)
		o.finished = true
	}
}

// Leave makes the last entry, which is not final: the load has ended before its schedule, nothing is counted
// after it, and the stream waits to be closed.
func (o *Outbox) Leave(now time.Duration) {
	o.Flush(now)
	o.finished = true
}

// counting makes o ready to count n arrivals at now, unless it is finished.
func (o *Outbox) counting(now time.Duration, n uint64) bool {
	if o.finished {
		o.counters.AfterFinish += n
		return false
	}
	o.Cut(now)
	return true
}

// slice makes an entry of what was counted in window k since the last cut; none when that is nothing at
// all and the window has an entry.
func (o *Outbox) slice(final bool) {
	o.position = max(o.position, o.total.Planned())
	if !final && o.anyCut && o.cut == o.k && o.tally.IsZero() && o.cutAt == o.position {
		return
	}
	o.cut, o.anyCut, o.cutAt = o.k, true, o.position
	o.counters.EntriesCut++
	if !o.closed {
		o.push(&Entry{
			Stream: o.config.Stream, K: o.k, Delta: o.tally.Counts, Measures: o.tally.Measures,
			Cumulative: o.total, Position: o.position, Final: final,
		})
	}
	o.tally = Tally{} // the entry owns the sketches now
}

// push queues an entry, and merges the two oldest when that is one too many.
func (o *Outbox) push(e *Entry) {
	o.unsent = append(o.unsent, e)
	if len(o.unsent) > o.config.Unsent {
		o.mergeOldest()
	}
}

func (o *Outbox) mergeOldest() {
	o.unsent[1] = merged(o.unsent[0], o.unsent[1])
	o.unsent[0] = nil
	o.unsent = o.unsent[1:]
	o.counters.EntriesMerged++
}

// merged is the unsent entry a together with b, which comes next. Both become part of it.
func merged(a, b *Entry) *Entry {
	// Neither can overflow: the sums are parts of b.Cumulative.
	a.Delta, _ = a.Delta.Add(b.Delta)
	a.Measures.Merge(&b.Measures)
	a.Span += uint32(min(b.K-a.K, 1<<32-1-int64(a.Span)))
	a.Merged += b.Merged + 1
	a.K, a.Cumulative, a.Position, a.Final = b.K, b.Cumulative, b.Position, b.Final
	return a
}
