package worker

import (
	"context"
	"errors"
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
)

// attempt is one attempt of a shard that this worker runs. The streams task owns it; the engine's task
// touches only the tally, the assignment's gate and the context.
type attempt struct {
	worker   *Worker
	run      protocol.Run
	outbox   *stats.Outbox
	windows  stats.Config
	clock    stats.Clock
	tally    load.Tally
	fresh    stats.Tally // what was recorded since the last time it was absorbed; empty in between
	window   int64       // in which it was last absorbed
	deadline core.Instant
	cancel   context.CancelFunc

	over   bool // the engine has ended, and the final entry is cut
	ended  core.Instant
	state  protocol.EndState
	closed bool // the gate takes nothing more of it, and wants to know what it counted
	told   bool // the manager knows how it ended, or does not want to
	final  bool // nobody waits for anything more of it: all is durable, answered, or unknown at the gate
}

// start begins an attempt. Its engine runs in a task of its own.
func (w *Worker) start(run protocol.Run, engine load.Engine) error {
	now := w.env.Now()
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
		window: run.Windows.Index(clock.At(time.Duration(now))), deadline: now.Add(run.Deadline),
		cancel: cancel,
	}
	w.attempts = append(w.attempts, a)
	w.env.Note(fact.LoadAccepted{Stream: run.Stream, Worker: w.config.Name, Planned: run.Plan.Arrivals()})
	assignment := load.Assignment{
		Stream: run.Stream, Plan: run.Plan, Target: run.Target, Start: now,
		MaxInFlight: w.config.MaxInFlight, Drain: w.config.Drain, Gate: a.mayRelease,
	}
	w.env.Go("attempt/"+run.Stream.String(), func() {
		err := engine.Run(ctx, w.env, assignment, &a.tally)
		w.surely(func() { a.end(err) }) // nothing else would ever cut the final entry
	})
	return nil
}

// mayRelease is asked in the step that lets requests go: a worker that no manager has answered for dead
// + grace may have been given up, so it must not send what a successor may be sending.
func (a *attempt) mayRelease() error {
	switch {
	case a.worker.unheard():
		return errCutOff
	case a.worker.env.Now() >= a.deadline:
		return errDeadline
	}
	return nil
}

// unheard says that no manager has answered for so long that this worker may have been given up.
func (w *Worker) unheard() bool {
	return w.env.Now().Sub(core.Instant(w.answered.Load())) >= w.config.Dead+w.config.Grace
}

// stop ends the load; what is in flight has the drain time left.
func (a *attempt) stop(why string) {
	if !a.over {
		a.worker.env.Note(fact.StopReached{Stream: a.run.Stream, Why: why})
		a.cancel()
	}
}

// end cuts the final entry once the engine has returned. Run by the streams task.
func (a *attempt) end(err error) {
	now := time.Duration(a.worker.env.Now())
	a.cancel()
	a.absorb(core.Instant(now))
	state, reason := outcomeOf(err)
	planned := a.run.Plan.Arrivals()
	if counted := a.outbox.Statement().Cumulative.Planned(); counted < planned {
		_ = a.outbox.Skip(now, reason, planned-counted) // it fits: it is a part of the plan
	}
	a.outbox.Advance(planned)
	a.outbox.Finish(now)
	a.over, a.state, a.ended = true, state, core.Instant(now)
	statement := a.outbox.Statement()
	a.worker.env.Note(fact.LoadEnded{Stream: a.run.Stream, State: state, Cumulative: statement.Cumulative})
	if err != nil {
		a.worker.env.Log().Info("attempt ended early", "stream", a.run.Stream.String(), "error", err)
	}
	a.tellEnd(err)
	if a.closed {
		a.tellRefused()
	}
}

// outcomeOf translates how an engine returned, and why the rest of the plan was not sent.
func outcomeOf(err error) (protocol.EndState, stats.Reason) {
	switch {
	case err == nil:
		return protocol.EndCompleted, stats.Cancelled
	case errors.Is(err, errCutOff):
		return protocol.EndCutOff, stats.CutOff
	case errors.Is(err, errDeadline), errors.Is(err, context.Canceled):
		return protocol.EndStopped, stats.Cancelled
	default:
		return protocol.EndFailed, stats.Cancelled
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
