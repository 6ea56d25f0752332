package sim

import (
	"fmt"
	"slices"
)

// What a scenario's script does to the network by hand. The nemesis does the same by chance: see Faults.

// SetLink configures one direction between two nodes, from now on. Packets that are on their way stay so.
func (w *World) SetLink(from, to string, config LinkConfig) error {
	if err := config.validate(fmt.Sprintf("SetLink(%s, %s)", from, to)); err != nil {
		return err
	}
	l := w.net.link(Link{from, to})
	l.base = config.withDefaults()
	l.refresh()
	return nil
}

// Partition keeps everything from passing between the nodes of a and those of b, both ways, until Heal.
// Datagrams are lost. Connections wait, and break when they have waited for NetworkConfig.KeepAlive.
func (w *World) Partition(a, b []string) {
	a, b = slices.Clone(a), slices.Clone(b)
	w.partition(func(l Link) bool {
		return slices.Contains(a, l.From) && slices.Contains(b, l.To) ||
			slices.Contains(b, l.From) && slices.Contains(a, l.To)
	}, fmt.Sprintf("partition %v | %v", a, b))
}

// PartitionOneWay is Partition in the direction from the first nodes to the second ones only.
func (w *World) PartitionOneWay(from, to []string) {
	from, to = slices.Clone(from), slices.Clone(to)
	w.partition(func(l Link) bool {
		return slices.Contains(from, l.From) && slices.Contains(to, l.To)
	}, fmt.Sprintf("partition %v > %v", from, to))
}

func (w *World) partition(covers func(Link) bool, text string) {
	w.net.traceFault(text)
	w.net.begin(&effect{covers: covers, block: true})
}

// Heal ends every partition, those of the nemesis too.
func (w *World) Heal() {
	w.net.traceFault("heal")
	for _, e := range slices.Clone(w.net.effects) {
		if e.block {
			w.net.end(e)
		}
	}
}

// Hold keeps what arrives at the far end of a link until Release. Unlike a partition it loses nothing, and
// connections bear it for ever. One Release ends every Hold of the link.
func (w *World) Hold(key Link) {
	w.net.traceFault("hold " + key.String())
	w.net.begin(&effect{held: key, covers: func(l Link) bool { return l == key }, hold: true})
}

// Release ends a Hold: what waited arrives at once, in its order.
func (w *World) Release(key Link) {
	for _, e := range slices.Clone(w.net.effects) {
		if e.held == key {
			w.net.traceFault("release " + key.String())
			w.net.end(e)
		}
	}
}

// Cut breaks every connection between two nodes. Of what was on its way from a to b the last few packets are
// lost, how many is a recorded choice; of the other way all. a knows at once, b when word of it has arrived.
func (w *World) Cut(a, b string) {
	w.net.traceFault("cut " + a + " " + b)
	for _, side := range w.net.connections(Link{a, b}) {
		side.cut()
	}
}

// HalfOpen breaks every connection between two nodes so that a goes on believing in it until its keep-alive
// has run out: what a sends meanwhile vanishes. b knows at once.
func (w *World) HalfOpen(a, b string) {
	w.net.traceFault("half-open " + a + " " + b)
	for _, side := range w.net.connections(Link{a, b}) {
		side.halve()
	}
}
