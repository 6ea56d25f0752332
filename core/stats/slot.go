package stats

import (
	"cmp"
	"slices"

	"github.com/windtunnel/windtunnel/core/wire"
)

// Slot is a stream's cumulative counts as of its entry N.
type Slot struct {
	Stream Stream
	N      uint64
	Counts Counts
}

// Join returns the newer of two slots of one stream: the one with the greater n. Two that differ under
// one n contradict the protocol; the one with the greater counts, field by field in order, is taken, so
// that every gate takes the same. Join is commutative, associative and idempotent.
func (s Slot) Join(t Slot) Slot {
	if cmp.Or(cmp.Compare(s.N, t.N), s.Counts.compare(t.Counts)) < 0 {
		return t
	}
	return s
}

// Fields is the slot on the wire.
func (s *Slot) Fields(c *wire.Coder) {
	wire.Nested(c, 1, &s.Stream)
	c.Uint64(2, &s.N)
	wire.Nested(c, 3, &s.Counts)
}

func (c Counts) compare(d Counts) int {
	return cmp.Or(
		cmp.Compare(c.OK, d.OK), cmp.Compare(c.Failed, d.Failed), cmp.Compare(c.Unknown, d.Unknown),
		slices.Compare(c.NotSent[:], d.NotSent[:]),
	)
}
