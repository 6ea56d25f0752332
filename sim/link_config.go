package sim

import (
	"fmt"
	"time"
)

// Link names one direction between two nodes.
type Link struct{ From, To string }

func (l Link) String() string { return l.From + ">" + l.To }

// perMille is the whole of a probability in LinkConfig.
const perMille = 1000

// LinkConfig says how one directed link behaves. The zero value is an instant, endless, faultless wire.
//
// What only datagrams can suffer (Loss, Duplicate, Reorder) applies to "udp" alone; a "tcp" connection
// suffers by breaking (Reset, World.Cut) or by waiting (latency, bandwidth, hold, partition).
type LinkConfig struct {
	Latency   Latency
	Loss      int           // udp: packets in a thousand that vanish, 0 to 1000
	Duplicate int           // udp: packets in a thousand that arrive a second time, 0 to 1000
	Reorder   int           // udp: packets in a thousand that are held back by up to ReorderBy, 0 to 1000
	ReorderBy time.Duration // udp: the longest that a reordered packet is held back; 0 means 10 ms
	Reset     int           // tcp: sends in a thousand at which the connection breaks, 0 to 1000
	Bandwidth int           // bytes a second, counted with 32 bytes of header a packet; 0 means endless
	Queue     int           // messages of one class on their way and not yet received; 0 means 4096
}

const (
	defaultReorderBy = 10 * time.Millisecond
	defaultQueue     = 4096
	headerBytes      = 32 // what a packet costs beside its body where bandwidth is bounded
)

func (c LinkConfig) withDefaults() LinkConfig {
	if c.ReorderBy == 0 {
		c.ReorderBy = defaultReorderBy
	}
	if c.Queue == 0 {
		c.Queue = defaultQueue
	}
	return c
}

func (c LinkConfig) validate(field string) error {
	if err := c.Latency.validate(field + ".Latency"); err != nil {
		return err
	}
	for _, rate := range []struct {
		name  string
		value int
	}{{"Loss", c.Loss}, {"Duplicate", c.Duplicate}, {"Reorder", c.Reorder}, {"Reset", c.Reset}} {
		if rate.value < 0 || rate.value > perMille {
			return fmt.Errorf("sim: config: %s.%s is %d: want 0 to %d",
				field, rate.name, rate.value, perMille)
		}
	}
	switch {
	case c.ReorderBy < 0 || c.ReorderBy > longestLatency:
		return fmt.Errorf("sim: config: %s.ReorderBy is %v: want 0 to %v", field, c.ReorderBy, longestLatency)
	case c.Bandwidth < 0:
		return fmt.Errorf("sim: config: %s.Bandwidth is %d: want 0 (endless) or more", field, c.Bandwidth)
	case c.Queue < 0:
		return fmt.Errorf("sim: config: %s.Queue is %d: want 0 (4096) or more", field, c.Queue)
	}
	return nil
}
