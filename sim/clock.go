package sim

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
)

// steadyClock is the steady time of one incarnation: it began at a virtual time, and may run fast or slow.
type steadyClock struct {
	base  core.Instant  // what it showed
	at    time.Duration // at this virtual time
	drift int64         // by how many parts in a million it is fast
}

// wallClock is a node's opinion of the time of day. It survives a crash.
type wallClock struct {
	offset time.Duration // from the true time,
	at     time.Duration // at this virtual time
	drift  int64         // by how many parts in a million it is fast
}

const million = 1_000_000

// scale is d * ppm / a million without overflow.
func scale(d time.Duration, ppm int64) time.Duration {
	return d/million*time.Duration(ppm) + d%million*time.Duration(ppm)/million
}

func (c *steadyClock) show(now time.Duration) core.Instant {
	if now == core.Forever {
		return core.Instant(core.Forever)
	}
	passed := now - c.at
	if c.drift != 0 {
		passed += scale(passed, c.drift)
	}
	return c.base + core.Instant(passed)
}

// whenShows returns the first virtual time, now or later, at which the clock shows t or more.
func (c *steadyClock) whenShows(t core.Instant, now time.Duration) time.Duration {
	if t == core.Instant(core.Forever) {
		return core.Forever
	}
	wanted := t.Sub(c.base)
	if c.drift == 0 {
		return max(now, addTime(c.at, wanted))
	}
	whole := time.Duration(million + c.drift)
	if wanted > core.Forever/million*min(whole, million) {
		return core.Forever
	}
	due := addTime(c.at, wanted/whole*million+wanted%whole*million/whole)
	for c.show(due) < t { // both divisions round: a nanosecond or two
		due++
	}
	for due > c.at && c.show(due-1) >= t {
		due--
	}
	return max(now, due)
}

func (c *steadyClock) setDrift(ppm int64, now time.Duration) {
	c.base, c.at, c.drift = c.show(now), now, ppm
}

func (c *wallClock) show(now time.Duration) time.Duration {
	return now + c.offset + scale(now-c.at, c.drift)
}

func (c *wallClock) set(offset time.Duration, ppm int64, now time.Duration) {
	c.offset, c.at, c.drift = offset, now, ppm
}

func (e *env) Now() core.Instant {
	e.check()
	return e.steady.show(e.world.now)
}

func (e *env) Wall() time.Time {
	e.check()
	return e.world.config.Start.Add(e.node.wall.show(e.world.now))
}

// dueAfter is the virtual time at which d of the node's steady time has passed.
func (e *env) dueAfter(d time.Duration) time.Duration {
	now := e.world.now
	switch {
	case d <= 0:
		return now
	case e.steady.drift == 0:
		return addTime(now, d)
	}
	return e.steady.whenShows(e.steady.show(now).Add(d), now)
}
