package manager

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/protocol"
)

// Config is a manager's configuration. Start from DefaultConfig; New refuses a value out of its bounds.
type Config struct {
	Datacenter string       // whose manager it is
	Listen     string       // "host:port" that workers dial
	Gate       core.Address // the gate's "host:port"

	Heartbeat time.Duration // to the gate, and of workers: 10 ms to 1 min
	Suspected time.Duration // without a heartbeat, a worker gets nothing new: from 1 heartbeat
	Dead      time.Duration // without a heartbeat: from Suspected
	Grace     time.Duration // more, before its attempts are given up: 0 to 10 min
	Margin    int           // percent more, for clocks that drift: 0 to 100

	RelayEvery  time.Duration // how long reports wait for company: 0 to 1 s
	RelayBuffer int           // entries waiting to be relayed: protocol.MostEntries, 256, to 1,000,000
	RelayMost   int           // entries of one relay: 1 to 4,096
	Commands    int           // waiting for the manager's task: 16 to 65,536
	CallTimeout time.Duration // for one answer: 10 ms to 1 min
	RetryMost   time.Duration // the longest wait before a call is made again: 1 ms to 1 min
	// Retention is how long a job is remembered after its end, 2 s to 24 h: what its end overtook on the way,
	// a dispatch or an adoption, must find that it has ended, or would begin it anew.
	Retention time.Duration
	// StopWithin bounds the stop: half of it for shares to end, the rest for what is to be relayed. 0 to 10
	// min; 0: at once.
	StopWithin time.Duration

	// ExtraFill is the fill, 0 to 1, of something outside that presses too, such as the process's
	// memory; it is read every heartbeat. nil: nothing presses.
	ExtraFill func() float64
}

const leastRetention = 2 * time.Second

// What bounds are in a rare run; what a Config may hold bounds two of them.
const (
	fewestCommands  = 16
	shortStop       = time.Second
	smallestBuffer  = protocol.MostEntries // less than a report never has room
	latestRelay     = time.Second          // also the most that Config.RelayEvery may be
	heartbeatsOften = 8                    // as many in the time of one
)

// DefaultConfig returns the defaults of the control plane.
func DefaultConfig() Config {
	return Config{
		Listen:      "127.0.0.1:0",
		Heartbeat:   time.Second,
		Suspected:   3 * time.Second,
		Dead:        10 * time.Second,
		Grace:       5 * time.Second,
		Margin:      10,
		RelayEvery:  20 * time.Millisecond,
		RelayBuffer: 16_384,
		RelayMost:   1024,
		Commands:    4096,
		CallTimeout: 5 * time.Second,
		RetryMost:   2 * time.Second,
		Retention:   10 * time.Minute,
		StopWithin:  30 * time.Second,
	}
}

func (c Config) validate() error {
	if c.Datacenter == "" || c.Listen == "" || c.Gate == "" {
		return fmt.Errorf("manager: datacenter %q, listen %q and gate %q must all be set", c.Datacenter,
			c.Listen, c.Gate)
	}
	for _, f := range []struct {
		name              string
		value, least, top time.Duration
	}{
		{"heartbeat", c.Heartbeat, 10 * time.Millisecond, time.Minute},
		{"suspected", c.Suspected, c.Heartbeat, 10 * time.Minute},
		{"dead", c.Dead, c.Suspected, 10 * time.Minute},
		{"grace", c.Grace, 0, 10 * time.Minute},
		{"relay every", c.RelayEvery, 0, latestRelay},
		{"call timeout", c.CallTimeout, 10 * time.Millisecond, time.Minute},
		{"longest retry", c.RetryMost, time.Millisecond, time.Minute},
		{"retention", c.Retention, leastRetention, 24 * time.Hour},
		{"stop within", c.StopWithin, 0, 10 * time.Minute},
	} {
		if f.value < f.least || f.value > f.top {
			return fmt.Errorf("manager: %s is %v, must be %v to %v", f.name, f.value, f.least, f.top)
		}
	}
	for _, f := range []struct {
		name              string
		value, least, top int
	}{
		{"margin", c.Margin, 0, 100},
		{"relay buffer", c.RelayBuffer, smallestBuffer, 1_000_000},
		{"most entries of a relay", c.RelayMost, 1, 4096},
		{"commands", c.Commands, fewestCommands, 1 << 16},
	} {
		if f.value < f.least || f.value > f.top {
			return fmt.Errorf("manager: %s is %d, must be %d to %d", f.name, f.value, f.least, f.top)
		}
	}
	return nil
}

// giveUp is how long after the last answered heartbeat a worker's attempts are given up: later, on any
// clock that drifts less than the margin, than the worker itself has stopped.
func (c Config) giveUp() time.Duration {
	silence := c.Dead + c.Grace
	return silence + silence*time.Duration(c.Margin)/100
}
