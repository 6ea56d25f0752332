package worker

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

// leaving is how far the worker's stop has come. The streams task owns it.
type leaving struct {
	since  core.Instant  // 0: it was not asked to stop
	within time.Duration // from then on
	waits  string        // what for, as last said
	said   bool
}

// handsOver says that attempts have had their time to finish.
func (l leaving) handsOver(now core.Instant) bool {
	return l.since != 0 && now.Sub(l.since) >= l.within/2
}

// tooLate says that what has not been handed over by now is left behind.
func (l leaving) tooLate(now core.Instant) bool { return l.since != 0 && now.Sub(l.since) >= l.within }

// untilNext is the time until either changes.
func (l leaving) untilNext(now core.Instant) time.Duration {
	switch {
	case l.since == 0:
		return core.Forever
	case !l.handsOver(now):
		return l.since.Add(l.within / 2).Sub(now)
	}
	return l.since.Add(l.within).Sub(now)
}

// awaitLeave has the worker leave when its node is asked to stop.
func (w *Worker) awaitLeave() {
	_ = w.env.Sleep(w.stays, core.Forever)
	w.surely(func() { w.startLeaving() })
}

func (w *Worker) startLeaving() {
	if w.leaving.since != 0 {
		return
	}
	w.leaving.since, w.leaving.within = max(w.env.Now(), 1), w.config.StopWithin
	w.goes.Store(true)
	w.beat.Notify() // its manager must give it nothing more
}

// leave hands over what has not finished in time, and ends the worker when nothing is left of any attempt.
func (w *Worker) leave(now core.Instant) {
	if w.leaving.since == 0 {
		return
	}
	if w.leaving.handsOver(now) {
		for _, a := range w.attempts {
			a.stop("the worker leaves", errLeft)
		}
	}
	waits := ""
	if n := len(w.attempts); n > 0 {
		waits = fmt.Sprintf("%d attempts", n)
	}
	if waits != w.leaving.waits || !w.leaving.said {
		w.leaving.waits, w.leaving.said = waits, true
		w.env.Note(fact.Leaving{Waits: waits})
		w.env.Log().Info("worker leaves", "waits for", waits)
	}
	if waits == "" || w.leaving.tooLate(now) {
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
