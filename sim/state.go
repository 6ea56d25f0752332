package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// This file shows a World to somebody who has stopped it to look. Nothing here is part of a run.

// TraceSince returns the kept events from the nth on, log lines among them, of a World that keeps all. They
// are the World's own: look, and do not keep them.
func (w *World) TraceSince(n int) []trace.Event { return w.trace.Since(n) }

// State is what the World is like now, for a reader: of every node its clocks and its tasks with what each
// waits for, and what is on its way on every link. It may be asked for at any moment of a run; afterwards no
// task is left to tell of.
func (w *World) State() string {
	var b strings.Builder
	fmt.Fprintf(&b, "step %d, +%v, %d events\n", w.step, w.now, w.trace.Count())
	due := w.dues()
	for _, n := range w.nodes {
		n.state(&b, due)
	}
	w.net.state(&b, due)
	return b.String()
}

// dues tells when what is scheduled is due.
func (w *World) dues() map[*ticket]time.Duration {
	due := make(map[*ticket]time.Duration)
	items := w.schedule.items
	if w.schedule.hole {
		items = items[1:]
	}
	for _, it := range items {
		if it.ticket.pending && it.gen == it.ticket.gen {
			due[it.ticket] = it.due
		}
	}
	return due
}

func (n *Node) state(b *strings.Builder, due map[*ticket]time.Duration) {
	w, e := n.world, n.env
	if e == nil {
		fmt.Fprintf(b, "%s is down\n", n.name)
		return
	}
	steady := time.Duration(e.steady.show(w.now))
	fmt.Fprintf(b, "%s: incarnation %d, steady clock %v", n.name, n.incarnation, steady)
	if e.steady.drift != 0 {
		fmt.Fprintf(b, " (fast by %d ppm)", e.steady.drift)
	}
	fmt.Fprintf(b, ", wall clock %s", w.config.Start.Add(n.wall.show(w.now)).Format("15:04:05.000000"))
	if off := n.wall.show(w.now) - w.now; off != 0 {
		fmt.Fprintf(b, " (off by %v)", off)
	}
	if n.paused {
		fmt.Fprintf(b, ", paused since +%v", n.since)
	}
	b.WriteByte('\n')
	tasks := slices.Clone(e.tasks)
	slices.SortFunc(tasks, func(a, b *task) int { return strings.Compare(a.lane.Name(), b.lane.Name()) })
	for _, t := range tasks {
		fmt.Fprintf(b, "  %s %s\n", t.lane.Name(), t.state(due))
	}
}

func (t *task) state(due map[*ticket]time.Duration) string {
	if t == t.env.world.current {
		return "runs"
	}
	text := t.waitsFor()
	if t.woken {
		text = "is ready"
	}
	if at, scheduled := due[&t.ticket]; scheduled {
		text += fmt.Sprintf(", goes on at +%v", at)
	}
	return text
}

// state tells what is on its way, link by link.
func (n *network) state(b *strings.Builder, due map[*ticket]time.Duration) {
	underway := make(map[*link][]*packet)
	for _, endpoint := range n.book.inOrder {
		for _, side := range endpoint.inOrder {
			for p := side.oldest; p != nil; p = p.later {
				underway[side.link] = append(underway[side.link], p)
			}
		}
	}
	for _, l := range n.inOrder {
		datagrams := 0
		for class := range core.ClassCount {
			datagrams += l.datagrams[class]
		}
		if packets := underway[l]; len(packets) > 0 || datagrams > 0 || !l.passes() {
			l.state(b, packets, datagrams, due)
		}
	}
}

func (l *link) state(b *strings.Builder, packets []*packet, datagrams int, due map[*ticket]time.Duration) {
	fmt.Fprintf(b, "%s → %s:", l.key.From, l.key.To)
	switch {
	case l.blocks > 0:
		b.WriteString(" partitioned,")
	case l.holds > 0:
		b.WriteString(" held,")
	}
	fmt.Fprintf(b, " %d on their way\n", len(packets)+datagrams)
	for _, p := range packets {
		fmt.Fprintf(b, "  %s", p.says())
		if at, scheduled := due[&p.ticket]; scheduled {
			fmt.Fprintf(b, ", arrives at +%v", at)
		}
		if p.lost {
			b.WriteString(", lost")
		}
		b.WriteByte('\n')
	}
	if datagrams > 0 {
		fmt.Fprintf(b, "  %d of them datagrams\n", datagrams)
	}
}
