package stats

import (
	"fmt"
	"math/bits"
	"time"
)

// Apply takes one entry from source, if it is the next of its stream. It does not keep e.
func (c *Collector) Apply(e *Entry, source Source, now Time) Receipt {
	c.advance(now)
	r := c.apply(e, source)
	c.results[r.Result]++
	return r
}

func (c *Collector) apply(e *Entry, source Source) Receipt {
	s := c.find(e.Stream)
	switch {
	case s == nil:
		return Receipt{Result: RefusedUnknown,
			Err: fmt.Errorf("%w: %v was never opened", ErrStream, e.Stream)}
	case s.source != source:
		return Receipt{Result: RefusedForeign,
			Err: fmt.Errorf("%w: %v is %v's, not %v's", ErrStream, e.Stream, s.source, source)}
	case e.N != 0 && e.N < s.next:
		return Receipt{Result: Duplicate, Next: s.next}
	case s.closed:
		s.refusals++
		return Receipt{Result: RefusedClosed, Next: s.next,
			Err: fmt.Errorf("%w: %v was closed at %d", ErrStream, e.Stream, s.next-1)}
	case s.broken != nil:
		return Receipt{Result: RefusedBroken, Next: s.next, Err: s.broken}
	case e.N > s.next:
		return Receipt{Result: Gap, Next: s.next}
	}
	planned, err := c.fit(s, e)
	if err != nil {
		s.broken = err
		return Receipt{Result: RefusedMalformed, Next: s.next, Err: err}
	}
	c.planned = planned
	c.total.plus(&e.Delta)
	r := c.count(s, e)
	s.next++
	if s.k = e.K; e.N == 1 {
		s.first = e.K
	}
	s.cumulative, s.position, s.final = e.Cumulative, e.Position, e.Final
	s.merged += uint64(e.Merged)
	if !s.changed {
		s.changed = true
		c.changed = append(c.changed, s)
	}
	r.Next = s.next
	return r
}

// fit tells why e cannot come after what was applied of s. Otherwise it returns what the job's planned
// becomes: where that fits 64 bits, every sum of applied and refused counts does.
func (c *Collector) fit(s *stream, e *Entry) (planned uint64, err error) {
	delta, ok := e.Delta.sum()
	planned, carry := bits.Add64(c.planned, delta, 0)
	if !ok || carry != 0 {
		return 0, fmt.Errorf("%w: entry %d of %v: the job's counts do not fit 64 bits",
			ErrInvalid, e.N, s.id)
	}
	cumulative := s.cumulative
	if cumulative.plus(&e.Delta); cumulative != e.Cumulative {
		return 0, fmt.Errorf("%w: entry %d of %v: cumulative counts are (%v), must be (%v) and (%v)",
			ErrInvalid, e.N, s.id, e.Cumulative, s.cumulative, e.Delta)
	}
	if err := e.agrees(); err != nil {
		return 0, fmt.Errorf("%v: %w", s.id, err)
	}
	if e.Position < s.position || e.N > 1 && e.K < s.k {
		return 0, fmt.Errorf("%w: entry %d of %v: position or window falls", ErrInvalid, e.N, s.id)
	}
	if s.final {
		return 0, fmt.Errorf("%w: entry %d of %v: it comes after the final one", ErrInvalid, e.N, s.id)
	}
	return planned, nil
}

// count puts a fitting entry into its window, or outside of all of them.
func (c *Collector) count(s *stream, e *Entry) Receipt {
	var late time.Duration
	// Too old ones are late, too: the maximum age is beyond the tolerances.
	isLate := c.ended || e.K <= c.closedThrough
	if isLate {
		late = c.lateness(e.K)
		c.late++
		c.lag.Add(late)
	}
	w, reason := c.window(e.K)
	if w == nil {
		g := c.groups[s.group]
		c.outside[reason].plus(&e.Delta)
		g.outside.plus(&e.Delta)
		g.measures.Merge(&e.Measures)
		return Receipt{Result: AppliedUnwindowed, Late: late}
	}
	w.add(s, e, len(c.groups))
	c.touch(w)
	if isLate {
		return Receipt{Result: AppliedLate, Late: late}
	}
	return Receipt{Result: Applied}
}

// lateness is how long after its end a window's entry comes; 0 when the clocks differ the other way. A
// window before 1970 counts as the last of 1969: k is a peer's, and its end need not fit a Time.
func (c *Collector) lateness(k int64) time.Duration {
	if k > c.farthest {
		return 0
	}
	return max(0, c.now.Sub(c.config.End(max(k, -1))))
}
