package gate

import (
	"errors"
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

// errStripped says that a window was pushed without its quantiles, because with them it is over
// Config.PushBytes.
var errStripped = errors.New("window over the push limit, pushed without its quantiles")

// pushLoop is the gate's one task for periodic pushes. It works off the list of jobs with pending
// windows, so a round costs what is pending, however many jobs there are. A job that fails is noted and
// counted, and the loop goes on with the next one.
func (g *Gate) pushLoop() {
	for g.ctx.Err() == nil {
		wait := core.Forever
		for _, id := range g.pending.Take() {
			j, ok := g.find(id)
			if !ok {
				continue // forgotten since it was listed; its windows went out when it ended
			}
			next, err := j.pushWindows()
			if err != nil {
				j.pushFailed(err)
			}
			wait = min(wait, next)
		}
		_ = g.pushBell.Wait(g.ctx, wait) // the loop looks again, whyever it woke
	}
}

// offer lists a job as pending and wakes the push task.
func (g *Gate) offer(id string) {
	if g.pending.Add(id) {
		g.env.Note(fact.PushListed{Job: id})
		g.pushBell.Notify()
	}
}

// pushWindows pushes a job's closed windows if that is due; if it is not, the job stays listed, and
// next is how long until it is. It decides under the books' lock, on the level as it is then, not as it
// was before the wait for the interval or for the lock: a push that starts under REJECT is the bug that
// this order prevents.
func (j *job) pushWindows() (next time.Duration, err error) {
	b := j.books
	b.lock.Lock()
	defer b.lock.Unlock()
	now := j.gate.env.Now()
	level := j.levelNow()
	if level == backpressure.Reject {
		j.gate.pending.Add(j.id)
		j.gate.env.Note(fact.PushHeld{Job: j.id, Windows: b.collector.Pending(j.now())})
		return core.Forever, nil // the change of level rings
	}
	interval := j.gate.config.PushInterval
	if j.gate.env.Rare("gate/eager-pushes") {
		interval = leastInterval
	}
	if due := b.pushed.Add(level.Interval(interval)); now < due {
		j.gate.pending.Add(j.id)
		return due.Sub(now), nil
	}
	taken := b.collector.TakeClosed(j.now())
	if len(taken) == 0 {
		return core.Forever, nil
	}
	b.pushed = now
	return core.Forever, j.logTaken(taken, true)
}

// logTaken logs the push of windows that were taken, with the status as it is now. Called under the
// books' lock.
func (j *job) logTaken(taken []*stats.Window, periodic bool) error {
	b := j.books
	taker := "flush"
	if periodic {
		taker = "push"
	}
	j.gate.env.Note(fact.PushStarted{
		Job: j.id, Number: b.log.last() + 1, Windows: len(taken), Periodic: periodic,
	})
	for _, w := range taken {
		j.gate.env.Note(fact.WindowTaken{
			Job: j.id, Window: w.K, Revision: uint64(w.Revision), Counts: w.Counts(), Taker: taker,
		})
	}
	status := j.statusNow()
	err := b.logWindows(taken, protocol.Push{Job: j.id, Status: &status}, j.gate.config.PushBytes)
	b.collector.Drop(j.now())
	return err
}

// pushFailed says that a push could not be made as it should have been.
func (j *job) pushFailed(err error) {
	j.gate.env.Note(fact.PushFailed{Job: j.id, Why: err.Error()})
	j.gate.env.Log().Warn("push failed", "job", j.id, "error", err)
	j.gate.counters.pushesFailed.Add(1)
}

// withheldUntil is when the level was last REJECT, at which workers report no progress.
func (j *job) withheldUntil(now core.Instant) core.Instant {
	if j.levelNow() == backpressure.Reject {
		return now
	}
	return core.Instant(j.eased.Load())
}

// levelNow is the level in force for the job.
func (j *job) levelNow() backpressure.Level { return backpressure.Level(j.level.Load()) }

// strip makes a window fit for a push: over the limit, its quantiles go and its counts stay.
func strip(w stats.Window, limit int) (stats.Window, error) {
	size := encodedSize(&w)
	if size <= limit {
		return w, nil
	}
	for i := range w.Parts {
		w.Parts[i].Tally.Measures = stats.Measures{}
	}
	return w, fmt.Errorf("window %d: %d bytes, limit %d: %w", w.K, size, limit, errStripped)
}
