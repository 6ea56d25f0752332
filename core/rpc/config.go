package rpc

import (
	"fmt"
	"time"
)

// Config bounds a Node. The zero value is ready for use.
type Config struct {
	// CallsOut is the most calls that wait for a reply at once, 1 to 65,536; 0 means 4,096. At the bound a
	// call fails at once, definitely.
	CallsOut int
	// CallsIn is the most requests that are handled in tasks at once, 1 to 65,536; 0 means 4,096. At the
	// bound a request is answered Busy at once, and a notification dropped.
	CallsIn int
	// Timeout is the time for a call whose context carries no deadline of this package, 1 ms to 1 h; 0 means
	// 5 s.
	Timeout time.Duration
}

const (
	mostCalls    = 1 << slotBits
	defaultCalls = 4096

	fewCallsOut = 16 // in a rare run: as few as a node of several peers can do with

	leastTimeout   = time.Millisecond
	mostTimeout    = time.Hour
	defaultTimeout = 5 * time.Second
)

func (c Config) withDefaults() Config {
	if c.CallsOut == 0 {
		c.CallsOut = defaultCalls
	}
	if c.CallsIn == 0 {
		c.CallsIn = defaultCalls
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	return c
}

func (c Config) validate() error {
	if c.CallsOut < 1 || c.CallsOut > mostCalls {
		return fmt.Errorf("rpc: config: CallsOut is %d, must be 1 to %d", c.CallsOut, mostCalls)
	}
	if c.CallsIn < 1 || c.CallsIn > mostCalls {
		return fmt.Errorf("rpc: config: CallsIn is %d, must be 1 to %d", c.CallsIn, mostCalls)
	}
	if c.Timeout < leastTimeout || c.Timeout > mostTimeout {
		return fmt.Errorf("rpc: config: Timeout is %v, must be %v to %v",
			c.Timeout, leastTimeout, mostTimeout)
	}
	return nil
}
