package scenarios

import (
	"fmt"

	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

// witnessed compares a client's books with the result that it has.
func (c *conservation) witnessed(w *witness) error {
	books := w.session.Books()
	if books.Final == nil {
		return nil
	}
	final, job := *books.Final, w.session.Job()
	sum, _ := books.Windowed().Add(final.Unwindowed)
	if sum != final.Books.Sum.Applied {
		return fmt.Errorf("a client's windows of %s and unwindowed are (%v), its result %d says (%v)",
			job, sum, final.Revision, final.Books.Sum.Applied)
	}
	said, ok := c.job(job).revision(final.Revision)
	if !ok || said.Totals != final.Books.Sum.Applied || said.State != final.State {
		return fmt.Errorf("a client has result %d of %s in %v with (%v), which the gate never made",
			final.Revision, job, final.State, final.Books.Sum.Applied)
	}
	for _, line := range final.Books.Lines {
		if err := c.shardBounded(job, line); err != nil {
			return fmt.Errorf("result %d: %w", final.Revision, err)
		}
	}
	return lostStreams(final)
}

// revision finds a result by its number.
func (j *jobBooks) revision(n uint64) (fact.Ended, bool) {
	for _, r := range j.results {
		if r.Revision == n {
			return r, true
		}
	}
	return fact.Ended{}, false
}

// shardBounded is bounded for one shard of the result that a client has.
func (c *conservation) shardBounded(job string, l stats.Line) error {
	var executed, released uint64
	for _, truth := range c.stage.Truth.Streams() {
		s := truth.Stream
		if s.Job == job && s.Datacenter == l.Datacenter && s.Workflow == l.Workflow && s.Shard == l.Shard {
			executed, released = executed+truth.Counts.Sent(), released+truth.Released
		}
	}
	applied, refused := l.Applied.Sent(), l.Refused.Sent()
	if executed < applied+refused || released > applied+refused+l.Unknown+l.Missing {
		return fmt.Errorf("shard %d of %s in %s: executed %d, released %d, "+
			"but applied %d + refused %d, and %d unknown, %d missing at most",
			l.Shard, job, l.Datacenter, executed, released, applied, refused, l.Unknown, l.Missing)
	}
	return nil
}

// lostStreams says that the list of what was lost and the sums agree.
func lostStreams(r protocol.JobResult) error {
	var refused uint64
	for _, l := range r.Lost {
		refused += l.Refused.Sent()
	}
	if refused != r.Books.Sum.Refused.Sent() {
		return fmt.Errorf("the streams of %s that were lost have %d refused, its books %d",
			r.Job, refused, r.Books.Sum.Refused.Sent())
	}
	return nil
}
