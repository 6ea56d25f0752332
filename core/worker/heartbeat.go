package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/stats"
)

// heartbeatLoop registers at the manager and tells it every heartbeat that the worker lives. What
// counts as life is an answer, and it counts from when the answered heartbeat was sent: the manager's
// own count starts no earlier.
func (w *Worker) heartbeatLoop() {
	registered, broken := false, false
	for failed := 0; w.ctx.Err() == nil; {
		sent := w.env.Now()
		w.env.Note(fact.Heartbeat{At: sent})
		reply, err := w.beatOnce(registered)
		switch {
		case errors.Is(err, rpc.Conflict):
			w.lapses.Add(1) // from this step on nothing is let go
			w.surely(w.oust)
			return
		case err != nil:
			failed++
			// A manager that is busy has lost nothing: all sent again would keep it busy.
			broken = broken || !errors.Is(err, rpc.Busy)
		case reply.Unknown && registered:
			registered = false
			continue
		default:
			failed = 0
			w.heardAgain()
			w.answered.Store(int64(sent))
			w.env.Note(fact.Heartbeat{Answered: true, At: sent})
			level, again := reply.Level, broken || !registered
			registered, broken = !w.env.Rare("worker/registers-again"), false
			w.do(func() {
				w.level = level
				if again {
					w.reconnected()
				}
				if w.env.Rare("worker/early-entries") {
					w.flush()
				}
			})
		}
		interval := w.config.Heartbeat
		if w.env.Rare("worker/short-heartbeat") {
			interval /= heartbeatsOften
		}
		wait := interval - w.env.Now().Sub(sent)
		if !registered && failed > 0 {
			wait = w.retries.Wait(w.env.Rand(), failed)
		}
		_ = w.beat.Wait(w.ctx, max(wait, 0)) // it is time again, or there is something to say
	}
}

// heardAgain ends what ran when the worker was cut off, in the step in which it is heard again: all of it may
// have been given up.
func (w *Worker) heardAgain() {
	if !w.unheard() {
		return
	}
	lapses := w.lapses.Add(1)
	w.surely(func() {
		for _, a := range w.attempts {
			if a.lapses != lapses {
				a.stop("no manager answered for too long", errCutOff)
			}
		}
	})
}

// beatOnce makes one call: a registration, or a heartbeat.
func (w *Worker) beatOnce(registered bool) (protocol.ManagerReply, error) {
	ctx, cancel := rpc.WithTimeout(w.env, w.ctx, w.config.Heartbeat)
	defer cancel()
	if !registered {
		streams, err := w.streams(ctx)
		if err != nil {
			return protocol.ManagerReply{}, err
		}
		hello := protocol.WorkerHello{
			Worker: w.config.Name, Incarnation: w.incarnation, Cores: w.config.Cores,
			Wall: w.env.Wall().UnixNano(), Leaving: w.goes.Load(), Streams: streams, Stamp: w.stamp(),
		}
		return rpc.Call[protocol.ManagerReply](ctx, w.node, w.config.Manager, core.Critical,
			protocol.MethodWorkerRegister, &hello)
	}
	beat := protocol.WorkerHeartbeat{
		Worker: w.config.Name, Incarnation: w.incarnation, Wall: w.env.Wall().UnixNano(),
		Leaving: w.goes.Load(), Stamp: w.stamp(),
	}
	return rpc.Call[protocol.ManagerReply](ctx, w.node, w.config.Manager, core.Critical,
		protocol.MethodWorkerHeartbeat, &beat)
}

// stamp is the worker's time, for itself to read again.
func (w *Worker) stamp() uint64 { return uint64(w.env.Now()) }

// outdated says that who gave an order may have given the worker up since: it was held up on its way for as
// long as that takes, counted from the newest heartbeat that whoever gave it had heard.
func (w *Worker) outdated(stamp uint64) bool {
	return w.env.Now().Sub(core.Instant(stamp)) >= w.config.Dead+w.config.Grace
}

// streams asks the streams task what it runs.
func (w *Worker) streams(ctx context.Context) ([]stats.Stream, error) {
	done := core.NewLatch(w.env)
	var streams []stats.Stream // read only once it is done
	w.surely(func() {
		for _, a := range w.attempts {
			if !a.over {
				streams = append(streams, a.run.Stream)
			}
		}
		done.Open()
	})
	if err := done.Wait(ctx, core.Forever); err != nil {
		return nil, fmt.Errorf("worker %s: list streams: %w", w.config.Name, err)
	}
	return streams, nil
}

// reconnected sends again what may have been lost with the old connection. Run by the streams task.
func (w *Worker) reconnected() {
	w.resume = 0
	for _, a := range w.attempts {
		a.outbox.Reconnected(time.Duration(w.env.Now()))
	}
}
