package main

import (
	"fmt"
	"strings"

	"github.com/windtunnel/windtunnel/cmd/windtunnel/internal/outcome"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/trace"
)

func (r *replayCommand) stops() bool { return r.Until > 0 || r.Break != "" }

// stop replays a failure up to a step or an event and prints what the World is like there. A run that ends
// before is told as a replay is, in a line.
func (r *replayCommand) stop(c *console, file explore.File, play func(*check.Run)) error {
	s := &stopper{until: r.Until, text: r.Break}
	ended := check.Execute(check.Settings{
		Name: file.Scenario, Chooser: choice.NewReplayer(file.Choices, nil), Keep: trace.All, Watch: s.look,
	}, play)
	if s.state != "" {
		c.printf("%s%s", s.state, s.events)
		return nil
	}
	if ended.Failure == nil {
		c.printf("nothing failed, and the run ended at step %d without coming to that\n", ended.Steps)
		return nil
	}
	c.printf("failed at step %d (%s), before it came to that\n", ended.Failure.Step, ended.Failure.Key)
	return &exit{code: outcome.Failed}
}

// stopper ends a run where somebody wants to look at it.
type stopper struct {
	until  uint64 // step; 0: none
	text   string // of an event; empty: none
	looked int    // events that were looked at

	state, events string // there; empty until then
}

// look is called after every step.
func (s *stopper) look(w *sim.World) {
	if s.state != "" {
		return
	}
	fresh := w.TraceSince(s.looked)
	s.looked += len(fresh)
	stop := s.until > 0 && w.Step() >= s.until
	for i := range fresh {
		stop = stop || s.text != "" && says(&fresh[i], s.text)
	}
	if !stop {
		return
	}
	s.state, s.events = w.State(), lastEvents(w)
	w.Fail("stopped", "somebody looks at it")
}

// says tells whether an event has a text: in what it says, behind its lane or its node, or in its line.
func says(e *trace.Event, text string) bool {
	node, _, _ := strings.Cut(e.Lane, "/")
	for _, line := range [...]string{
		e.Lane + " " + e.Text, node + " " + e.Text, e.Lane + " " + e.Kind.String() + " " + e.Text,
	} {
		if strings.Contains(line, text) {
			return true
		}
	}
	return false
}

// lastEvents are the last lines of a World's trace.
func lastEvents(w *sim.World) string {
	const most = 20
	all := w.TraceSince(0)
	last := all[max(0, len(all)-most):]
	var b strings.Builder
	fmt.Fprintf(&b, "the last %d of %d events:\n", len(last), len(all))
	for _, e := range last {
		b.WriteString(strings.TrimRight(e.String(), " ") + "\n")
	}
	return b.String()
}
