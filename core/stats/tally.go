package stats

import (
	"time"

	"github.com/windtunnel/windtunnel/core/wire"
)

// Outcome is how a sent arrival ended.
type Outcome uint8

const (
	OK      Outcome = iota // answered, status under 400, checks passed
	Failed                 // answered otherwise, refused, not resolved
	Unknown                // sent, and no answer before it was given up
)

// Sample is one arrival that was sent and has ended.
type Sample struct {
	Outcome Outcome
	Latency time.Duration // from the planned start to the end; in a closed model the same as Service
	Service time.Duration // from the send to the end
	SendLag time.Duration // from the planned start to the send
}

// Measures are the sketches of one set of samples, each of every sample in it: the unknown ones with the
// time until they were given up, for leaving them out would hide the worst.
type Measures struct {
	Latency Sketch
	Service Sketch
	SendLag Sketch
}

// Add counts one sample.
func (m *Measures) Add(s Sample) {
	m.Latency.Add(s.Latency)
	m.Service.Add(s.Service)
	m.SendLag.Add(s.SendLag)
}

// Merge adds all that o measured. It is not ok when a count would be over 64 bits: that sketch is unchanged.
func (m *Measures) Merge(o *Measures) (ok bool) {
	latency, service := m.Latency.Merge(&o.Latency), m.Service.Merge(&o.Service)
	return m.SendLag.Merge(&o.SendLag) && latency && service
}

// Clone returns a copy that shares nothing.
func (m *Measures) Clone() Measures {
	return Measures{m.Latency.Clone(), m.Service.Clone(), m.SendLag.Clone()}
}

// Reset empties the sketches and keeps their memory.
func (m *Measures) Reset() {
	m.Latency.Reset()
	m.Service.Reset()
	m.SendLag.Reset()
}

// Fields is the measures on the wire.
func (m *Measures) Fields(c *wire.Coder) {
	wire.Nested(c, 1, &m.Latency)
	wire.Nested(c, 2, &m.Service)
	wire.Nested(c, 3, &m.SendLag)
}

// Tally is what an engine, or one goroutine of it, counted since it was last emptied. Zero is empty;
// Reset empties it and keeps its memory. It is not safe for concurrent use.
type Tally struct {
	Counts   Counts
	Measures Measures
}

// Sent counts a sample.
func (t *Tally) Sent(s Sample) {
	t.Counts.count(s.Outcome)
	t.Measures.Add(s)
}

func (c *Counts) count(o Outcome) {
	switch o {
	case OK:
		c.OK++
	case Failed:
		c.Failed++
	default:
		c.Unknown++
	}
}

// NotSent counts n arrivals that were not sent.
func (t *Tally) NotSent(reason Reason, n uint64) { t.Counts.NotSent[reason] += n }

// Merge adds all that o counted. It is not ok when a count would be over 64 bits.
func (t *Tally) Merge(o *Tally) (ok bool) {
	sum, ok := t.Counts.Add(o.Counts)
	if !ok || !t.Measures.Merge(&o.Measures) {
		return false
	}
	t.Counts = sum
	return true
}

// IsZero tells whether nothing was counted.
func (t *Tally) IsZero() bool {
	m := &t.Measures
	return t.Counts.IsZero() && m.Latency.count|m.Service.count|m.SendLag.count == 0
}

// Clone returns a copy that shares nothing.
func (t *Tally) Clone() Tally { return Tally{t.Counts, t.Measures.Clone()} }

// Reset empties the tally and keeps its memory.
func (t *Tally) Reset() {
	t.Counts = Counts{}
	t.Measures.Reset()
}

// Fields is the tally on the wire.
func (t *Tally) Fields(c *wire.Coder) {
	wire.Nested(c, 1, &t.Counts)
	wire.Nested(c, 2, &t.Measures)
}
