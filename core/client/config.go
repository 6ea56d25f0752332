package client

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core"
)

// Config is a client's configuration. Start from DefaultConfig; New refuses a value out of its bounds.
type Config struct {
	Listen string       // "host:port"; port 0 for any
	Gate   core.Address // the gate's "host:port"

	CallTimeout time.Duration // for one answer of the gate: 10 ms to 1 min
	SubmitTries int           // of one submission or cancellation: 1 to 1,000
	RetryMost   time.Duration // the longest wait before a call is made again: 1 ms to 1 min
	Silence     time.Duration // without a push, until it is asked for again: 100 ms to 10 min
	Queue       int           // window pushes waiting for one subscription's callback: 2 to 65,536
	// Windows of a job whose counts are kept, 64 to 1,000,000. With fewer than twice those of the job's
	// maximum age, late revisions of the oldest do not count.
	Windows int
	// StopWithin is how long a client that is asked to stop waits for what is queued for callbacks to be
	// handed over: 0 (not at all) to 10 min.
	StopWithin time.Duration
}

// What a bound is at least, in a rare run, too.
const (
	shortestQueue = 2
	leastSilence  = 100 * time.Millisecond
)

// DefaultConfig returns the defaults of the control plane.
func DefaultConfig() Config {
	return Config{
		Listen:      "127.0.0.1:0",
		CallTimeout: 5 * time.Second,
		SubmitTries: 10,
		RetryMost:   2 * time.Second,
		Silence:     5 * time.Second,
		Queue:       1024,
		Windows:     1 << 16,
		StopWithin:  30 * time.Second,
	}
}

func (c Config) validate() error {
	if c.Listen == "" || c.Gate == "" {
		return fmt.Errorf("client: listen %q and gate %q must both be set", c.Listen, c.Gate)
	}
	for _, f := range []struct {
		name              string
		value, least, top time.Duration
	}{
		{"call timeout", c.CallTimeout, 10 * time.Millisecond, time.Minute},
		{"longest retry", c.RetryMost, time.Millisecond, time.Minute},
		{"silence", c.Silence, leastSilence, 10 * time.Minute},
		{"stop within", c.StopWithin, 0, 10 * time.Minute},
	} {
		if f.value < f.least || f.value > f.top {
			return fmt.Errorf("client: %s is %v, must be %v to %v", f.name, f.value, f.least, f.top)
		}
	}
	for _, f := range []struct {
		name              string
		value, least, top int
	}{
		{"submit tries", c.SubmitTries, 1, 1000},
		{"queue", c.Queue, shortestQueue, 1 << 16},
		{"windows", c.Windows, 64, 1_000_000},
	} {
		if f.value < f.least || f.value > f.top {
			return fmt.Errorf("client: %s is %d, must be %d to %d", f.name, f.value, f.least, f.top)
		}
	}
	return nil
}
