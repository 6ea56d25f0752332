package sim

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// This file says in words what choices decided, for whoever reads a kept trace. Nothing of it happens in a
// run that keeps none.

// Choices returns the choices that did not get the quiet answer, of a run that keeps its trace, in the order
// in which they were asked.
func (w *World) Choices() []trace.Choice { return w.trace.Choices() }

// tell keeps in words what the last question of a stream came to; the quiet answer says nothing.
func (w *World) tell(s *choice.Stream, answer int, at time.Duration, lane, text string) {
	if answer == 0 || s.Draws() == 0 {
		return
	}
	asked := choice.Choice{Kind: s.Kind(), Stream: s, N: s.Draws() - 1}
	w.trace.Choose(trace.Choice{
		Key: asked.Key(), Answer: answer, Step: w.step, Event: w.event, At: at, Lane: lane, Text: text,
	})
}

// tellDraw tells what a task drew that becomes ready, or will be at its due time.
func (w *World) tellDraw(t *task, stall time.Duration, rank uint16) {
	at := w.now
	if !t.woken {
		at = max(at, t.due)
	}
	w.tell(&t.picks, int(rank), at, t.lane.Name(), "lets what else is ready go first")
	if stall > 0 {
		for answer, length := range stallLengths {
			if length == stall {
				w.tell(&t.stalls, answer, at, t.lane.Name(), fmt.Sprintf("is late by %v", stall))
			}
		}
	}
}

// tellLink tells of a link. What it says of a packet it says with the packet.
func (l *link) tell(s *choice.Stream, answer int, what string, p *packet) {
	w := l.net.world
	if !w.Keeping() {
		return
	}
	lane := l.key.From + " → " + l.key.To
	if p != nil {
		what += ": " + p.says()
	}
	w.tell(s, answer, w.now, lane, what)
}

// tellEpisodes tells all that one kind of a nemesis drew: what belongs to one episode is told alike, so that
// it can be told once.
func (d draws) tellEpisodes(episodes []*episode, strength int) {
	w := d.world
	if !w.Keeping() {
		return
	}
	for _, e := range episodes {
		for _, what := range [...]string{"episode", "where", "side", "when", "length"} {
			d.retell(choice.Fault, what, uint64(e.slot), e)
		}
	}
	if len(episodes) == 1 {
		d.retell(choice.Config, "on", 0, episodes[0])
		d.retell(choice.Config, "strength", 0, episodes[0])
		return
	}
	strong := fmt.Sprintf("%v: strength %d of %d", d.kind, strength+1, strengths)
	for _, what := range [...]string{"on", "strength"} {
		s := w.stream(choice.Config, d.label+what)
		if told, ok := w.told(s, 0); ok {
			told.Lane, told.Text = "nemesis", strong
			w.trace.Choose(told)
		}
	}
}

// retell lets a question that was about an episode say which one.
func (d draws) retell(kind choice.Kind, what string, n uint64, e *episode) {
	if told, ok := d.world.told(d.world.stream(kind, d.label+what), n); ok {
		told.At, told.Lane, told.Text = e.begin, "nemesis", e.String()
		d.world.trace.Choose(told)
	}
}

// told finds what was told of a question.
func (w *World) told(s *choice.Stream, n uint64) (trace.Choice, bool) {
	key := choice.Choice{Kind: s.Kind(), Stream: s, N: n}.Key()
	return w.trace.Choice(key)
}
