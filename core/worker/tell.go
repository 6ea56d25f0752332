package worker

import (
	"context"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/retry"
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
		a.worker.insist(protocol.MethodAttemptEnded, &ended, func() { a.told = true })
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
		a.worker.insist(protocol.MethodAttemptRefused, &refused, func() { a.final = true })
	})
}

// insist makes a call to the manager until it is answered, in whatever way, or retention is over; then the
// streams task runs done.
func (w *Worker) insist(method string, request wire.Message, done func()) {
	since := w.env.Now()
	err := w.retries.Call(w.ctx, w.env, func(ctx context.Context) error {
		_, err := rpc.Call[protocol.Taken](ctx, w.node, w.config.Manager, core.High, method, request)
		return err
	}, func(int) bool {
		w.counters.callsFailed.Add(1)
		return w.env.Now().Sub(since) <= w.config.Retention
	})
	if err == nil || retry.Settled(err) {
		w.surely(done)
	}
}
