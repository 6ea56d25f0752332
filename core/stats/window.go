package stats

import (
	"github.com/windtunnel/windtunnel/core/wire"
)

// Window is the whole value of window K as of one revision, from all streams. A greater revision replaces a
// smaller one; nothing is ever added to it. It shares nothing with the Collector.
type Window struct {
	K        int64
	Revision uint32 // from 1; rises once a take
	Parts    []Part // ascending by datacenter, then workflow; those with at least one entry
}

// Part is what one datacenter's streams of one workflow did in a window.
type Part struct {
	Datacenter string
	Workflow   string
	Streams    uint32 // how many streams have an entry in it
	Entries    uint32 // how many entries it sums
	Merged     uint32 // how many further cut entries those coalesce
	Tally      Tally
}

// Counts is the sum over the parts.
func (w *Window) Counts() Counts {
	var sum Counts
	for i := range w.Parts {
		// It fits: the Collector refuses entries whose sum over the whole job does not.
		sum, _ = sum.Add(w.Parts[i].Tally.Counts)
	}
	return sum
}

// Fields is the window on the wire.
func (w *Window) Fields(c *wire.Coder) {
	c.Int64(1, &w.K)
	wire.Enum(c, 2, &w.Revision)
	wire.List(c, 3, &w.Parts)
}

// Fields is the part on the wire.
func (p *Part) Fields(c *wire.Coder) {
	c.String(1, &p.Datacenter)
	c.String(2, &p.Workflow)
	wire.Enum(c, 3, &p.Streams)
	wire.Enum(c, 4, &p.Entries)
	wire.Enum(c, 5, &p.Merged)
	wire.Nested(c, 6, &p.Tally)
}
