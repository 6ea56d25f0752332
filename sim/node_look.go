package sim

import (
	"slices"
	"time"
)

// This file is for invariants that judge what a node holds, and how long it took. They ask between steps.

// Tasks lists the names of the tasks that live on the node, in order; none when it is down.
func (n *Node) Tasks() []string {
	if n.env == nil {
		return nil
	}
	names := make([]string, len(n.env.tasks))
	for i, t := range n.env.tasks {
		names[i] = t.name
	}
	slices.Sort(names)
	return names
}

// HasTasks says that a task lives on the node, at the price of no list.
func (n *Node) HasTasks() bool { return n.env != nil && len(n.env.tasks) > 0 }

// Delayed is for how long, since the run began, the node was paused, and by how much its tasks were late,
// all added up: what a bound on the node's own reactions has to be longer by. It never falls.
func (n *Node) Delayed() time.Duration {
	if n.paused {
		return n.delayed + n.world.now - n.since
	}
	return n.delayed
}

// RememberCauses has Cause answer for the newest events, at least most of them.
func (w *World) RememberCauses(most int) { w.trace.RememberCauses(most) }

// Cause is the ID of the trace's event that caused the one with this ID - of a step, what woke its task; of
// what happens in a step, the step - and the lane of the one with this ID. They are 0 and "" when it is not
// remembered.
func (w *World) Cause(id uint64) (cause uint64, lane string) { return w.trace.Cause(id) }

// FaultsEnd is when, since the run began, the last episode that a nemesis has drawn is over; 0 without any. A
// stop is over no earlier than its node: while one takes its time beyond the last episode, it is now.
func (w *World) FaultsEnd() (end time.Duration) {
	for _, n := range w.net.nemeses {
		for _, e := range n.episodes {
			end = max(end, e.end)
			if e.leaving != nil && e.leaving.node.env == e.leaving {
				end = max(end, w.now)
			}
		}
	}
	return end
}
