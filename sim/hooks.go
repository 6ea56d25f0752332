package sim

import (
	"context"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// This file is what the rest of the package - network, faults - uses of the kernel.
//
// The network in turn gives the kernel newNetwork(*World, NetworkConfig) *network, and on *network: listen,
// nodeDown (the node crashed: its endpoints are gone, tasks included).
//
// Everything runs on the World's one thread. Firings run between tasks, and must not block.

// atRank puts a firing on the schedule at a virtual time (now, if that has passed). Among what is due then,
// the lowest rank goes first, then the first scheduled. The ticket, whose fires must be set, must outlive
// its item and must never be zeroed. cause is the event that the firing comes from. A ticket that is already
// scheduled is rescheduled.
func (w *World) atRank(t *ticket, due time.Duration, rank uint16, cause uint64) {
	w.cancel(t)
	w.origins.scheduled(t)
	t.cause, t.pending = cause, true
	w.schedule.push(item{due: max(due, w.now), order: w.order(rank), gen: t.gen, ticket: t})
}

// cancel takes a ticket off the schedule, if it is on it.
func (w *World) cancel(t *ticket) {
	if t.pending {
		t.pending = false
		t.gen++
		if w.line.forget(t) {
			return
		}
		w.schedule.stale++
		w.schedule.sweep()
	}
}

type firingFunc func()

func (f firingFunc) fire() { f() }

// after calls f after d of virtual time, caused by what happens now.
func (w *World) after(d time.Duration, rank uint16, f func()) *ticket {
	t := &ticket{fires: firingFunc(f)}
	w.atRank(t, addTime(w.now, max(d, 0)), rank, w.event)
	return t
}

// choose asks a question of a stream. Weights, where there are any, are one an alternative.
func (w *World) choose(s *choice.Stream, alternatives int, weights []uint32) int {
	return s.Ask(w.chooser, alternatives, weights)
}

// emit adds an event to the trace and returns its ID. x and y are numbers that the trace's hash holds.
func (w *World) emit(lane *trace.Lane, kind trace.Kind, cause, x, y uint64) uint64 {
	w.touch(touchedBy(kind))
	id := w.trace.Add(w.step, w.now, lane, kind, cause, x, y)
	if w.origins != nil {
		w.trace.Stand(w.origins.stack())
	}
	return id
}

// happen is emit for an event that causes what follows in this step.
func (w *World) happen(lane *trace.Lane, kind trace.Kind, cause, x, y uint64) uint64 {
	w.event = w.emit(lane, kind, cause, x, y)
	return w.event
}

// yield is an interleaving point: the running task becomes ready again, and others may go first.
func (t *task) yield() { t.park(waitPoint, "", t.env.world.now, t.env.world.event) }

// await parks the running task until the bell rings (nil), d of its node's steady time has passed
// (core.ErrElapsed), or ctx ended (why). It is an interleaving point in every case, and a ring wins. verb and
// what are for the message of a deadlock.
func (t *task) await(b *bell, ctx context.Context, d time.Duration, verb waitVerb, what string) error {
	if b.waiter != nil {
		panic("sim: " + t.lane.Name() + " waits where " + b.waiter.lane.Name() + " waits already")
	}
	b.waiter = t
	w := t.env.world
	w.touch(w.mark(&b.thing))
	if b.rung {
		t.park(waitPoint, what, w.now, b.cause)
	} else {
		if ended(ctx) != nil {
			d = 0
		}
		t.under(ctx)
		t.park(verb, what, t.env.dueAfter(d), w.event)
		t.leave()
	}
	w.touch(w.mark(&b.thing))
	b.waiter = nil
	if b.rung {
		b.rung = false
		return nil
	}
	if err := ended(ctx); err != nil {
		return err
	}
	return core.ErrElapsed
}
