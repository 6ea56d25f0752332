package stats

import (
	"fmt"
	"math/bits"
)

// stream is what the owner knows of one stream.
type stream struct {
	id     Stream
	source Source
	group  int // in Collector.groups
	at     int // in Collector.ordered

	next       uint64 // the only number that is taken
	cumulative Counts
	position   uint64
	final      bool
	broken     error

	opened, ended int64 // the windows in which it was opened and closed, by the job's clock
	first, k      int64 // of its first and last applied entry, once next > 1
	windowed      int64 // the last window that it counts in, when covered > 0
	covered       uint64
	merged        uint64

	closed    bool
	due       Due
	refusals  uint64 // entries refused because it was closed
	answered  bool
	statement Counts // cumulative, of the worker's answer
	changed   bool   // its slot has a change that nobody has taken
}

// Due says how many arrivals of a shard's schedule had come due until its closed attempt's worker had
// certainly stopped. Uncounted: nobody can say, as in a closed model.
type Due struct {
	Arrivals  uint64
	Uncounted bool
}

// Closing is a stream as it was closed: where a successor takes over.
type Closing struct {
	Stream   Stream
	Source   Source
	Last     uint64 // the last number that was applied; nothing beyond it ever will be
	Applied  Counts
	Position uint64 // of the schedule, in the last applied entry
	Final    bool   // it had said all: there is no remainder
}

// Open lets source speak for a stream. A shard's first attempt is 1; a later one follows a closed one
// that had not said all. To open the same again for the same source is no error. Errors match ErrInvalid,
// ErrStream or ErrEnded.
func (c *Collector) Open(id Stream, source Source, now Time) error {
	c.advance(now)
	if err := id.Validate(); err != nil {
		return err
	}
	if id.Job != c.job {
		return fmt.Errorf("%w: open %v: the job is %s", ErrStream, id, c.job)
	}
	if s := c.streams[id]; s != nil && s.source == source && !s.closed {
		return nil
	}
	if c.ended {
		return fmt.Errorf("open %v: %w", id, ErrEnded)
	}
	at := shard{id.Datacenter, id.Workflow, id.Shard}
	want := uint32(1)
	if before := c.shards[at]; before != nil {
		if !before.closed || before.final {
			return fmt.Errorf("%w: open %v: attempt %d is not closed, or has said all",
				ErrStream, id, before.id.Attempt)
		}
		want = before.id.Attempt + 1
	}
	if id.Attempt != want || len(c.ordered) == MaxStreams {
		return fmt.Errorf("%w: open %v: the next attempt is %d, and a job has at most %d streams",
			ErrStream, id, want, MaxStreams)
	}
	s := &stream{
		id: id, source: source, group: c.groupOf(id), at: len(c.ordered),
		next: 1, opened: c.config.Index(c.now),
	}
	c.streams[id], c.shards[at] = s, s
	c.ordered = append(c.ordered, s)
	return nil
}

// Close ends what is taken of a stream: at the last applied entry, for ever. Closing again changes
// nothing and returns the same. The error matches ErrStream: nobody opened it.
func (c *Collector) Close(id Stream, due Due, now Time) (Closing, error) {
	c.advance(now)
	s := c.streams[id]
	if s == nil {
		return Closing{}, fmt.Errorf("%w: close %v: it was never opened", ErrStream, id)
	}
	if !s.closed {
		s.closed, s.due, s.ended = true, due, c.config.Index(c.now)
	}
	return Closing{s.id, s.source, s.next - 1, s.cumulative, s.position, s.final}, nil
}

// Answer takes a worker's answer to "closed": what it counted beyond what was applied is refused, and
// known. A greater answer replaces a smaller one. Errors match ErrStream.
func (c *Collector) Answer(a Statement, source Source) error {
	s := c.streams[a.Stream]
	if s == nil || !s.closed || s.source != source {
		return fmt.Errorf("%w: answer of %v for %v: it is not closed, or another's",
			ErrStream, source, a.Stream)
	}
	known := s.cumulative
	if s.answered {
		known = s.statement
	}
	more, ok := a.Cumulative.Sub(known)
	if !ok {
		return fmt.Errorf("%w: answer for %v: %v is less than the %v known",
			ErrStream, a.Stream, a.Cumulative, known)
	}
	refused, ok := more.sum()
	planned, carry := bits.Add64(c.planned, refused, 0)
	if !ok || carry != 0 {
		return fmt.Errorf("%w: answer for %v: the counts do not fit 64 bits", ErrStream, a.Stream)
	}
	c.planned, s.answered, s.statement = planned, true, a.Cumulative
	return nil
}

// Account returns a stream's part of the books, if it was opened.
func (c *Collector) Account(id Stream) (Account, bool) {
	s := c.streams[id]
	if s == nil {
		return Account{}, false
	}
	return s.account(), true
}

// find looks a stream up. Entries come stream after stream, and in much the same order time and again, so
// first it tries the last one and the one that was opened after it.
func (c *Collector) find(id Stream) *stream {
	if c.recent != nil && c.recent.id == id {
		return c.recent
	}
	if c.recent != nil && c.recent.at+1 < len(c.ordered) {
		if next := c.ordered[c.recent.at+1]; next.id == id {
			c.recent = next
			return next
		}
	}
	s := c.streams[id]
	if s != nil {
		c.recent = s
	}
	return s
}

func (c *Collector) groupOf(id Stream) int {
	for i, g := range c.groups {
		if g.datacenter == id.Datacenter && g.workflow == id.Workflow {
			return i
		}
	}
	c.groups = append(c.groups, &group{datacenter: id.Datacenter, workflow: id.Workflow})
	return len(c.groups) - 1
}
