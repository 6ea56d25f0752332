package stats

import "time"

// Time is nanoseconds since the Unix epoch on some clock: a worker's, or a job's.
type Time int64

// At returns t as a Time.
func At(t time.Time) Time { return Time(t.UnixNano()) }

// Wall returns t as a time.Time in UTC.
func (t Time) Wall() time.Time { return time.Unix(0, int64(t)).UTC() }

// Add returns the time d later.
func (t Time) Add(d time.Duration) Time { return t + Time(d) }

// Sub returns the time from u to t.
func (t Time) Sub(u Time) time.Duration { return time.Duration(t - u) }

// Clock tells the time of a stream or of a job: the wall clock was read once, and steady time counts on from
// there. So it never jumps, and falls only if steady time does. It is a value, safe to copy and share.
type Clock struct{ origin Time }

// NewClock returns the clock that shows wall when the steady clock shows steady, which counts from any fixed
// origin (a node's boot).
func NewClock(wall Time, steady time.Duration) Clock { return Clock{wall.Add(-steady)} }

// At is the time when the steady clock shows steady.
func (c Clock) At(steady time.Duration) Time { return c.origin.Add(steady) }
