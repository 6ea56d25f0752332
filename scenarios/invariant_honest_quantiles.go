package scenarios

import (
	"fmt"
	"slices"
	"time"

	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/sim/check"
)

// honestQuantiles: what a client is told of latencies, of a window or of the whole job, is within the
// sketch's error of the latencies that the tap saw of those very requests; and the arrivals of a plan were
// executed, or are named as not sent with the reason why.
//
// An engine's samples are counted in the order in which they ended, so the entries that were applied of a
// stream stand for the first so many of its samples.
type honestQuantiles struct {
	stage   *Stage
	streams table[stats.Stream, plannedLoad]
	jobs    table[string, quantiles]
}

// plannedLoad is one attempt: what its worker was to do, and how many samples of it were applied.
type plannedLoad struct {
	stream  stats.Stream
	planned uint64
	applied uint64
}

// quantiles is which samples are in what was said of a job.
type quantiles struct {
	planned uint64
	windows table[int64, []samples]
	taken   table[revisionOf, int]   // how many of a window's samples a revision of it has
	results table[uint64, []samples] // by revision
}

// samples are some of a stream's, in the order in which they ended.
type samples struct {
	stream   stats.Stream
	from, to uint64
}

// revisionOf names a window's value.
type revisionOf struct {
	k        int64
	revision uint64
}

func newHonestQuantiles(s *Stage) *honestQuantiles { return &honestQuantiles{stage: s} }

// Name implements check.Invariant.
func (c *honestQuantiles) Name() string { return "honest quantiles" }

// Observe implements check.Invariant.
func (c *honestQuantiles) Observe(o check.Observation) error {
	switch f := o.Event.(type) {
	case fact.Planned:
		c.jobs.of(f.Job).planned = f.Arrivals
	case fact.LoadAccepted:
		s := c.streams.of(f.Stream)
		s.stream, s.planned = f.Stream, f.Planned
	case fact.LoadEnded:
		return c.end(f)
	case fact.Applied:
		s := c.streams.of(f.Stream)
		from := s.applied
		s.stream, s.applied = f.Stream, f.Cumulative.Sent()
		if !f.Unwindowed && s.applied > from {
			w := c.jobs.of(f.Stream.Job).windows.of(f.Window)
			*w = append(*w, samples{f.Stream, from, s.applied})
		}
	case fact.WindowTaken:
		j := c.jobs.of(f.Job)
		*j.taken.of(revisionOf{f.Window, f.Revision}) = len(*j.windows.of(f.Window))
	case fact.Ended:
		in := c.jobs.of(f.Job).results.of(f.Revision)
		for _, s := range c.streams.order {
			if s.stream.Job == f.Job {
				*in = append(*in, samples{s.stream, 0, s.applied})
			}
		}
	}
	return nil
}

// end compares an attempt that is over with its plan. One that leaves a rest accounts for less.
func (c *honestQuantiles) end(f fact.LoadEnded) error {
	planned, n := c.streams.of(f.Stream).planned, f.Cumulative.NotSent
	if counted := f.Cumulative.Planned(); f.Rest && counted >= planned || !f.Rest && counted != planned {
		return fmt.Errorf("%v is over with %d arrivals accounted for, %d were planned",
			f.Stream, f.Cumulative.Planned(), planned)
	}
	allowed := [stats.Reasons]bool{stats.NotStarted: true}
	switch f.State {
	case protocol.EndCompleted:
	case protocol.EndCutOff, protocol.EndLeft:
		if !f.Rest {
			return fmt.Errorf("%v is over as %v, and left nothing", f.Stream, f.State)
		}
		c.stage.Run.Reached("a worker stopped itself")
	default:
		allowed[stats.Cancelled] = true
	}
	for reason := range stats.Reasons {
		if n[reason] > 0 && !allowed[reason] {
			return fmt.Errorf("%v is over as %v with %d arrivals %v", f.Stream, f.State, n[reason], reason)
		}
	}
	return nil
}

// End implements check.Invariant: what clients were told is compared with the truth.
func (c *honestQuantiles) End() error {
	for _, w := range c.stage.allWitnesses() {
		books := w.session.Books()
		j := c.jobs.of(w.session.Job())
		if err := w.arrivals(j.planned); err != nil {
			return err
		}
		for _, known := range books.Windows() {
			if err := c.window(w, j, known); err != nil {
				return err
			}
		}
		if books.Final == nil {
			continue
		}
		in := *j.results.of(books.Final.Revision)
		if err := honest(&books.Final.Measures.Latency, c.latencies(in)); err != nil {
			return fmt.Errorf("result %d of %s: %w", books.Final.Revision, books.Final.Job, err)
		}
	}
	return nil
}

// arrivals compares the gate's plan with what the client asked for.
func (w *witness) arrivals(planned uint64) error {
	want := uint64(0)
	for i := range w.spec.Workflows {
		want += w.spec.Workflows[i].Plan.Arrivals()
	}
	if planned != want {
		return fmt.Errorf("%s plans %d arrivals, its client asked for %d", w.session.Job(), planned, want)
	}
	return nil
}

// window compares a window that came whole. One of which only the counts came, in a gap, promises no
// quantiles.
func (c *honestQuantiles) window(w *witness, j *quantiles, known protocol.WindowCounts) error {
	got := w.window(known.K)
	if got.Revision != known.Revision {
		return nil
	}
	var all stats.Sketch
	for i := range got.Parts {
		all.Merge(&got.Parts[i].Tally.Measures.Latency)
	}
	if all.Count() == 0 && got.Parts != nil && got.Counts().Sent() > 0 {
		return nil // too big for a push: its quantiles were left out, as the gate says
	}
	in := (*j.windows.of(known.K))[:*j.taken.of(revisionOf{known.K, uint64(known.Revision)})]
	if err := honest(&all, c.latencies(in)); err != nil {
		return fmt.Errorf("window %d of %s revision %d: %w", known.K, w.session.Job(), known.Revision, err)
	}
	return nil
}

// latencies are the truth of these samples, ascending.
func (c *honestQuantiles) latencies(in []samples) []time.Duration {
	var out []time.Duration
	for _, s := range in {
		all := c.stage.Truth.Stream(s.stream).Latencies
		out = append(out, all[min(s.from, uint64(len(all))):min(s.to, uint64(len(all)))]...)
	}
	slices.Sort(out)
	return out
}

// honest compares a sketch with the samples that it stands for.
func honest(s *stats.Sketch, truth []time.Duration) error {
	if s.Count() != uint64(len(truth)) {
		return fmt.Errorf("a sketch of %d samples stands for %d", s.Count(), len(truth))
	}
	if len(truth) == 0 {
		return nil
	}
	for _, q := range []float64{0, 0.5, 0.9, 0.95, 0.99, 1} {
		exact := truth[int(q*float64(len(truth)-1))]
		got := s.Quantile(q)
		if off := (got - exact).Abs(); float64(off) > float64(exact)*stats.RelativeError+1 {
			return fmt.Errorf("quantile %v is %v, the tap's %v", q, got, exact)
		}
	}
	return nil
}
