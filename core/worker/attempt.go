package worker

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

// Why an engine may not let go of a request.
var (
	errCutOff   = errors.New("no manager answered for too long")
	errDeadline = errors.New("the job's deadline passed")
	errLeft     = errors.New("the worker leaves")
)

// attempt is one attempt of a shard that this worker runs. The streams task owns it; the engine's task
// touches only the tally, what is provided, the assignment's gate and the context.
type attempt struct {
	worker   *Worker
	run      protocol.Run
	outbox   *stats.Outbox
	windows  stats.Config
	clock    stats.Clock
	tally    load.Tally
	fresh    stats.Tally  // what was recorded since the last time it was absorbed; empty in between
	window   int64        // in which it was last absorbed
	planned  uint64       // arrivals that are its own
	deadline atomic.Int64 // core.Instant
	lapses   int64        // of the worker, when it began
	provided provided
	cancel   context.CancelFunc
	kept     context.Context // ends when the attempt is forgotten, and with it what is said of it
	forget   context.CancelFunc
	halted   bool            // its engine was told to stop
	cause    error           // why, when that leaves a rest
	counted  stats.Statement // all that its engine did, once that has ended

	over    bool // the engine has ended, and the last entry is cut
	ended   core.Instant
	state   protocol.EndState
	err     error
	rest    bool // a successor may run the rest of the plan: the last entry is not final
	closed  bool // the gate takes nothing more of it, and wants to know what it counted
	telling bool // the manager is being told how it ended
	told    bool // it knows, or does not want to
	final   bool // nobody waits for anything more of it: all is durable, answered, or unknown at the gate
}

// start begins an attempt, or says why it cannot be run. Its engine runs in a task of its own.
func (w *Worker) start(run protocol.Run) error {
	engine := w.config.engine(run.Engine)
	if engine == nil {
		return fmt.Errorf("no engine %q", run.Engine)
	}
	now := w.env.Now()
	assignment := load.Assignment{
		Stream: run.Stream, Plan: run.Plan, Target: run.Target, Start: now, From: run.Elapsed,
		MaxInFlight: w.config.MaxInFlight, Drain: w.config.Drain,
	}
	if err := assignment.Validate(); err != nil {
		return err
	}
	clock := stats.NewClock(stats.At(w.env.Wall()), time.Duration(now))
	config := stats.DefaultOutboxConfig(run.Stream, run.Windows)
	config.Sent, config.Unsent, config.ResendAfter = w.config.Buffer, w.config.Buffer, w.config.Resend
	outbox, err := stats.NewOutbox(config, clock, time.Duration(now))
	if err != nil {
		return err
	}
	ctx, cancel := w.env.WithCancel(w.ctx)
	a := &attempt{
		worker: w, run: run, outbox: outbox, windows: run.Windows, clock: clock,
		window: run.Windows.Index(clock.At(time.Duration(now))), planned: run.Plan.Rest(run.Elapsed),
		lapses: w.lapses.Load(), cancel: cancel,
	}
	a.kept, a.forget = w.env.WithCancel(w.ctx)
	a.deadline.Store(int64(now.Add(run.Deadline)))
	assignment.Gate, assignment.Provided = a.mayRelease, a.provide
	w.attempts = append(w.attempts, a)
	w.env.Note(fact.LoadAccepted{Stream: run.Stream, Worker: w.config.Name, Planned: a.planned})
	w.env.Go("attempt/"+run.Stream.String(), func() {
		err := engine.Run(ctx, w.env, assignment, &a.tally)
		w.surely(func() { a.end(err) }) // nothing else would ever cut the last entry
	})
	return nil
}

func (a *attempt) provide(v load.Value) {
	if !a.provided.add(v) {
		a.worker.counters.valuesDropped.Add(1)
	}
}

// mayRelease is asked in the step that lets requests go: a worker that no manager has answered for dead
// + grace may have been given up, so it must not send what a successor may be sending - nor may it once it
// is answered again. Unheard is looked at first: whoever ends it has counted the lapse before.
func (a *attempt) mayRelease() error {
	switch {
	case a.worker.unheard() || a.worker.lapses.Load() != a.lapses:
		return errCutOff
	case int64(a.worker.env.Now()) >= a.deadline.Load():
		return errDeadline
	}
	return nil
}

// unheard says that no manager has answered for so long that this worker may have been given up.
func (w *Worker) unheard() bool {
	return w.env.Now().Sub(core.Instant(w.answered.Load())) >= w.config.Dead+w.config.Grace
}

// stop ends the load; what is in flight has the drain time left. A cause says that a successor may go on.
func (a *attempt) stop(why string, cause error) {
	if !a.over && !a.halted {
		a.worker.env.Note(fact.StopReached{Stream: a.run.Stream, Why: why})
		a.halted, a.cause = true, cause
		a.cancel()
	}
}

// end cuts the last entry once the engine has returned: a final one that accounts for all of the plan, or one
// that leaves the rest to a successor. Run by the streams task.
func (a *attempt) end(err error) {
	now := time.Duration(a.worker.env.Now())
	a.cancel()
	a.absorb(core.Instant(now))
	if errors.Is(err, context.Canceled) && a.cause != nil {
		err = a.cause
	}
	a.counted, a.err = a.outbox.Statement(), err
	a.state, a.rest = outcomeOf(err)
	if a.state == protocol.EndCutOff {
		a.worker.counters.attemptsCutOff.Add(1)
	}
	left := a.planned - min(a.planned, a.counted.Cumulative.Planned())
	if a.rest = a.rest && left > 0; a.rest {
		a.outbox.Leave(now)
	} else {
		_ = a.outbox.Skip(now, stats.Cancelled, left) // it fits: it is a part of the plan
		a.outbox.Advance(a.planned)
		a.outbox.Finish(now)
	}
	a.over, a.ended = true, core.Instant(now)
	a.worker.env.Note(fact.LoadEnded{
		Stream: a.run.Stream, State: a.state, Cumulative: a.outbox.Statement().Cumulative, Rest: a.rest,
	})
	if err != nil {
		a.worker.env.Log().Info("attempt ended early", "stream", a.run.Stream.String(), "error", err)
	}
	if !a.rest {
		a.tellEnd()
	}
	if a.closed {
		a.tellRefused()
	}
}

// outcomeOf translates how an engine returned. Rest says that what it did not run may be another's to run.
func outcomeOf(err error) (state protocol.EndState, rest bool) {
	switch {
	case err == nil:
		return protocol.EndCompleted, false
	case errors.Is(err, errCutOff):
		return protocol.EndCutOff, true
	case errors.Is(err, errLeft):
		return protocol.EndLeft, true
	case errors.Is(err, errDeadline), errors.Is(err, context.Canceled):
		return protocol.EndStopped, false
	default:
		return protocol.EndFailed, false
	}
}

// absorb counts what the engine recorded since the last time. The first time in a window, that was the
// window before.
func (a *attempt) absorb(now core.Instant) {
	defer a.fresh.Reset() // it keeps its memory
	position, _ := a.tally.Drain(&a.fresh)
	at := a.clock.At(time.Duration(now))
	if k := a.windows.Index(at); k > a.window {
		a.window = k
		now = now.Add(a.windows.Start(k).Sub(at) - 1)
	}
	if err := a.outbox.Absorb(time.Duration(now), &a.fresh); err != nil {
		a.worker.env.Log().Error("counts do not fit", "stream", a.run.Stream.String(), "error", err)
	}
	a.outbox.Advance(position)
}

// untilCut is the time until the window that now lies in is over.
func (a *attempt) untilCut(now core.Instant) time.Duration {
	at := a.clock.At(time.Duration(now))
	return a.windows.End(a.windows.Index(at)).Sub(at)
}
