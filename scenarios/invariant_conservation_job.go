package scenarios

import (
	"fmt"
	"slices"

	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/stats"
)

// take compares a window that is about to be pushed with what was applied to it.
func (c *conservation) take(f fact.WindowTaken) error {
	w := c.job(f.Job).windows.of(f.Window)
	if f.Counts != w.applied {
		return fmt.Errorf("window %d of %s revision %d holds (%v), applied to it was (%v)",
			f.Window, f.Job, f.Revision, f.Counts, w.applied)
	}
	w.taken = f.Counts
	return nil
}

// result compares the totals of a result, in the step that makes it, with what was applied and with the
// windows.
func (c *conservation) result(f fact.Ended) error {
	j := c.job(f.Job)
	j.results = append(j.results, f)
	if f.Totals != j.applied {
		return fmt.Errorf("result %d of %s has totals (%v), applied was (%v)", f.Revision, f.Job, f.Totals,
			j.applied)
	}
	sum := f.Unwindowed
	for _, w := range j.windows.order {
		sum, _ = sum.Add(w.taken)
	}
	if sum != f.Totals {
		return fmt.Errorf("result %d of %s has totals (%v), its windows and unwindowed are (%v)",
			f.Revision, f.Job, f.Totals, sum)
	}
	if f.Unwindowed == (stats.Counts{}) && j.unwindowed != f.Unwindowed {
		return fmt.Errorf("result %d of %s names nothing unwindowed, it was (%v)", f.Revision, f.Job,
			j.unwindowed)
	}
	return nil
}

// End implements check.Invariant: every stream must be accounted for now, and every result and client be
// right.
func (c *conservation) End() error {
	for _, truth := range c.stage.Truth.Streams() {
		if err := c.settled(truth); err != nil {
			return err
		}
	}
	for _, j := range c.jobs.order {
		if err := c.bounded(j); err != nil {
			return err
		}
		if err := c.published(j); err != nil {
			return err
		}
	}
	for _, w := range c.stage.allWitnesses() {
		if err := c.witnessed(w); err != nil {
			return err
		}
	}
	return nil
}

// settled judges a stream at the end of the run.
func (c *conservation) settled(truth Executed) error {
	s := c.of(truth.Stream)
	switch {
	case s.final || s.answered != nil && s.applied == *s.answered:
		return c.exactly(truth.Stream, "applied through its final entry were", s.applied)
	case s.answered != nil:
		return c.exactly(truth.Stream, "applied and refused were", *s.answered)
	case s.closed, s.broken, s.dropped != "":
		return nil // how much was lost, results bound
	case s.released && sampled(s.applied) != truth.Counts:
		return fmt.Errorf("%v: its worker keeps nothing of it, applied was (%v), executed (%v)",
			truth.Stream, s.applied, truth.Counts)
	}
	return nil // it died with its worker, or its worker still has it
}

// bounded compares what each revision of a result says of refused and unknown with what there really is
// beyond its totals: at least what it says was refused, at most what it says is unknown or not accounted
// for yet.
func (c *conservation) bounded(j *jobBooks) error {
	var executed, released uint64
	for _, truth := range c.stage.Truth.Streams() {
		if truth.Stream.Job == j.job {
			executed, released = executed+truth.Counts.Sent(), released+truth.Released
		}
	}
	for _, r := range j.results {
		applied, most := r.Totals.Sent(), r.Refused+r.LostAtMost+r.Missing
		if executed < applied+r.Refused || released > applied+most {
			return fmt.Errorf("result %d of %s: executed %d, released %d, but applied %d + refused %d, and "+
				"%d unknown, %d missing at most", r.Revision, j.job, executed, released, applied, r.Refused,
				r.LostAtMost, r.Missing)
		}
	}
	return nil
}

// published says that what came after the end went into a result, once all of its share had come.
func (c *conservation) published(j *jobBooks) error {
	if len(j.results) == 0 {
		return nil
	}
	for _, s := range c.streams.order {
		whole := (s.final || s.closed) && slices.Contains(j.stated, shareOf(s.stream))
		if s.stream.Job == j.job && !whole {
			return nil
		}
	}
	last := j.results[len(j.results)-1]
	if last.Totals != j.applied {
		return fmt.Errorf("the last result of %s has (%v), applied was (%v) and all datacenters are whole",
			j.job, last.Totals, j.applied)
	}
	return nil
}
