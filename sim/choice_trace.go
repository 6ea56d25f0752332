package sim

import (
	"strconv"
	"strings"

	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// tracedChooser puts every choice that is not quiet into the trace, where the whole of it is kept: whoever
// looks at a failure sees what was decided beside what came of it.
type tracedChooser struct {
	world *World
	next  choice.Chooser
	lanes map[*choice.Stream]*trace.Lane
}

// Choose asks on.
func (t *tracedChooser) Choose(c choice.Choice) int {
	answer := t.next.Choose(c)
	if answer == 0 {
		return answer
	}
	text := strconv.AppendInt(append(c.AppendKey(nil), '='), int64(answer), 10)
	if c.Kind == choice.Stall && answer < len(stallLengths) {
		text = append(text, ": late by "+stallLengths[answer].String()...)
	}
	w := t.world
	w.trace.Choose(w.step, w.now, t.lane(c.Stream), w.event, string(text))
	return answer
}

// lane is who a stream's choices are about: the task of "g1#0/push", the sender of "g1>m-a/HIGH".
func (t *tracedChooser) lane(s *choice.Stream) *trace.Lane {
	if lane := t.lanes[s]; lane != nil {
		return lane
	}
	lane := t.world.lane
	switch sender, _, onLink := strings.Cut(s.Label(), ">"); {
	case s.Kind() == choice.Pick || s.Kind() == choice.Stall:
		lane = trace.NewLane(strings.Replace(s.Label(), "#0/", "/", 1)) // as the task's own lane is called
	case s.Kind() == choice.Seed:
		node, _, _ := strings.Cut(s.Label(), "#")
		lane = trace.NewLane(node)
	case onLink:
		lane = trace.NewLane(sender)
	}
	t.lanes[s] = &lane
	return &lane
}
