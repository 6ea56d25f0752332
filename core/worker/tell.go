package worker

import (
	"context"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/retry"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/wire"
)

// running says what a manager that asks to have the attempt run wants to know. One that leaves a rest has
// not ended for it before all that it did is durable: a successor must not find it missing.
func (a *attempt) running() protocol.Running {
	if !a.over || a.rest && !a.outbox.Done() {
		return protocol.Running{}
	}
	how := protocol.Running{Ended: true, State: a.state, Rest: a.rest, Provided: a.provided.list()}
	if a.err != nil && a.state == protocol.EndFailed {
		how.Error = a.err.Error()
	}
	if a.rest {
		how.Counted = a.counted.Cumulative
	}
	return how
}

// tellEnd tells the manager that the attempt has ended and how, until it knows.
func (a *attempt) tellEnd() {
	a.telling = true
	how := a.running()
	ended := protocol.Ended{
		Stream: a.run.Stream, Worker: a.worker.config.Name, Incarnation: a.worker.incarnation,
		State: how.State, Error: how.Error, Rest: how.Rest, Provided: how.Provided, Counted: how.Counted,
	}
	a.worker.env.Go("attempt/"+a.run.Stream.String()+"/ended", func() {
		a.insist(protocol.MethodAttemptEnded, &ended, func() { a.told = true })
	})
}

// handOver tells of attempts that leave a rest and whose entries all are durable.
func (w *Worker) handOver() {
	for _, a := range w.attempts {
		switch {
		case !a.over || !a.rest || a.telling || a.told:
		case a.closed:
			a.told = true // it is closed already: the answer to that says all
		case a.outbox.Done():
			a.tellEnd()
		}
	}
}

// tellRefused answers a close with what was counted in all - of what it ran: the rest of the plan is not this
// attempt's any more, also when a final entry that nobody took had accounted for it.
func (a *attempt) tellRefused() {
	refused := protocol.Refused{
		Stream: a.run.Stream, Worker: a.worker.config.Name, Incarnation: a.worker.incarnation,
		Cumulative: a.counted.Cumulative, Position: a.counted.Position,
	}
	a.worker.env.Go("attempt/"+a.run.Stream.String()+"/refused", func() {
		a.insist(protocol.MethodAttemptRefused, &refused, func() { a.final = true })
	})
}

// insist makes a call to the manager until it is answered, in whatever way, or the attempt is forgotten; then
// the streams task runs done.
func (a *attempt) insist(method string, request wire.Message, done func()) {
	w := a.worker
	err := w.retries.Call(a.kept, w.env, func(ctx context.Context) error {
		_, err := rpc.Call[protocol.Taken](ctx, w.node, w.config.Manager, core.High, method, request)
		return err
	}, func(int) bool {
		w.counters.callsFailed.Add(1)
		return a.kept.Err() == nil
	})
	if err == nil || retry.Settled(err) {
		w.surely(done)
	}
}
