// Package backpressure turns the fill of bounded buffers into a level, and a level into restraint.
//
//	NONE      below 70 %   report and push at the configured interval
//	THROTTLE  from 70 %    intervals double
//	BATCH     from 85 %    intervals are five times as long; workers flush every fourth window
//	REJECT    from 95 %    periodic statistics are withheld; nothing else ever is
//
// A level rises at once and falls only when the fill is ten points below the threshold that raised it, so
// that a buffer that hovers around a threshold does not make it flap. The level of several buffers, or of
// several nodes, is their maximum. A level restrains LOW messages only: results, status, acknowledgements,
// marks and a stream's last flush are never held, and what is held is kept, not dropped.
//
// It is pure: a Gauge is one task's value, and everything else here is a function.
package backpressure

import "time"

// Level is how much restraint is in force.
type Level uint8

// The levels, lightest first.
const (
	None Level = iota
	Throttle
	Batch
	Reject
)

func (l Level) String() string {
	switch l {
	case None:
		return "NONE"
	case Throttle:
		return "THROTTLE"
	case Batch:
		return "BATCH"
	case Reject:
		return "REJECT"
	}
	return "level?"
}

// Known says that this version knows the level. A peer's unknown level counts as Reject.
func (l Level) Known() bool { return l <= Reject }

// Interval is how long a periodic task waits at this level, when it waits base at None. At Reject it is as
// long as at Batch: the task wakes, sees the level, and holds.
func (l Level) Interval(base time.Duration) time.Duration {
	switch l {
	case None:
		return base
	case Throttle:
		return 2 * base
	default:
		return 5 * base
	}
}

// thresholds[l-1] is the fill from which level l is in force.
const (
	throttleFill = 0.70
	batchFill    = 0.85
	rejectFill   = 0.95
	hysteresis   = 0.10
)

func (l Level) threshold() float64 {
	switch l {
	case None:
		return 0
	case Throttle:
		return throttleFill
	case Batch:
		return batchFill
	default:
		return rejectFill
	}
}

// Gauge remembers the level in force, for the hysteresis.
type Gauge struct{ level Level }

// Level is the level in force.
func (g *Gauge) Level() Level { return g.level }

// Read takes a new fill, 0 to 1, and returns the level now in force.
func (g *Gauge) Read(fill float64) Level {
	for g.level < Reject && fill >= (g.level+1).threshold() {
		g.level++
	}
	for g.level > None && fill < g.level.threshold()-hysteresis {
		g.level--
	}
	return g.level
}
