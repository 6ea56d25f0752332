package stats

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/windtunnel/windtunnel/core/wire"
)

// Reason says why an arrival of the plan was not sent.
type Reason uint8

const (
	NotStarted Reason = iota // the generator was saturated
	CutOff                   // the worker stopped itself: no manager answered it
	Cancelled                // the job was cancelled, or its deadline came
	WorkerLost               // nobody ran the shard: its worker was dead, its next attempt not yet there
	Reasons                  // how many reasons there are
)

// String is the reason's name as results show it.
func (r Reason) String() string {
	switch r {
	case NotStarted:
		return "not_started"
	case CutOff:
		return "cut_off"
	case Cancelled:
		return "cancelled"
	case WorkerLost:
		return "worker_lost"
	}
	return fmt.Sprintf("Reason(%d)", uint8(r))
}

// Counts says how many arrivals of a plan went which way. An arrival is in it once, when it has ended.
type Counts struct {
	OK      uint64          // answered, status under 400, checks passed
	Failed  uint64          // answered otherwise, refused, not resolved
	Unknown uint64          // sent, and no answer: it may have hit the target
	NotSent [Reasons]uint64 // by reason
}

// Sent is how many hit the target, or may have: executed, in the words of the reconciliation.
func (c Counts) Sent() uint64 { return c.OK + c.Failed + c.Unknown }

// NotSentTotal is how many were not sent, for whatever reason.
func (c Counts) NotSentTotal() (n uint64) {
	for _, v := range c.NotSent {
		n += v
	}
	return n
}

// Planned is how many arrivals of the plan these counts account for.
func (c Counts) Planned() uint64 { return c.Sent() + c.NotSentTotal() }

// Add returns c + d. It is not ok when the sum of all fields is over 64 bits; so Sent and Planned of what
// Add returned cannot overflow.
func (c Counts) Add(d Counts) (sum Counts, ok bool) {
	sum = c
	sum.plus(&d)
	left, fits := c.sum()
	right, also := d.sum()
	return sum, fits && also && left <= math.MaxUint64-right
}

// plus adds d, which must fit.
func (c *Counts) plus(d *Counts) {
	c.OK += d.OK
	c.Failed += d.Failed
	c.Unknown += d.Unknown
	for i := range c.NotSent {
		c.NotSent[i] += d.NotSent[i]
	}
}

// sum is Planned, if it is within 64 bits: as in all that Add returns.
func (c *Counts) sum() (total uint64, fits bool) {
	total, over := bits.Add64(c.OK, c.Failed, 0)
	total, carry := bits.Add64(total, c.Unknown, 0)
	over |= carry
	for i := range c.NotSent {
		total, carry = bits.Add64(total, c.NotSent[i], 0)
		over |= carry
	}
	return total, over == 0
}

// Sub returns c - d. It is not ok when a field of d is greater than c's: counts that should only grow, fell.
func (c Counts) Sub(d Counts) (rest Counts, ok bool) {
	borrow := uint64(0)
	sub := func(a, b uint64) uint64 {
		s, under := bits.Sub64(a, b, 0)
		borrow |= under
		return s
	}
	rest.OK, rest.Failed, rest.Unknown = sub(c.OK, d.OK), sub(c.Failed, d.Failed), sub(c.Unknown, d.Unknown)
	for i := range rest.NotSent {
		rest.NotSent[i] = sub(c.NotSent[i], d.NotSent[i])
	}
	return rest, borrow == 0
}

// IsZero tells whether nothing was counted.
func (c Counts) IsZero() bool { return c == Counts{} }

// String is for people and traces.
func (c Counts) String() string {
	text := fmt.Sprintf("ok %d, failed %d, unknown %d", c.OK, c.Failed, c.Unknown)
	for i, v := range c.NotSent {
		if v != 0 {
			text += fmt.Sprintf(", %s %d", Reason(i), v)
		}
	}
	return text
}

// Fields is the counts on the wire. A peer can send counts whose sum is over 64 bits: Entry.Validate and Add
// refuse them.
func (c *Counts) Fields(w *wire.Coder) {
	w.Uint64(1, &c.OK)
	w.Uint64(2, &c.Failed)
	w.Uint64(3, &c.Unknown)
	for i := range c.NotSent {
		w.Uint64(4+i, &c.NotSent[i])
	}
}
