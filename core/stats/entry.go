package stats

import (
	"fmt"

	"github.com/windtunnel/windtunnel/core/wire"
)

// Entry is what one stream did in one window: a difference, and the state after it. Once it was handed to
// the network it never changes, so a number has one content for ever.
type Entry struct {
	Stream     Stream
	N          uint64 // from 1 in every attempt; 0 as long as it was not handed to the network
	K          int64  // the window; never falls in a stream, and several entries may share one
	Delta      Counts
	Measures   Measures // of the samples in Delta; a sketch has all of them, or none where nobody measures
	Cumulative Counts   // Delta and those of all entries before
	// Position is how many arrivals of the shard's schedule had come due, at least Cumulative.Planned(): the
	// rest of them is in flight. In a closed model: how many had been started.
	Position uint64
	Final    bool   // the stream says nothing after it
	Merged   uint32 // how many further cut entries were merged into this one; 0 but under backpressure
	Span     uint32 // how many windows before K the oldest of those belongs to
}

// Validate refuses what no Outbox hands out. It does not see whether the entry fits the one before.
func (e *Entry) Validate() error {
	if err := e.Stream.Validate(); err != nil {
		return err
	}
	_, delta := e.Delta.sum()
	if _, cumulative := e.Cumulative.sum(); !delta || !cumulative {
		return fmt.Errorf("%w: entry: the sum of the counts is over 64 bits", ErrInvalid)
	}
	if _, ok := e.Cumulative.Sub(e.Delta); !ok {
		return fmt.Errorf("%w: entry: cumulative counts (%v) are less than the delta (%v)",
			ErrInvalid, e.Cumulative, e.Delta)
	}
	return e.agrees()
}

// agrees tells why the parts of an entry contradict one another. Its counts fit.
func (e *Entry) agrees() error {
	if e.N == 0 {
		return fmt.Errorf("%w: entry: n is 0, must be 1 or more", ErrInvalid)
	}
	if planned, _ := e.Cumulative.sum(); e.Position < planned {
		return fmt.Errorf("%w: entry: position is %d, must be at least the %d arrivals counted",
			ErrInvalid, e.Position, e.Cumulative.Planned())
	}
	if e.Merged == 0 && e.Span != 0 {
		return fmt.Errorf("%w: entry: spans %d windows but nothing was merged", ErrInvalid, e.Span)
	}
	sent, m := e.Delta.Sent(), &e.Measures
	for _, count := range [...]uint64{m.Latency.count, m.Service.count, m.SendLag.count} {
		if count != sent && count != 0 {
			return fmt.Errorf("%w: entry: a sketch has %d samples, must have the delta's %d, or none",
				ErrInvalid, count, sent)
		}
	}
	return nil
}

// Fields is the entry on the wire.
func (e *Entry) Fields(c *wire.Coder) {
	wire.Nested(c, 1, &e.Stream)
	c.Uint64(2, &e.N)
	c.Int64(3, &e.K)
	wire.Nested(c, 4, &e.Delta)
	wire.Nested(c, 5, &e.Measures)
	wire.Nested(c, 6, &e.Cumulative)
	c.Uint64(7, &e.Position)
	c.Bool(8, &e.Final)
	wire.Enum(c, 9, &e.Merged)
	wire.Enum(c, 10, &e.Span)
}
