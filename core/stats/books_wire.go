package stats

import "github.com/windtunnel/windtunnel/core/wire"

// Fields is the books on the wire.
func (b *Books) Fields(c *wire.Coder) {
	wire.Nested(c, 1, &b.Applied)
	for i := range b.Unwindowed {
		wire.Nested(c, 2+i, &b.Unwindowed[i]) // 2 to 6; 7 to 9 are left for reasons to come
	}
	c.Uint64(10, &b.Late)
	wire.Nested(c, 11, &b.Lateness)
	c.Uint64(12, &b.Evicted)
	wire.List(c, 13, &b.Accounts)
	for i := range b.Results {
		c.Uint64(20+i, &b.Results[i])
	}
}

// Fields is the account on the wire.
func (a *Account) Fields(c *wire.Coder) {
	wire.Nested(c, 1, &a.Stream)
	wire.Nested(c, 2, &a.Source)
	c.Uint64(3, &a.Last)
	wire.Nested(c, 4, &a.Applied)
	c.Uint64(5, &a.Position)
	c.Bool(6, &a.Final)
	c.Bool(7, &a.Closed)
	c.String(8, &a.Broken)
	c.Uint64(9, &a.RefusedEntries)
	c.Bool(10, &a.Answered)
	wire.Nested(c, 11, &a.Refused)
	c.Uint64(12, &a.Unknown)
	c.Bool(13, &a.Uncounted)
	c.Uint64(14, &a.Covered)
	c.Uint64(15, &a.Expected)
	c.Uint64(16, &a.Merged)
}

// Fields is the total on the wire.
func (t *Total) Fields(c *wire.Coder) {
	c.String(1, &t.Datacenter)
	c.String(2, &t.Workflow)
	wire.Nested(c, 3, &t.Unwindowed)
	wire.Nested(c, 4, &t.Tally)
}

// Fields is the reconciliation on the wire.
func (r *Reconciliation) Fields(c *wire.Coder) {
	wire.Nested(c, 1, &r.Sum)
	wire.List(c, 2, &r.Lines)
	wire.Nested(c, 3, &r.Share)
}

// Fields is the line on the wire.
func (l *Line) Fields(c *wire.Coder) {
	c.String(1, &l.Datacenter)
	c.String(2, &l.Workflow)
	wire.Enum(c, 3, &l.Shard)
	c.Uint64(4, &l.Planned)
	wire.Nested(c, 5, &l.Applied)
	wire.Nested(c, 6, &l.Refused)
	c.Uint64(7, &l.WorkerLost)
	c.Uint64(8, &l.Unknown)
	c.Bool(9, &l.Uncounted)
	c.Uint64(10, &l.Missing)
	c.Uint64(11, &l.Excess)
	wire.Enum(c, 12, &l.Open)
	wire.Enum(c, 13, &l.Broken)
	c.Uint64(14, &l.NotRun)
}

// Fields is the coverage on the wire.
func (c *Coverage) Fields(w *wire.Coder) {
	w.Uint64(1, &c.Samples)
	w.Uint64(2, &c.Lacking)
	w.Bool(3, &c.Uncounted)
	w.Uint64(4, &c.Windows)
	w.Uint64(5, &c.Expected)
	w.Uint64(6, &c.Merged)
}
