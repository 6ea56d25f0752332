package scenarios

import (
	"fmt"

	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/sim/check"
)

// once: an entry (stream, n) is applied at most once, whatever was resent: each only as the next of its
// stream, on top of the counts before it, after the stream was opened, not after it was closed, and not
// after its final entry. And a revision of a window goes to one taker.
type once struct {
	streams table[stats.Stream, sequence]
	windows map[windowKey]uint64 // the revision that was taken last
}

// sequence is how far a stream was applied.
type sequence struct {
	opened, closed, final bool
	last                  uint64
	counts                stats.Counts
}

func newOnce() *once { return &once{windows: map[windowKey]uint64{}} }

// Name implements check.Invariant.
func (c *once) Name() string { return "once" }

// Observe implements check.Invariant.
func (c *once) Observe(o check.Observation) error {
	switch f := o.Event.(type) {
	case fact.Opened:
		c.streams.of(f.Stream).opened = true
	case fact.StreamClosed:
		s := c.streams.of(f.Stream)
		if s.closed = true; f.At != s.last {
			return fmt.Errorf("%v was closed at %d, applied through %d", f.Stream, f.At, s.last)
		}
	case fact.Applied:
		return c.streams.of(f.Stream).apply(f)
	case fact.WindowTaken:
		key := windowKey{f.Job, f.Window}
		if f.Revision <= c.windows[key] {
			return fmt.Errorf("revision %d of window %d of %s went to the %s, and %d is taken already",
				f.Revision, f.Window, f.Job, f.Taker, c.windows[key])
		}
		c.windows[key] = f.Revision
	}
	return nil
}

func (s *sequence) apply(f fact.Applied) error {
	sum, ok := s.counts.Add(f.Delta)
	switch {
	case !s.opened:
		return fmt.Errorf("entry %d of %v was applied, and nobody opened the stream", f.N, f.Stream)
	case s.closed:
		return fmt.Errorf("entry %d of %v was applied after the stream was closed", f.N, f.Stream)
	case s.final:
		return fmt.Errorf("entry %d of %v was applied after the final one, %d", f.N, f.Stream, s.last)
	case f.N <= s.last:
		return fmt.Errorf("entry %d of %v was applied again, after %d", f.N, f.Stream, s.last)
	case f.N > s.last+1:
		return fmt.Errorf("entry %d of %v was applied, %d was the next", f.N, f.Stream, s.last+1)
	case !ok || sum != f.Cumulative:
		return fmt.Errorf("entry %d of %v says (%v) in all, with it there are (%v)", f.N, f.Stream,
			f.Cumulative, sum)
	}
	s.last, s.counts, s.final = f.N, f.Cumulative, f.Final
	return nil
}

// End implements check.Invariant.
func (c *once) End() error { return nil }
