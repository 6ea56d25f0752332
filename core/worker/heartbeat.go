package worker

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
)

// heartbeatLoop registers at the manager and tells it every heartbeat that the worker lives. What
// counts as life is an answer, and it counts from when the answered heartbeat was sent: the manager's
// own count starts no earlier.
func (w *Worker) heartbeatLoop() {
	registered, broken := false, false
	for failed := 0; ; {
		sent := w.env.Now()
		w.env.Note(fact.Heartbeat{At: sent})
		reply, err := w.beat(registered)
		switch {
		case err != nil:
			failed++
			broken = true
		case reply.Unknown && registered:
			registered = false
			continue
		default:
			failed = 0
			w.answered.Store(int64(sent))
			w.env.Note(fact.Heartbeat{Answered: true, At: sent})
			level, again := reply.Level, broken || !registered
			registered, broken = true, false
			w.do(func() {
				w.level = level
				if again {
					w.reconnected()
				}
			})
		}
		wait := w.config.Heartbeat - w.env.Now().Sub(sent)
		if !registered {
			wait = w.retries.Wait(w.env.Rand(), max(failed, 1))
		}
		if w.env.Sleep(w.ctx, wait) != nil {
			return
		}
	}
}

// beat makes one call: a registration, or a heartbeat.
func (w *Worker) beat(registered bool) (protocol.ManagerReply, error) {
	ctx, cancel := rpc.WithTimeout(w.env, w.ctx, w.config.Heartbeat)
	defer cancel()
	if !registered {
		hello := protocol.WorkerHello{
			Worker: w.config.Name, Incarnation: w.incarnation, Cores: w.config.Cores,
			Wall: w.env.Wall().UnixNano(),
		}
		return rpc.Call[protocol.ManagerReply](ctx, w.node, w.config.Manager, core.Critical,
			protocol.MethodWorkerRegister, &hello)
	}
	beat := protocol.WorkerHeartbeat{
		Worker: w.config.Name, Incarnation: w.incarnation, Wall: w.env.Wall().UnixNano(),
	}
	return rpc.Call[protocol.ManagerReply](ctx, w.node, w.config.Manager, core.Critical,
		protocol.MethodWorkerHeartbeat, &beat)
}

// reconnected sends again what may have been lost with the old connection. Run by the streams task.
func (w *Worker) reconnected() {
	w.resume = 0
	for _, a := range w.attempts {
		a.outbox.Reconnected(time.Duration(w.env.Now()))
	}
}
