package scenarios

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/sim/check"
)

// noStrayLoad: no request hits the target before its attempt was opened by the gate and accepted by its
// worker, none later than two heartbeats after the end reached that worker, none once no manager has
// answered the worker for dead + grace of its own steady clock, and none of two attempts of a shard side by
// side, or of one attempt from two workers. A shard's next attempt is opened only after the one before was
// closed, and goes on where the plan is by then: it runs what is left, and what is overdue does not come in a
// burst. What ran when its worker was not answered for dead + grace never goes on, and a worker that leaves
// accepts nothing.
//
// Every release is judged in the step in which the engine's tap sees it. Where there is no World, what
// depends on durations is not checked.
type noStrayLoad struct {
	stage   *Stage
	streams table[stats.Stream, loadOf]
	shards  table[stats.Stream,
		uint32] // by stream without attempt: the newest attempt that released anything
	workers table[process, workerLife]
	pace    pace
}

// process is one incarnation of a node.
type process struct {
	node        string
	incarnation int
}

// loadOf is what may be released of a stream, and by whom.
type loadOf struct {
	opened   bool
	at       time.Duration // of the opening
	closed   bool
	accepted bool
	planned  uint64 // arrivals that its worker accepted
	taken    stopwatch
	by       process
	gaps     int // of its worker, when that accepted it
	stopped  bool
	since    time.Duration // of the stop
	first    time.Duration // release, when there was one
	released uint64
}

// workerLife is what a worker's process knows of its manager and of jobs that ended.
type workerLife struct {
	sent     core.Instant // of its steady clock: the last heartbeat
	answered core.Instant // the sending of the last answered one
	ended    table[string, stopOf]
	gaps     []time.Duration // the long ones, from one answered heartbeat to the next
	leaves   bool
}

// stopOf is when a process learnt of a job's end.
type stopOf struct {
	is bool
	at time.Duration
}

func newNoStrayLoad(s *Stage) *noStrayLoad { return &noStrayLoad{stage: s, pace: s.pace()} }

// Name implements check.Invariant.
func (c *noStrayLoad) Name() string { return "no stray load" }

// Observe implements check.Invariant.
func (c *noStrayLoad) Observe(o check.Observation) error {
	who := process{o.Node, o.Incarnation}
	switch f := o.Event.(type) {
	case *released:
		return c.release(f, who, o.At)
	case fact.Opened:
		return c.open(f.Stream, o.At)
	case fact.StreamClosed:
		c.streams.of(f.Stream).closed = true
	case fact.LoadAccepted:
		return c.accept(f, who, o.At)
	case fact.Leaving:
		c.workers.of(who).leaves = true
	case fact.StopReached:
		c.stop(f.Stream, who, o.At)
	case fact.Heartbeat:
		return c.beat(f, who)
	}
	return nil
}

// accept judges what a worker takes.
func (c *noStrayLoad) accept(f fact.LoadAccepted, who process, at time.Duration) error {
	s, w := c.streams.of(f.Stream), c.workers.of(who)
	switch {
	case !s.opened:
		return fmt.Errorf("%s accepted %v, which nobody opened", who.node, f.Stream)
	case s.accepted:
		return fmt.Errorf("%s accepted %v, which %s had accepted before", who.node, f.Stream, s.by.node)
	case w.leaves:
		return fmt.Errorf("%s accepted %v when it was leaving", who.node, f.Stream)
	}
	s.accepted, s.by, s.planned, s.taken = true, who, f.Planned, c.pace.start(who.node, at)
	s.gaps = len(w.gaps)
	if c.stage.World == nil {
		return nil
	}
	return c.remainder(f, s, at)
}

// remainder says that a later attempt runs what its shard's plan had left when it was opened, and no more;
// and no less than what it has left now. Clocks drift, and a shard's arrivals come in rounds.
func (c *noStrayLoad) remainder(f fact.LoadAccepted, s *loadOf, at time.Duration) error {
	whole := f.Stream
	whole.Attempt = 1
	first, duration := c.streams.of(whole), c.stage.lasts(f.Stream)
	if f.Stream.Attempt == 1 || !first.accepted || duration == 0 {
		return nil // the whole shard's plan was never seen
	}
	left := func(elapsed time.Duration) float64 {
		return float64(first.planned) * max(0, 1-elapsed.Seconds()/duration.Seconds())
	}
	least, most := left(drifted(at-first.at))-roundAllowed, left((s.at-first.at)*20/21)+roundAllowed
	if planned := float64(f.Planned); planned < least || planned > most {
		return fmt.Errorf("%v is to run %d arrivals, %v after its shard began and %v after it was opened: "+
			"its plan has %d for %v", f.Stream, f.Planned, at-first.at, at-s.at, first.planned, duration)
	}
	return nil
}

// roundAllowed is what a part of a plan may be ahead of, or behind, its even share.
const roundAllowed = 4

// open takes note of a new attempt.
func (c *noStrayLoad) open(s stats.Stream, at time.Duration) error {
	c.streams.of(s).opened, c.streams.of(s).at = true, at
	if before := s; s.Attempt > 1 {
		before.Attempt--
		if earlier := c.streams.of(before); !earlier.opened || !earlier.closed {
			return fmt.Errorf("%v was opened and its attempt %d was not closed", s, before.Attempt)
		}
	}
	return nil
}

// stop takes note that a process learnt the end of an attempt, or of all of a job.
func (c *noStrayLoad) stop(s stats.Stream, who process, at time.Duration) {
	if s.Datacenter != "" {
		if l := c.streams.of(s); !l.stopped {
			l.stopped, l.since = true, at
		}
		return
	}
	if job := c.workers.of(who).ended.of(s.Job); !job.is {
		job.is, job.at = true, at
	}
}

func (c *noStrayLoad) beat(f fact.Heartbeat, who process) error {
	w := c.workers.of(who)
	if !f.Answered {
		w.sent = f.At
		return nil
	}
	if f.At != w.sent {
		return fmt.Errorf("%s counts from %d, its last heartbeat was sent at %d", who.node, f.At, w.sent)
	}
	if gap := f.At.Sub(w.answered); gap >= time.Second && w.answered != 0 {
		w.gaps = append(w.gaps, gap)
	}
	w.answered = f.At
	return nil
}

func (c *noStrayLoad) release(f *released, who process, at time.Duration) error {
	s := c.streams.of(f.stream)
	if !s.accepted {
		return fmt.Errorf("%s released %v, which it never accepted", who.node, f.stream)
	}
	if s.by != who {
		return fmt.Errorf("%s~%d released %v, which %s~%d runs", who.node, who.incarnation, f.stream,
			s.by.node,
			s.by.incarnation)
	}
	shard := f.stream
	shard.Attempt = 0
	newest := c.shards.of(shard)
	if f.stream.Attempt < *newest {
		return fmt.Errorf("%v released beside its attempt %d", f.stream, *newest)
	}
	*newest = f.stream.Attempt
	if c.stage.World == nil {
		return nil
	}
	if err := c.steady(f, s, who, at); err != nil {
		return err
	}
	return c.inTime(f, s, who, at)
}

// steady says that a later attempt does not make up for the time before it: in its first second it releases
// no more than two seconds' worth of its shard's plan, and a little.
func (c *noStrayLoad) steady(f *released, s *loadOf, who process, at time.Duration) error {
	if s.released == 0 {
		s.first = at
	}
	if s.released += uint64(f.n); f.stream.Attempt == 1 || at > s.first+burstWithin {
		return nil
	}
	whole := f.stream
	whole.Attempt = 1
	first, duration := c.streams.of(whole), c.stage.lasts(f.stream)
	if !first.accepted || duration == 0 {
		return nil // the whole shard's plan was never seen
	}
	worth := 2*burstWithin + c.pace.delayed(who.node) - s.taken.delayed
	most := uint64(float64(first.planned)*worth.Seconds()/duration.Seconds()) + burstAllowed
	if s.released > most {
		return fmt.Errorf("%s released %d of %v in its first %v, its plan has %d for %v",
			who.node, s.released, f.stream, at-s.first, most-burstAllowed, worth)
	}
	return nil
}

const (
	burstWithin  = time.Second
	burstAllowed = 10
)

// inTime is the part that depends on durations.
func (c *noStrayLoad) inTime(f *released, s *loadOf, who process, at time.Duration) error {
	w := c.workers.of(who)
	if silence := f.now.Sub(w.answered); silence >= f.silence {
		return fmt.Errorf("%s released %v though nobody answered it for %v", who.node, f.stream, silence)
	}
	for _, gap := range w.gaps[s.gaps:] {
		if gap >= f.silence {
			return fmt.Errorf("%s released %v, which ran when nobody answered it for %v", who.node, f.stream,
				gap)
		}
	}
	if s.stopped && at > s.since+twoHeartbeats {
		return fmt.Errorf("%s released %v %v after its stop had reached it", who.node, f.stream, at-s.since)
	}
	if job := w.ended.find(f.stream.Job); job != nil && at > job.at+twoHeartbeats {
		return fmt.Errorf("%s released %v %v after the end of its job had reached it", who.node, f.stream,
			at-job.at)
	}
	return nil
}

// twoHeartbeats is for how long load may go on once its end has reached the worker.
const twoHeartbeats = 2 * time.Second

// End implements check.Invariant.
func (c *noStrayLoad) End() error { return nil }
