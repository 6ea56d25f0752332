package sim

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// Config is what a World is made with. The zero value is a run of seed 0 that keeps no trace.
type Config struct {
	Chooser choice.Chooser // answers every question; nil means choice.NewSeeded(0)
	Keep    int            // events and log lines to keep: 0 none, n the last n, trace.All every one

	// Stacks gives every kept event the stack of the code that made it. A run with it takes about
	// twice as long.
	Stacks bool

	// Stalls weighs by how much a task that became ready is late: not, 0.1, 1, 10 and 100 ms. All zero means
	// 9400, 300, 200, 80, 20. SlowStalls is for nodes made slow; all zero means 5000, 1500, 1500, 1500, 500.
	// Quiet stalls nobody and asks nothing.
	Stalls, SlowStalls StallWeights

	// WorkloadBound is the longest that a workload task may be parked, other than in Sleep; 0 means 10 min.
	WorkloadBound time.Duration
	// Limit is the virtual time after which a run that has not ended has failed; 0 means 24 h.
	Limit time.Duration
	// Start is the time of day at which the run begins; zero means 2026-01-01 00:00 UTC.
	Start time.Time

	Network NetworkConfig

	// Rare, if not empty, has the nodes take rare branches (core.Env.Rare): in every second run each point
	// with a chance of a quarter. It says whose they are, and is part of the choices' keys: scenarios that
	// are run with the same seeds then take other branches. Without it all answers are false and nothing is
	// drawn, so that a run whose timing is known keeps it.
	Rare string

	// Spare is what Worlds that run one after another use again; nil: this one makes all it needs.
	Spare *Spare
}

// StallWeights are the relative weights of the stalls 0, 0.1, 1, 10 and 100 ms.
type StallWeights [5]uint32

// Quiet returns the weights under which no task is ever late.
func Quiet() StallWeights { return StallWeights{1} }

var stallLengths = [5]time.Duration{
	0, 100 * time.Microsecond, time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond,
}

const (
	defaultWorkloadBound = 10 * time.Minute
	defaultLimit         = 24 * time.Hour
	longestRun           = 100 * 365 * 24 * time.Hour // so that no sum of two times overflows
	heaviestStall        = 1 << 24
)

func (c Config) withDefaults() Config {
	if c.Chooser == nil {
		c.Chooser = choice.NewSeeded(0)
	}
	if c.Stalls == (StallWeights{}) {
		c.Stalls = StallWeights{9400, 300, 200, 80, 20}
	}
	if c.SlowStalls == (StallWeights{}) {
		c.SlowStalls = StallWeights{5000, 1500, 1500, 1500, 500}
	}
	if c.WorkloadBound == 0 {
		c.WorkloadBound = defaultWorkloadBound
	}
	if c.Limit == 0 {
		c.Limit = defaultLimit
	}
	if c.Start.IsZero() {
		c.Start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	c.Start = c.Start.Round(0).UTC() // no monotonic part
	return c
}

func (c Config) validate() error {
	for _, field := range []struct {
		name    string
		weights StallWeights
	}{{"Stalls", c.Stalls}, {"SlowStalls", c.SlowStalls}} {
		for i, weight := range field.weights {
			if weight > heaviestStall {
				return fmt.Errorf("sim: config: %s[%d] is %d: want at most %d",
					field.name, i, weight, heaviestStall)
			}
		}
	}
	switch {
	case c.Keep < -1:
		return fmt.Errorf("sim: config: Keep is %d: want 0, a count, or trace.All", c.Keep)
	case c.WorkloadBound < 0 || c.WorkloadBound > longestRun:
		return fmt.Errorf("sim: config: WorkloadBound is %v: want 0 (10 min) to %v",
			c.WorkloadBound, longestRun)
	case c.Limit < 0 || c.Limit > longestRun:
		return fmt.Errorf("sim: config: Limit is %v: want 0 (24 h) to %v", c.Limit, longestRun)
	}
	return c.Network.validate()
}
