package load

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
)

// Pacer walks a plan's schedule. It is absolute: what it says is due depends on the clock alone, not on when
// it was asked before, so a late caller catches up in one burst and nothing is sent too few. One task owns
// it.
type Pacer struct {
	plan  Plan
	start core.Instant
	next  uint64
	total uint64
}

// NewPacer returns a pacer at the first arrival of plan, which starts at start.
func NewPacer(plan Plan, start core.Instant) *Pacer {
	return &Pacer{plan: plan, start: start, total: plan.Arrivals()}
}

// Due is how many arrivals are due at now and not taken yet.
func (p *Pacer) Due(now core.Instant) uint64 {
	due := p.plan.Due(now.Sub(p.start))
	return due - min(due, p.next)
}

// Take takes the next arrival and returns when it was planned. There must be one.
func (p *Pacer) Take() core.Instant {
	at := p.At()
	p.next++
	return at
}

// At is when the next arrival is planned. There must be one.
func (p *Pacer) At() core.Instant { return p.start.Add(p.plan.At(p.next)) }

// Wait is how long after now the next arrival is due, and zero or less when it is.
func (p *Pacer) Wait(now core.Instant) time.Duration { return p.At().Sub(now) }

// Finished tells that every arrival was taken.
func (p *Pacer) Finished() bool { return p.next == p.total }

// Skip passes over the next n arrivals, which must be there.
func (p *Pacer) Skip(n uint64) { p.next += n }
