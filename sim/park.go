package sim

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// resume runs a task until it parks or ends. That is a step.
func (w *World) resume(t *task) {
	if t.env.node.paused {
		t.env.node.hold(t)
		return
	}
	t.begin()
	w.current = t
	if t.resume == nil {
		w.coroutine().adopt(t)
	}
	t.resume()
	w.current = nil
}

// prefetch reads what the likely next step needs, so that it comes from memory while this one runs: with
// thousands of tasks that is a fifth of a step. It must come between pop and the next push.
func (w *World) prefetch() {
	if t := w.schedule.second(); t != nil {
		w.fetched = uint64(t.due) + t.stalls.Draws()
	}
}

// begin makes a step of what the task does next.
func (t *task) begin() {
	w := t.env.world
	w.step++
	if !t.woken && w.now > t.due {
		t.env.node.delayed += w.now - t.due
	}
	t.woken = false
	t.verb = waitNone
	if w.origins != nil {
		w.origins.goesOn(&t.ticket)
	}
	w.happen(&t.lane, trace.Step, t.ticket.cause, 0, 0)
}

// park makes the running task wait until the virtual time due, or until it is woken. Its reason to wait must
// be in place: whoever wakes it must find it. due may be core.Forever; cause is what a step at due comes
// from.
func (t *task) park(verb waitVerb, what string, due time.Duration, cause uint64) {
	w := t.env.world
	if t.env.dead {
		die() // it crashed its own node in this step
	}
	t.ticket.cause, t.due = cause, due
	w.origins.scheduled(&t.ticket)
	if due != core.Forever {
		stall, rank := w.draw(t)
		it := item{due: addTime(due, stall), order: w.order(rank), gen: t.ticket.gen, ticket: &t.ticket}
		if len(w.line.ready) == 0 && w.schedule.wouldBeFirst(&it) && t.goesOn(it.due) {
			return
		}
		t.ticket.pending = true
		w.schedule.push(it)
	}
	t.verb, t.what, t.parkedAt = verb, what, w.now
	if t.workload {
		w.boundAt = min(w.boundAt, addTime(w.now, w.config.WorkloadBound))
	}
	if !t.swap(struct{}{}) {
		die()
	}
}

// goesOn makes the task go on at once, without a switch: the schedule would do nothing else.
func (t *task) goesOn(due time.Duration) bool {
	w := t.env.world
	if w.urgent || w.step >= w.lastStep || due > w.boundAt || due > w.config.Limit || t.env.node.paused {
		return false
	}
	w.heartbeat.beat()
	if due > w.now {
		w.moveOn(due)
	}
	t.begin()
	return true
}

// wake makes a parked task ready, because of cause. A task that is ready already stays so.
func (w *World) wake(t *task, cause uint64) {
	if t.woken || t.ended || t.held || t.env.dead {
		return
	}
	w.cancel(&t.ticket)
	t.woken = true
	stall, rank := w.draw(t)
	t.env.node.delayed += stall
	t.ticket.cause, t.ticket.pending = cause, true
	w.origins.scheduled(&t.ticket)
	w.schedule.push(item{due: w.now + stall, order: w.order(rank), gen: t.ticket.gen, ticket: &t.ticket})
}

// draw says how late a task is that becomes ready, and its rank among those that are ready then.
func (w *World) draw(t *task) (stall time.Duration, rank uint16) {
	if w.line.picker == nil {
		rank = uint16(t.picks.Ask(w.chooser, ranks, nil))
	} else {
		t.picks.Skip()
	}
	if weights := t.env.node.stalls; weights != nil {
		stall = stallLengths[t.stalls.Ask(w.chooser, len(weights), weights[:])]
		if stall > 0 {
			t.env.node.stalled++
		}
	}
	if w.trace.Keeping() {
		w.tellDraw(t, stall, rank)
	}
	return stall, rank
}

// order makes what the schedule sorts by within one due time.
func (w *World) order(rank uint16) uint64 {
	w.arrivals++
	return uint64(rank)<<rankShift | w.arrivals
}
