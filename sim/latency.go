package sim

import (
	"fmt"
	"math"
	"time"
)

// Latency says how long a packet travels: never less than Least, and beyond that as Shape spreads it. A
// packet's latency is one recorded choice among 256 levels, where level 0 is Least: the quiet answer is the
// quickest trip.
type Latency struct {
	Least  time.Duration // the shortest trip; not negative
	Spread time.Duration // how far the shape reaches beyond Least (see Shape); not negative
	Shape  Shape
}

// Shape is how latencies spread beyond the least one.
type Shape uint8

// The shapes, and what Spread means in each.
const (
	Constant    Shape = iota // always Least; Spread is not used
	Uniform                  // evenly over [Least, Least+Spread]
	Exponential              // Least plus an exponential of mean Spread, cut at its 99.8th percentile
	LongTailed               // Least plus a log-logistic of median Spread: p90 is 9, p99 is 100 times Spread
)

func (s Shape) String() string {
	names := [...]string{"constant", "uniform", "exponential", "long-tailed"}
	if int(s) < len(names) {
		return names[s]
	}
	return "shape?"
}

// ConstantLatency makes every trip last d.
func ConstantLatency(d time.Duration) Latency { return Latency{Least: d} }

// UniformLatency spreads trips evenly over [least, most].
func UniformLatency(least, most time.Duration) Latency {
	return Latency{Least: least, Spread: most - least, Shape: Uniform}
}

// ExponentialLatency makes trips last least plus an exponential with the given mean.
func ExponentialLatency(least, mean time.Duration) Latency {
	return Latency{Least: least, Spread: mean, Shape: Exponential}
}

// LongTailLatency makes half of the trips last at most least plus median, and a few hundreds of times that.
func LongTailLatency(least, median time.Duration) Latency {
	return Latency{Least: least, Spread: median, Shape: LongTailed}
}

// latencyLevels is how finely a distribution is cut. Two packets often get the same level, which is wanted:
// ties are where races live.
const latencyLevels = 256

// at is the latency of a level: the quantile level/latencyLevels. It never falls as the level rises.
func (l Latency) at(level int) time.Duration {
	switch l.Shape {
	case Uniform:
		return l.Least + l.Spread*time.Duration(level)/(latencyLevels-1)
	case Exponential:
		q := float64(level) / latencyLevels
		return l.Least + time.Duration(-math.Log1p(-q)*float64(l.Spread))
	case LongTailed: // the log-logistic's quantile with shape 1 is median * q/(1-q)
		return l.Least + l.Spread*time.Duration(level)/time.Duration(latencyLevels-level)
	}
	return l.Least
}

// isDrawn tells whether a trip needs a choice at all.
func (l Latency) isDrawn() bool { return l.Shape != Constant && l.Spread > 0 }

func (l Latency) String() string {
	if !l.isDrawn() {
		return l.Least.String()
	}
	return fmt.Sprintf("%v+%v %v", l.Least, l.Spread, l.Shape)
}

// longestLatency bounds Least and Spread, so that no level of a long tail overflows.
const longestLatency = time.Hour

func (l Latency) validate(field string) error {
	switch {
	case l.Least < 0 || l.Least > longestLatency:
		return fmt.Errorf("sim: config: %s.Least is %v: want 0 to %v", field, l.Least, longestLatency)
	case l.Spread < 0 || l.Spread > longestLatency:
		return fmt.Errorf("sim: config: %s.Spread is %v: want 0 to %v", field, l.Spread, longestLatency)
	case l.Shape > LongTailed:
		return fmt.Errorf("sim: config: %s.Shape is %d: want 0 to %d", field, l.Shape, LongTailed)
	}
	return nil
}
