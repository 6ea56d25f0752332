package scenarios

import (
	"fmt"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

// drained is the part of capacity about workers that leave: once a heartbeat was answered that was sent after
// its worker had said that it leaves, no manager gives that process new cores. What a manager adopts is not
// new; that it adopted them it notes in the same step, just afterwards.
type drained struct {
	world   *sim.World // nil over TCP: there nobody knows which process a worker's name is
	workers table[life, departing]
	pending suspicion
}

// departing is how far the word that a process leaves has come.
type departing struct {
	leaves bool
	sent   core.Instant // of the first heartbeat that says so
	told   bool
}

// suspicion is an objection that the rest of its step may clear up.
type suspicion struct {
	step uint64
	of   string // the node, or the job, that may clear it up
	err  error
}

func (d *drained) observe(o check.Observation) error {
	if d.world == nil {
		return nil
	}
	if d.pending.err != nil && o.Step != d.pending.step {
		return d.pending.err
	}
	switch f := o.Event.(type) {
	case fact.Leaving:
		d.workers.of(life{o.Node, o.Incarnation}).leaves = true
	case fact.Heartbeat:
		w := d.workers.find(life{o.Node, o.Incarnation})
		switch {
		case w == nil || !w.leaves:
		case !f.Answered && w.sent == 0:
			w.sent = f.At
		case f.Answered && w.sent != 0 && f.At >= w.sent:
			w.told = true
		}
	case fact.Allocated:
		node := d.world.Node(f.Worker)
		if node == nil || !node.Up() {
			return nil
		}
		if w := d.workers.find(life{f.Worker, node.Incarnation()}); w != nil && w.told {
			d.pending = suspicion{o.Step, o.Node, fmt.Errorf(
				"%s gave %d cores of %s to %s, and knows that it leaves", o.Node, f.Cores, f.Worker, f.Job)}
		}
	case fact.Adopted:
		if d.pending.of == o.Node {
			d.pending = suspicion{}
		}
	}
	return nil
}
