package stats

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"strings"
)

// Plan is what a shard was to do in all. Uncounted: nobody can say, as in a closed model.
type Plan struct {
	Datacenter string
	Workflow   string
	Shard      uint32
	Arrivals   uint64
	Uncounted  bool
	NotRun     bool // nobody was ever told to run it, and nobody will be
}

// Reconciliation is how a plan and the books compare. In all lines and in the sum
//
//	Planned + Excess = Applied + Refused + WorkerLost + NotRun + Unknown + Missing
//
// where Applied and Refused count both what was sent and what was not, and Unknown is a bound: between
// none and all of it was executed, and the rest of it was not sent.
type Reconciliation struct {
	Sum   Line
	Lines []Line // a shard each, ascending
	Share Coverage
}

// Line is a shard's part of a Reconciliation, over all its attempts.
type Line struct {
	Datacenter string
	Workflow   string
	Shard      uint32

	Planned    uint64 // in a closed model: what is known of
	Applied    Counts
	Refused    Counts // known from answers to "closed"
	WorkerLost uint64 // not sent for certain: no worker ran the shard
	NotRun     uint64 // not sent for certain: the shard was never started, and will not be
	Unknown    uint64 // at most so many were executed without being applied or refused
	Uncounted  bool   // and some that nobody can count
	Missing    uint64 // planned, and nobody accounts for it: the shard is not done, or a count is wrong
	Excess     uint64 // counted beyond the plan
	Open       uint32 // attempts that are neither closed nor through their final entry
	Broken     uint32 // attempts with an entry that did not fit
}

// Coverage says how much of what was executed the applied samples, and so the quantiles, stand for.
type Coverage struct {
	Samples   uint64 // applied
	Lacking   uint64 // refused or unknown: at most so many samples are not in
	Uncounted bool   // and some that nobody can count
	Windows   uint64 // stream windows that have an entry
	Expected  uint64 // stream windows that should
	Merged    uint64 // cut entries that were merged: the counts are in, in a later window
}

// Reconcile compares the books with the plan. A shard that one of them does not know has nothing there.
func Reconcile(books *Books, plans []Plan) Reconciliation {
	var rows rows
	for _, p := range plans {
		r := rows.of(p.Datacenter, p.Workflow, p.Shard)
		r.line.Planned, r.uncounted, r.notRun = p.Arrivals, p.Uncounted, p.NotRun
	}
	r := Reconciliation{}
	for i := range books.Accounts {
		a := &books.Accounts[i]
		row := rows.of(a.Stream.Datacenter, a.Stream.Workflow, a.Stream.Shard)
		row.attempts = append(row.attempts, a)
		r.Share.add(a)
	}
	for _, row := range rows {
		row.line.balance(row.attempts, row.uncounted, row.notRun)
		r.Lines = append(r.Lines, row.line)
		r.Sum.add(&row.line)
	}
	r.Share.Samples = books.Applied.Sent()
	r.Share.Lacking = capped(r.Sum.Refused.Sent(), r.Sum.Unknown)
	r.Share.Uncounted = r.Sum.Uncounted
	return r
}

// rows are the shards that plan or books know, ascending.
type rows []*row

type row struct {
	line      Line
	attempts  []*Account
	uncounted bool
	notRun    bool
}

// of finds a shard's row, or makes it.
func (r *rows) of(datacenter, workflow string, shard uint32) *row {
	line := Line{Datacenter: datacenter, Workflow: workflow, Shard: shard}
	i, found := slices.BinarySearchFunc(*r, &line, func(r *row, l *Line) int {
		return cmp.Or(
			strings.Compare(r.line.Datacenter, l.Datacenter),
			strings.Compare(r.line.Workflow, l.Workflow),
			cmp.Compare(r.line.Shard, l.Shard),
		)
	})
	if !found {
		*r = slices.Insert(*r, i, &row{line: line})
	}
	return (*r)[i]
}

// balance fills the line in from the accounts of its attempts, in order.
func (l *Line) balance(attempts []*Account, uncounted, notRun bool) {
	remainder := false // an attempt was closed before it had said all
	for _, a := range attempts {
		l.Applied, _ = l.Applied.Add(a.Applied) // the Collector saw that all of them fit
		l.Refused, _ = l.Refused.Add(a.Refused)
		l.Unknown = capped(l.Unknown, a.Unknown)
		l.Uncounted = l.Uncounted || a.Uncounted
		if a.Closed && !a.Final {
			remainder = true
		}
		if !a.Closed && !a.Final {
			l.Open++
		}
		if a.Broken != "" {
			l.Broken++
		}
	}
	known := l.Applied.Planned() + l.Refused.Planned()
	if uncounted {
		l.Planned = capped(known, l.Unknown)
		return
	}
	if known > l.Planned {
		l.Excess, l.Unknown = known-l.Planned, 0
		return
	}
	rest := l.Planned - known
	l.Unknown = min(l.Unknown, rest) // an arrival of the plan is executed at most once
	switch rest -= l.Unknown; {
	case remainder && l.Open == 0:
		l.WorkerLost = rest
	case notRun && len(attempts) == 0:
		l.NotRun = rest
	default:
		l.Missing = rest
	}
}

// Balanced tells whether every planned arrival is accounted for: applied, known to be refused, or
// certainly not sent.
func (r *Reconciliation) Balanced() bool {
	s := &r.Sum
	return s.Unknown|s.Missing|s.Excess == 0 && !s.Uncounted && s.Open|s.Broken == 0
}

// Incomplete tells whether a result is to be marked so: its books do not balance, or the job is PARTIAL.
func (r *Reconciliation) Incomplete(partial bool) bool { return partial || !r.Balanced() }

func (l *Line) add(m *Line) {
	l.Planned += m.Planned
	l.Applied, _ = l.Applied.Add(m.Applied)
	l.Refused, _ = l.Refused.Add(m.Refused)
	l.WorkerLost += m.WorkerLost
	l.NotRun += m.NotRun
	l.Unknown = capped(l.Unknown, m.Unknown)
	l.Uncounted = l.Uncounted || m.Uncounted
	l.Missing += m.Missing
	l.Excess += m.Excess
	l.Open += m.Open
	l.Broken += m.Broken
}

// capped is a sum that stays at 2^64-1: a bound from a peer's numbers must not wrap to a small one.
func capped(a, b uint64) uint64 {
	sum, carry := bits.Add64(a, b, 0)
	if carry != 0 {
		return math.MaxUint64
	}
	return sum
}

func (c *Coverage) add(a *Account) {
	c.Windows += a.Covered
	c.Expected += a.Expected
	c.Merged += a.Merged
}

// Fraction is the share of the expected stream windows that have an entry, 0 to 1; 1 when none is expected.
func (c Coverage) Fraction() float64 {
	if c.Expected == 0 {
		return 1
	}
	return float64(min(c.Windows, c.Expected)) / float64(c.Expected)
}
