package gate

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/stats"
)

// Config is a gate's configuration. Start from DefaultConfig; New refuses a value out of its bounds.
type Config struct {
	Listen       string        // "host:port" that managers and clients dial
	Windows      stats.Config  // what a job that asks for nothing gets
	PushInterval time.Duration // between periodic pushes of a job at level NONE: 10 ms to 1 min
	// managers' interval: 10 ms to 1 min; three without one and a manager is silent
	Heartbeat time.Duration

	DispatchTimeout time.Duration // for one answer to a dispatch: 10 ms to 1 min
	DispatchTries   int           // before a datacenter counts as not dispatched: 1 to 100
	DeadlineSlack   time.Duration // over the longest plan, where a job sets no deadline: 1 s to 24 h
	ResultWait      time.Duration // after the first datacenter's result, where a job sets none: 1 s to 24 h
	Stuck           time.Duration // without progress that is due, where a job sets none: 1 s to 24 h
	CancelWait      time.Duration // for what was measured, of a job that is cancelled: 0 to 10 min
	StopWithin      time.Duration // once the gate is asked to stop: 0 to 10 min

	Jobs        int           // kept at once, finished ones included: 1 to 100,000
	JobQueue    int           // commands and reports waiting for one job's task: 16 to 100,000
	ReplayLog   int           // pushes kept for each job: 16 to 65,536
	PushBytes   int           // one push, encoded: 1 KiB to half the message limit
	PushTimeout time.Duration // for a client's answer to a push: 10 ms to 1 min
	PushTries   int           // before a subscription waits for its client's return: 1 to 100
	Retention   time.Duration // of a finished job: 0 to 24 h
	KeyMemory   time.Duration // of an idempotency key, at least: 0 to 24 h
	// the first wait before a call is made again; doubles, with full jitter: from 1 ms
	RetryFirst    time.Duration
	RetryLongest  time.Duration // where doubling ends: RetryFirst to 1 min
	MostCallsOpen int           // calls in flight, of each direction: 16 to 100,000
}

// What a bound is at least, in a rare run, too.
const (
	fewestWaiting = 16
	fewestPushes  = 16
	leastInterval = 10 * time.Millisecond
)

// DefaultConfig returns the defaults of the control plane.
func DefaultConfig() Config {
	return Config{
		Listen:          "127.0.0.1:7400",
		Windows:         stats.DefaultConfig(),
		PushInterval:    250 * time.Millisecond,
		Heartbeat:       time.Second,
		DispatchTimeout: 5 * time.Second,
		DispatchTries:   3,
		DeadlineSlack:   time.Minute,
		ResultWait:      30 * time.Second,
		Stuck:           3 * time.Minute,
		CancelWait:      10 * time.Second,
		StopWithin:      30 * time.Second,
		Jobs:            10_000,
		JobQueue:        4096,
		ReplayLog:       4096,
		PushBytes:       1 << 20,
		PushTimeout:     5 * time.Second,
		PushTries:       3,
		Retention:       10 * time.Minute,
		KeyMemory:       5 * time.Minute,
		RetryFirst:      500 * time.Millisecond,
		RetryLongest:    2 * time.Second,
		MostCallsOpen:   4096,
	}
}

func (c Config) validate() error {
	if c.Listen == "" {
		return fmt.Errorf("gate: listen is empty, must be host:port")
	}
	if err := c.Windows.Validate(); err != nil {
		return fmt.Errorf("gate: %w", err)
	}
	for _, f := range []struct {
		name              string
		value, least, top time.Duration
	}{
		{"push interval", c.PushInterval, leastInterval, time.Minute},
		{"heartbeat", c.Heartbeat, 10 * time.Millisecond, time.Minute},
		{"dispatch timeout", c.DispatchTimeout, 10 * time.Millisecond, time.Minute},
		{"deadline slack", c.DeadlineSlack, time.Second, 24 * time.Hour},
		{"result wait", c.ResultWait, time.Second, 24 * time.Hour},
		{"stuck", c.Stuck, time.Second, 24 * time.Hour},
		{"cancel wait", c.CancelWait, 0, 10 * time.Minute},
		{"stop within", c.StopWithin, 0, 10 * time.Minute},
		{"push timeout", c.PushTimeout, 10 * time.Millisecond, time.Minute},
		{"retention", c.Retention, 0, 24 * time.Hour},
		{"key memory", c.KeyMemory, 0, 24 * time.Hour},
		{"first retry", c.RetryFirst, time.Millisecond, time.Minute},
		{"longest retry", c.RetryLongest, c.RetryFirst, time.Minute},
	} {
		if f.value < f.least || f.value > f.top {
			return fmt.Errorf("gate: %s is %v, must be %v to %v", f.name, f.value, f.least, f.top)
		}
	}
	for _, f := range []struct {
		name              string
		value, least, top int
	}{
		{"dispatch tries", c.DispatchTries, 1, 100},
		{"jobs", c.Jobs, 1, 100_000},
		{"job queue", c.JobQueue, fewestWaiting, 100_000},
		{"replay log", c.ReplayLog, fewestPushes, 1 << 16},
		{"push bytes", c.PushBytes, 1 << 10, core.DefaultMessageLimit / 2},
		{"push tries", c.PushTries, 1, 100},
		{"most calls open", c.MostCallsOpen, 16, 100_000},
	} {
		if f.value < f.least || f.value > f.top {
			return fmt.Errorf("gate: %s is %d, must be %d to %d", f.name, f.value, f.least, f.top)
		}
	}
	return nil
}
