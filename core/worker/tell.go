package worker

import (
	"errors"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/wire"
)

// tellEnd tells the manager that the attempt's final entry is cut, until it knows.
func (a *attempt) tellEnd(err error) {
	ended := protocol.Ended{
		Stream: a.run.Stream, Worker: a.worker.config.Name, Incarnation: a.worker.incarnation, State: a.state,
	}
	if err != nil && a.state == protocol.EndFailed {
		ended.Error = err.Error()
	}
	a.worker.env.Go("attempt/"+a.run.Stream.String()+"/ended", func() {
		a.worker.insist(a, protocol.MethodAttemptEnded, &ended, func() { a.told = true })
	})
}

// tellRefused answers a close with what was counted in all.
func (a *attempt) tellRefused() {
	statement := a.outbox.Statement()
	refused := protocol.Refused{
		Stream: a.run.Stream, Worker: a.worker.config.Name, Incarnation: a.worker.incarnation,
		Cumulative: statement.Cumulative, Position: statement.Position,
	}
	a.worker.env.Go("attempt/"+a.run.Stream.String()+"/refused", func() {
		a.worker.insist(a, protocol.MethodAttemptRefused, &refused, func() { a.final = true })
	})
}

// insist makes a call to the manager until it is answered, in whatever way, or the attempt is
// forgotten; then the streams task runs done.
func (w *Worker) insist(a *attempt, method string, request wire.Message, done func()) {
	since := w.env.Now()
	for failed := 1; w.env.Now().Sub(since) <= w.config.Retention; failed++ {
		ctx, cancel := rpc.WithTimeout(w.env, w.ctx, w.config.CallTimeout)
		_, err := rpc.Call[protocol.Taken](ctx, w.node, w.config.Manager, core.High, method, request)
		cancel()
		var answer *rpc.RemoteError
		if err == nil || errors.As(err, &answer) && answer.Code.Definite() && answer.Code != rpc.Busy {
			for !w.do(done) {
				if w.env.Sleep(w.ctx, w.config.Heartbeat) != nil {
					return
				}
			}
			return
		}
		w.counters.callsFailed.Add(1)
		if w.env.Sleep(w.ctx, w.backoff(failed)) != nil {
			return
		}
	}
}

// backoff is the wait before try number failed + 1: doubling from 100 ms, with full jitter.
func (w *Worker) backoff(failed int) time.Duration {
	longest := min(100*time.Millisecond<<min(failed, 16), w.config.RetryMost)
	return time.Duration(w.env.Rand().Int64N(int64(longest) + 1))
}
