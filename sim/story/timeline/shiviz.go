package timeline

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/windtunnel/windtunnel/sim/trace"
)

// writeShiViz writes two lines an event: host and vector clock, then what happened. Steps and log lines
// are left out; what a step learnt from its cause is known to all that its node does after it.
func writeShiViz(w io.Writer, s *scene) error {
	out := bufio.NewWriter(w)
	clocks := make([][]uint64, len(s.nodes)) // what each node knows of each
	for node := range clocks {
		clocks[node] = make([]uint64, len(s.nodes))
	}
	after := make([][]uint64, len(s.events)) // what was known once an event had happened
	for i, e := range s.events {
		if e.ID == 0 {
			continue
		}
		// Where it happened, not where it is drawn: a receiver does not know of what was lost.
		node := s.lanes[s.lane(e.Lane)].node
		if cause := s.cause[i]; cause != none {
			for other, known := range after[cause] {
				clocks[node][other] = max(clocks[node][other], known)
			}
		}
		if e.Kind != trace.Step {
			clocks[node][node]++
			clock, err := s.vector(clocks[node])
			if err != nil {
				return err
			}
			what := strings.Fields(e.Kind.String() + " " + e.Text)
			fmt.Fprintf(out, "%s %s\n%s\n", hostName(s.nodes[node]), clock, strings.Join(what, " "))
		}
		after[i] = slices.Clone(clocks[node])
	}
	return out.Flush()
}

// vector is a clock as JSON, without the hosts that nothing is known of.
func (s *scene) vector(clock []uint64) ([]byte, error) {
	known := map[string]uint64{}
	for node, count := range clock {
		if count > 0 {
			known[hostName(s.nodes[node])] = count
		}
	}
	return json.Marshal(known)
}

// hostName has no blanks: they would end it.
func hostName(node string) string { return strings.Join(strings.Fields(node), "_") }
