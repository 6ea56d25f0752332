package worker

import (
	"errors"
	"slices"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
)

// outgoing is a report on its way, and the attempts whose batches are in it.
type outgoing struct {
	class    core.Class
	report   protocol.Report
	attempts []*attempt
}

// cut makes entries of the windows that are over.
func (w *Worker) cut(now core.Instant) {
	for _, a := range w.attempts {
		if !a.over && a.windows.Index(a.clock.At(time.Duration(now))) > a.window {
			a.absorb(now)
			a.outbox.Cut(time.Duration(now))
		}
	}
}

// flush makes entries of the windows that are not over, too.
func (w *Worker) flush() {
	for _, a := range w.attempts {
		if !a.over {
			now := w.env.Now()
			a.absorb(now)
			a.outbox.Flush(time.Duration(now))
		}
	}
}

// report hands what there is to send to the reporting task: one report at a time, so that an outbox
// knows how each batch went before it gives out the next. The level delays periodic entries only; a
// last one goes at once.
func (w *Worker) report(now core.Instant) {
	if w.sending || now < w.resume {
		return
	}
	periodic := w.periodicDue(now)
	out, full := w.gather(now, periodic)
	if periodic && !w.partial && len(out.attempts) > 0 {
		w.flushed = now
	}
	if periodic {
		w.partial = full
	}
	if len(out.attempts) > 0 {
		w.sending = w.reports.Put(out) // it has room: nothing else is sending
	}
}

// gather takes what there is to send out of the outboxes: of attempts that are over, and of all if it is
// periodic. It is full when there may be more.
func (w *Worker) gather(now core.Instant, periodic bool) (out outgoing, full bool) {
	most := protocol.MostEntries
	if w.env.Rare("worker/one-entry-a-report") {
		most = 1
	}
	out.class = core.Low
	out.report.Worker, out.report.Incarnation = w.config.Name, w.incarnation
	for _, a := range w.attempts {
		if !periodic && !a.over {
			continue
		}
		batch := a.outbox.Batch(time.Duration(now), most-len(out.report.Entries))
		if len(batch) == 0 {
			continue
		}
		if a.over {
			out.class = core.High
		}
		out.attempts = append(out.attempts, a)
		for _, e := range batch {
			out.report.Entries = append(out.report.Entries, *e)
		}
	}
	return out, len(out.report.Entries) == most
}

// periodicDue says whether entries of running attempts may go now: of every window at NONE, of every
// second one at THROTTLE, of every fourth at BATCH, of none at REJECT. One whose entries have no room in a
// report goes on in the next: the last attempts would never have their turn.
func (w *Worker) periodicDue(now core.Instant) bool {
	var every time.Duration
	switch w.level {
	case backpressure.None:
		return true
	case backpressure.Throttle:
		every = 2
	case backpressure.Batch:
		every = 4
	default:
		return false
	}
	if w.partial {
		return true
	}
	size := time.Minute
	for _, a := range w.attempts {
		size = min(size, a.windows.Size)
	}
	// Half a window less: the task wakes at the end of a window, give or take.
	return now.Sub(w.flushed) >= every*size-size/2
}

// reportLoop sends reports, one at a time. A connection that has to be made first holds up nobody but itself.
func (w *Worker) reportLoop() {
	for {
		out, err := w.reports.Take(w.ctx)
		if err != nil {
			return
		}
		ctx, cancel := w.env.WithTimeout(w.ctx, w.config.CallTimeout)
		err = rpc.Notify(ctx, w.node, w.config.Manager, out.class, protocol.MethodReport, &out.report)
		cancel()
		if err != nil {
			w.counters.reportsUnsent.Add(1)
		}
		w.surely(func() { w.settle(out, err) })
	}
}

// settle tells the outboxes how the report went: only what certainly was not delivered gets its number back.
func (w *Worker) settle(out outgoing, err error) {
	w.sending = false
	for _, a := range out.attempts {
		a.outbox.Settle(errors.Is(err, core.ErrDefinite))
	}
	if err == nil {
		w.unsent = 0
		return
	}
	w.unsent++ // a manager that is gone refuses at once: asking at once again would never end
	w.resume = w.env.Now().Add(w.retries.Wait(w.env.Rand(), w.unsent))
}

// expire forgets attempts that are done with, and those whose entries nobody took for too long.
func (w *Worker) expire(now core.Instant) {
	w.stopped.expire(now)
	w.attempts = slices.DeleteFunc(w.attempts, func(a *attempt) bool {
		if !a.over {
			return false
		}
		old := now.Sub(a.ended) > w.config.Retention
		if old && !a.outbox.Done() {
			a.drop("retention is over")
		}
		if gone := old || a.told && (a.final || a.outbox.Done() && !a.closed); !gone {
			return false
		}
		w.stopped.add(a.run.Stream, a.running(), now)
		w.env.Note(fact.Forgotten{Job: a.run.Stream.String()})
		a.forget()
		return true
	})
}

// drop lets go of entries that are not durable, and says so.
func (a *attempt) drop(why string) {
	entries, _ := a.outbox.Fill()
	if entries > 0 {
		a.worker.counters.entriesDropped.Add(uint64(entries))
		a.worker.env.Note(fact.EntriesDropped{Stream: a.run.Stream, Count: uint64(entries), Why: why})
		a.worker.env.Log().Warn("entries dropped", "stream", a.run.Stream.String(), "entries", entries,
			"why", why)
	}
	a.outbox.Close()
}
