package scenarios

import (
	"fmt"
	"strings"

	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/sim/check"
)

// conservation: nothing that was executed is lost from sight, and nothing is counted that was not executed.
//
// A stream at a time, against the engine's tap: executed = applied + refused + lost. Refused is what the
// worker of a closed attempt says, and must be the truth. Lost is allowed where the worker's process died,
// where the attempt was closed and its worker did not answer, and where the worker let go of entries for a
// reason that it may have. In any other case executed = applied.
//
// A job at a time: every window that is taken is the sum of what was applied to it; the totals of a result
// are what was applied, and the newest revisions of the windows + unwindowed; what a result says of refused
// and unknown bounds the truth, shard by shard; and a client's books add up to the same.
type conservation struct {
	stage   *Stage
	streams table[stats.Stream, streamBooks]
	jobs    table[string, jobBooks]
}

func newConservation(s *Stage) *conservation { return &conservation{stage: s} }

// streamBooks is what was said of a stream.
type streamBooks struct {
	stream   stats.Stream
	applied  stats.Counts
	final    bool
	broken   bool // an entry did not fit: the gate takes no more
	closed   bool
	ended    *fact.LoadEnded
	answered *stats.Counts // after the close
	dropped  string        // why its worker let go of entries
	released bool          // its worker keeps nothing of it any more
}

// jobBooks is what was said of a job.
type jobBooks struct {
	job        string
	applied    stats.Counts
	unwindowed stats.Counts
	windows    table[int64, windowBooks]
	results    []fact.Ended
	stated     []string // datacenters whose result is in
	forgotten  bool     // by the gate
}

// windowBooks is a window as it should be, and as it was last taken.
type windowBooks struct{ applied, taken stats.Counts }

// Name implements check.Invariant.
func (c *conservation) Name() string { return "conservation" }

// Observe implements check.Invariant.
func (c *conservation) Observe(o check.Observation) error {
	switch f := o.Event.(type) {
	case fact.Applied:
		return c.apply(f)
	case fact.NotApplied:
		c.notApplied(f)
	case fact.StreamClosed:
		c.stage.Run.Reached("a stream was closed")
		return c.close(f)
	case fact.RefusedCounted:
		return c.answer(f)
	case fact.LoadEnded:
		return c.end(f)
	case fact.EntriesDropped:
		c.of(f.Stream).dropped = f.Why
		return c.drop(f)
	case fact.Forgotten:
		c.forget(o.Node, f.Job)
	case fact.WindowTaken:
		return c.take(f)
	case fact.ResultIn:
		j := c.job(f.Job)
		j.stated = append(j.stated, f.Datacenter)
	case fact.Ended:
		return c.result(f)
	}
	return nil
}

func (c *conservation) of(s stats.Stream) *streamBooks {
	b := c.streams.of(s)
	b.stream = s
	return b
}

func (c *conservation) job(id string) *jobBooks {
	b := c.jobs.of(id)
	b.job = id
	return b
}

// apply takes an entry that the gate counted: never more than was executed.
func (c *conservation) apply(f fact.Applied) error {
	s, j := c.of(f.Stream), c.job(f.Stream.Job)
	s.applied, s.final = f.Cumulative, f.Final
	j.applied, _ = j.applied.Add(f.Delta)
	if f.Unwindowed {
		j.unwindowed, _ = j.unwindowed.Add(f.Delta)
	} else {
		w := j.windows.of(f.Window)
		w.applied, _ = w.applied.Add(f.Delta)
	}
	truth := c.stage.Truth.Stream(f.Stream)
	if over := sampled(f.Cumulative); !within(over, truth.Counts) {
		return fmt.Errorf("entry %d of %v counts (%v), executed was (%v)", f.N, f.Stream, over, truth.Counts)
	}
	return nil
}

func (c *conservation) notApplied(f fact.NotApplied) {
	if s := c.streams.find(f.Stream); s != nil && f.N > 0 {
		s.broken = s.broken || f.Broken
	}
}

// end takes a worker's word that an attempt is over: it must have counted just what was executed.
func (c *conservation) end(f fact.LoadEnded) error {
	c.of(f.Stream).ended = &f
	gone := f.State == protocol.EndCutOff || f.State == protocol.EndLeft
	if rest := f.Cumulative.NotSent[stats.Cancelled]; gone && rest > 0 {
		return fmt.Errorf("%v ended %v and accounts for %d arrivals that another could run", f.Stream,
			f.State, rest)
	}
	return c.exactly(f.Stream, "its worker's final counts are", f.Cumulative)
}

// close takes note of a close. What a worker handed over it has done, and the gate has all of it.
func (c *conservation) close(f fact.StreamClosed) error {
	s := c.of(f.Stream)
	s.closed = true
	handedOver := strings.HasPrefix(f.Why, "its worker stopped it") && s.ended != nil && !s.broken
	if handedOver && s.applied != s.ended.Cumulative {
		return fmt.Errorf("%v was handed over with (%v), applied of that are (%v)", f.Stream,
			s.ended.Cumulative, s.applied)
	}
	return nil
}

// answer takes the answer to a close.
func (c *conservation) answer(f fact.RefusedCounted) error {
	s := c.of(f.Stream)
	s.answered = &f.Cumulative
	c.stage.Run.Reached("a closed stream's worker answered")
	if !s.closed {
		return fmt.Errorf("refused of %v were counted, and nobody closed it", f.Stream)
	}
	return c.exactly(f.Stream, "after its close its worker counted", f.Cumulative)
}

// drop takes a worker's word that it let go of entries. It may once their time is over, or when the gate
// has no use for them.
func (c *conservation) drop(f fact.EntriesDropped) error {
	s, j := c.of(f.Stream), c.job(f.Stream.Job)
	c.stage.Run.Reached("a worker dropped entries")
	if f.Why == droppedOld && s.ended != nil || s.broken || j.forgotten {
		return nil
	}
	return fmt.Errorf("%d entries of %v were dropped while the gate still wanted them: %s", f.Count,
		f.Stream, f.Why)
}

// droppedOld is the reason of a worker that kept entries for as long as it keeps any.
const droppedOld = "retention is over"

// forget takes what a node drops: a worker one attempt, a gate a job.
func (c *conservation) forget(node, what string) {
	if node == gateName {
		c.job(what).forgotten = true
		return
	}
	for _, s := range c.streams.order {
		if s.ended != nil && s.stream.String() == what {
			s.released = true
		}
	}
}

// exactly compares counts of an attempt that is over with the truth.
func (c *conservation) exactly(s stats.Stream, what string, counted stats.Counts) error {
	truth := c.stage.Truth.Stream(s)
	if got := sampled(counted); got != truth.Counts {
		return fmt.Errorf("%v: %s (%v), executed was (%v)", s, what, got, truth.Counts)
	}
	if truth.Counts.Sent() != truth.Released {
		return fmt.Errorf("%v is over with %d requests released and %d ended", s, truth.Released,
			truth.Counts.Sent())
	}
	return nil
}

// sampled is what of counts a tap sees: not the rest of a plan that was never due.
func sampled(c stats.Counts) stats.Counts {
	c.NotSent = [stats.Reasons]uint64{stats.NotStarted: c.NotSent[stats.NotStarted]}
	return c
}

// within tells whether no count of a is over that of b.
func within(a, b stats.Counts) bool {
	_, ok := b.Sub(a)
	return ok
}
