package worker

import (
	"fmt"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

// awaitLeave has the worker leave when its node is asked to stop.
func (w *Worker) awaitLeave() {
	_ = w.env.Sleep(w.stays, core.Forever)
	w.surely(func() { w.startLeaving() })
}

func (w *Worker) startLeaving() {
	if w.leaving.Begun() {
		return
	}
	w.leaving.Begin(w.env.Now(), w.config.StopWithin)
	w.goes.Store(true)
	w.beat.Notify() // its manager must give it nothing more
}

// leave hands over what has not finished in time, and ends the worker when nothing is left of any attempt.
func (w *Worker) leave(now core.Instant) {
	if !w.leaving.Begun() {
		return
	}
	if w.leaving.HalfOver(now) {
		for _, a := range w.attempts {
			a.stop("the worker leaves", errLeft)
		}
	}
	waits := ""
	if n := len(w.attempts); n > 0 {
		waits = fmt.Sprintf("%d attempts", n)
	}
	w.leaving.Say(w.env, waits)
	if waits == "" || w.leaving.Over(now) {
		w.end()
	}
}

// declined is the answer of a worker that is leaving to a request to run: nothing was done, all is left.
func (w *Worker) declined(stream stats.Stream) protocol.Running {
	w.counters.runsDeclined.Add(1)
	how := protocol.Running{Ended: true, State: protocol.EndLeft, Rest: true}
	w.stopped.add(stream, how, w.env.Now()) // the same request may come again
	return how
}

// oust ends a worker whose name is another's. Its manager has what it runs closed.
func (w *Worker) oust() {
	if w.ousted {
		return
	}
	w.ousted = true
	w.env.Log().Error("worker ends: another of its name has registered", "worker", w.config.Name)
	for _, a := range w.attempts {
		if !a.closed {
			a.told = true
			a.close("another worker has its name")
		}
	}
	w.startLeaving()
}
