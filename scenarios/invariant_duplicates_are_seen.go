package scenarios

import (
	"cmp"
	"fmt"

	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/sim/check"
)

// duplicatesAreSeen judges what the gate makes of a datacenter's results by a model of its own: an
// identical one is suppressed and counted, one that contradicts is a conflict and counted, and the one that
// holds is the greatest by (token, result number, digest) of all that came, whatever the order.
type duplicatesAreSeen struct {
	shares table[shareKey, heldResult]
	jobs   table[string, resultsOfJob]
}

// shareKey is a workflow's part in a datacenter.
type shareKey struct{ job, workflow, datacenter string }

type heldResult struct {
	in     bool
	result fact.ResultIn
}

type resultsOfJob struct{ duplicates, conflicts uint64 }

func newDuplicatesAreSeen() check.Invariant { return &duplicatesAreSeen{} }

// Name implements check.Invariant.
func (c *duplicatesAreSeen) Name() string { return "duplicates are seen" }

// Observe implements check.Invariant.
func (c *duplicatesAreSeen) Observe(o check.Observation) error {
	switch f := o.Event.(type) {
	case fact.ResultIn:
		return c.result(f)
	case fact.Ended:
		counted := c.jobs.of(f.Job)
		if f.Duplicates != counted.duplicates || f.Conflicts != counted.conflicts {
			return fmt.Errorf("result of job %s counts %d duplicates and %d conflicts, there were %d and %d",
				f.Job, f.Duplicates, f.Conflicts, counted.duplicates, counted.conflicts)
		}
	}
	return nil
}

func (c *duplicatesAreSeen) result(f fact.ResultIn) error {
	held := c.shares.of(shareKey{f.Job, f.Workflow, f.Datacenter})
	want := held.verdictOn(f)
	if f.Verdict != want {
		return fmt.Errorf(
			"result %d.%d of %s/%s from %s, sending %d, digest %x, is said to be %q, it is %q: "+
				"what holds is %d.%d, sending %d, digest %x",
			f.Incarnation, f.Count, f.Job, f.Workflow, f.Datacenter,
			f.Send, f.Digest, f.Verdict, want,
			held.result.Incarnation, held.result.Count, held.result.Send, held.result.Digest)
	}
	counts := c.jobs.of(f.Job)
	switch want {
	case "duplicate", "network":
		counts.duplicates++
	case "conflict":
		counts.conflicts++
	}
	held.take(f)
	return nil
}

func (h *heldResult) compare(f fact.ResultIn) int {
	return cmp.Or(
		cmp.Compare(f.Token, h.result.Token),
		cmp.Compare(f.Incarnation, h.result.Incarnation),
		cmp.Compare(f.Count, h.result.Count),
	)
}

// verdictOn is what must be made of a result.
func (h *heldResult) verdictOn(f fact.ResultIn) string {
	const token = 1 // every job's, as long as no gate takes over from another
	order := h.compare(f)
	switch {
	case f.Token < token:
		return "stale token"
	case !h.in:
		return "new"
	case order > 0:
		return "changed"
	case order < 0:
		return "superseded"
	case f.Digest != h.result.Digest:
		return "conflict"
	case f.Send == h.result.Send:
		return "network"
	default:
		return "duplicate"
	}
}

// take keeps the greatest.
func (h *heldResult) take(f fact.ResultIn) {
	order := cmp.Or(h.compare(f), cmp.Compare(f.Digest, h.result.Digest))
	switch {
	case f.Token == 0:
	case !h.in || order > 0:
		h.in, h.result = true, f
	case order == 0:
		h.result.Send = max(h.result.Send, f.Send)
	}
}

// End implements check.Invariant.
func (c *duplicatesAreSeen) End() error { return nil }
