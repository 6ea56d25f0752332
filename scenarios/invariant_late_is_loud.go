package scenarios

import (
	"fmt"

	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/sim/check"
)

// lateIsLoud: an entry that comes after its window has closed raises a counter and a histogram of lateness,
// and reaches the client: in the window's next revision, or, where no window takes it any more, in what is
// named unwindowed, after the end in a revision of the result.
type lateIsLoud struct {
	stage *Stage
	jobs  table[string, lateness]
}

// lateness is what was late of a job.
type lateness struct {
	windows  table[int64, lateWindow]
	ended    bool
	late     uint64 // entries
	sketch   stats.Sketch
	atResult table[uint64, stats.Sketch]
}

// lateWindow is how far a window has come.
type lateWindow struct {
	k        int64
	revision uint64 // as of the last take
	owed     bool   // something was applied to it that nobody has taken
}

func newLateIsLoud(s *Stage) *lateIsLoud { return &lateIsLoud{stage: s} }

// Name implements check.Invariant.
func (c *lateIsLoud) Name() string { return "late is loud" }

// Observe implements check.Invariant.
func (c *lateIsLoud) Observe(o check.Observation) error {
	switch f := o.Event.(type) {
	case fact.Applied:
		return c.apply(f)
	case fact.WindowTaken:
		w := c.jobs.of(f.Job).windows.of(f.Window)
		if f.Revision != w.revision+1 {
			return fmt.Errorf("window %d of %s was taken as revision %d after %d", f.Window, f.Job,
				f.Revision, w.revision)
		}
		w.k, w.revision, w.owed = f.Window, f.Revision, false
	case fact.WindowsEvicted:
		for _, w := range c.jobs.of(f.Job).windows.order {
			w.owed = w.owed && w.k > f.Through // what was owed is unwindowed: conservation looks after that
		}
	case fact.State:
		if f.To.Terminal() {
			c.jobs.of(f.Job).ended = true
		}
	case fact.Ended:
		return c.result(f)
	}
	return nil
}

func (c *lateIsLoud) apply(f fact.Applied) error {
	j := c.jobs.of(f.Stream.Job)
	late := f.Late || f.Unwindowed && (j.ended || f.Lateness > 0)
	if late {
		j.late++
		j.sketch.Add(f.Lateness)
		c.stage.Run.Reached("an entry was late")
	}
	if f.Unwindowed {
		c.stage.Run.Reached("an entry was unwindowed")
		return nil
	}
	w := j.windows.of(f.Window)
	if w.k, w.owed = f.Window, true; j.ended {
		return fmt.Errorf("entry %d of %v went into window %d after the job's end", f.N, f.Stream, f.Window)
	}
	if w.revision > 0 && !f.Late {
		return fmt.Errorf("entry %d of %v went into window %d, whose revision %d is out, not called late",
			f.N, f.Stream, f.Window, w.revision)
	}
	return nil
}

// result says that a result names every late entry, and leaves no window with something that the client has
// not got.
func (c *lateIsLoud) result(f fact.Ended) error {
	j := c.jobs.of(f.Job)
	if f.Late != j.late {
		return fmt.Errorf("result %d of %s names %d late entries, there were %d", f.Revision, f.Job, f.Late,
			j.late)
	}
	for _, w := range j.windows.order {
		if w.owed {
			return fmt.Errorf("result %d of %s is out, and window %d has changed since its revision %d",
				f.Revision, f.Job, w.k, w.revision)
		}
	}
	*j.atResult.of(f.Revision) = j.sketch.Clone()
	return nil
}

// End implements check.Invariant: clients have the histogram.
func (c *lateIsLoud) End() error {
	for _, w := range c.stage.allWitnesses() {
		final := w.session.Books().Final
		if final == nil {
			continue
		}
		want := c.jobs.of(w.session.Job()).atResult.of(final.Revision)
		got := &final.Lateness
		if got.Count() != want.Count() || got.Max() != want.Max() || got.Mean() != want.Mean() ||
			final.LateEntries != want.Count() {
			return fmt.Errorf("a client's result %d of %s has %d late entries, up to %v, on average %v; "+
				"there were %d, up to %v, on average %v", final.Revision, final.Job, final.LateEntries,
				got.Max(), got.Mean(),
				want.Count(), want.Max(), want.Mean())
		}
	}
	return nil
}
