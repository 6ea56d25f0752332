package timeline

import (
	"fmt"
	"strings"
	"time"

	"github.com/windtunnel/windtunnel/sim/trace"
)

// clock is what a node's clocks do from an event on.
type clock struct {
	at, node  int
	offset    time.Duration // of the wall clock, at that event
	wallPPM   int64         // how much too fast it is, in parts in a million
	steadyPPM int64
}

func (s *scene) findClocks() {
	latest := map[int]clock{}
	for i, e := range s.events {
		if e.Kind != trace.Clock {
			continue
		}
		node := s.lanes[s.laneOf[i]].node
		c, known := latest[node]
		if known {
			c.offset += (e.At - s.events[c.at].At) * time.Duration(c.wallPPM) / 1_000_000
		}
		c.at, c.node = i, node
		if c.read(e.Text) {
			latest[node] = c
			s.clocks = append(s.clocks, c)
		}
	}
}

// read takes what a change says; false when that is nothing known.
func (c *clock) read(text string) bool {
	if offset, ok := strings.CutPrefix(text, "wall clock at true time "); ok {
		d, err := time.ParseDuration(offset)
		c.offset = d
		return err == nil
	}
	if _, err := fmt.Sscanf(text, "wall clock fast by %d ppm", &c.wallPPM); err == nil {
		return true
	}
	_, err := fmt.Sscanf(text, "steady clock fast by %d ppm", &c.steadyPPM)
	return err == nil
}
