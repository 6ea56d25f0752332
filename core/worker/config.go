package worker

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/load"
)

// Config is a worker's configuration. Start from DefaultConfig; New refuses a value out of its bounds.
type Config struct {
	Name    string       // the node's name, by which its manager and results call it
	Listen  string       // "host:port" that the manager may dial; port 0 for any
	Manager core.Address // the manager's "host:port"
	Cores   uint32       // offered: 1 to 65,536
	Engines []Engine     // what it can run, each name once

	Heartbeat   time.Duration // 10 ms to 1 min
	Dead        time.Duration // unheard for so long, and Grace more, it counts as dead: from 3 heartbeats
	Grace       time.Duration // 0 to 10 min
	Drain       time.Duration // for answers still in flight when an attempt is stopped: 0 to 1 min
	Resend      time.Duration // without progress, until entries are sent again: 10 ms to 1 min
	Retention   time.Duration // of entries that nobody takes, after their attempt stopped: 0 to 24 h
	Remember    time.Duration // what has ended, to refuse a late request to run it: 1 s to 24 h
	Buffer      int           // entries of a stream sent and not durable, and as many unsent: 2 to 1,024
	Commands    int           // waiting for the worker's task: 16 to 65,536
	CallTimeout time.Duration // for one answer of the manager: 10 ms to 1 min
	RetryMost   time.Duration // the longest wait before a call is made again: 1 ms to 1 min
	MaxInFlight int           // requests of one attempt without an answer: 1 to 100,000
	// StopWithin bounds the stop: half of it for attempts to finish, the rest to hand them over. 0 to 10 min;
	// 0: at once.
	StopWithin time.Duration
}

// What bounds are in a rare run.
const (
	fewestCommands  = 16
	shortStop       = time.Second
	fewestEntries   = 2 // also the least that Config.Buffer may be
	soonestResend   = 50 * time.Millisecond
	heartbeatsOften = 8 // as many in the time of one
)

// Engine is one kind of load that a worker can run, by the name that a job asks for.
type Engine struct {
	Name   string
	Engine load.Engine
}

// DefaultConfig returns the defaults of the control plane.
func DefaultConfig() Config {
	return Config{
		Listen:      "127.0.0.1:0",
		Cores:       1,
		Heartbeat:   time.Second,
		Dead:        10 * time.Second,
		Grace:       5 * time.Second,
		Drain:       time.Second,
		Resend:      2 * time.Second,
		Retention:   10 * time.Minute,
		Remember:    time.Minute,
		Buffer:      64,
		Commands:    1024,
		CallTimeout: 5 * time.Second,
		RetryMost:   2 * time.Second,
		MaxInFlight: 10_000,
		StopWithin:  30 * time.Second,
	}
}

func (c Config) validate() error {
	if c.Name == "" || c.Listen == "" || c.Manager == "" {
		return fmt.Errorf("worker: name %q, listen %q and manager %q must all be set", c.Name, c.Listen,
			c.Manager)
	}
	for i, e := range c.Engines {
		for _, other := range c.Engines[:i] {
			if other.Name == e.Name {
				return fmt.Errorf("worker: engine %q is given twice", e.Name)
			}
		}
	}
	for _, f := range []struct {
		name              string
		value, least, top time.Duration
	}{
		{"heartbeat", c.Heartbeat, 10 * time.Millisecond, time.Minute},
		{"dead", c.Dead, 3 * c.Heartbeat, 10 * time.Minute},
		{"grace", c.Grace, 0, 10 * time.Minute},
		{"drain", c.Drain, 0, load.MaxDrain},
		{"resend", c.Resend, 10 * time.Millisecond, time.Minute},
		{"retention", c.Retention, 0, 24 * time.Hour},
		{"remember", c.Remember, time.Second, 24 * time.Hour},
		{"call timeout", c.CallTimeout, 10 * time.Millisecond, time.Minute},
		{"stop within", c.StopWithin, 0, 10 * time.Minute},
		{"longest retry", c.RetryMost, time.Millisecond, time.Minute},
	} {
		if f.value < f.least || f.value > f.top {
			return fmt.Errorf("worker: %s is %v, must be %v to %v", f.name, f.value, f.least, f.top)
		}
	}
	for _, f := range []struct {
		name              string
		value, least, top int
	}{
		{"cores", int(c.Cores), 1, 1 << 16},
		{"buffer", c.Buffer, fewestEntries, 1024},
		{"commands", c.Commands, fewestCommands, 1 << 16},
		{"most in flight", c.MaxInFlight, 1, load.MaxInFlight},
	} {
		if f.value < f.least || f.value > f.top {
			return fmt.Errorf("worker: %s is %d, must be %d to %d", f.name, f.value, f.least, f.top)
		}
	}
	return nil
}

// engine finds an engine by name.
func (c Config) engine(name string) load.Engine {
	for _, e := range c.Engines {
		if e.Name == name {
			return e.Engine
		}
	}
	return nil
}
