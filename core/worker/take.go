package worker

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/stats"
)

// takeRun accepts an attempt or says why not. Asked again for one that runs, or has run, it answers as
// before.
func (w *Worker) takeRun(_ core.Address, in *protocol.Run, r rpc.Responder) {
	put := w.do(func() {
		if err := w.accept(*in); err != nil {
			r.Fail(err)
			return
		}
		r.Reply(&protocol.Taken{})
	})
	if !put {
		r.Fail(rpc.Errorf(rpc.Busy, "worker %s: %d commands wait", w.config.Name, w.commands.Bound()))
	}
}

func (w *Worker) accept(run protocol.Run) error {
	if run.Incarnation != w.incarnation {
		return rpc.Errorf(rpc.NotFound, "worker %s: incarnation %d is gone", w.config.Name, run.Incarnation)
	}
	if a := w.find(run.Stream); a != nil && run.Token < a.run.Token {
		return w.stale(run.Stream.Job, run.Token)
	} else if a != nil {
		return nil
	}
	if w.unheard() {
		return rpc.Errorf(rpc.Busy, "worker %s: no manager has answered it yet", w.config.Name)
	}
	if w.stopped.covers(run.Stream) {
		return rpc.Errorf(rpc.Conflict, "worker %s: %s has ended here", w.config.Name, run.Stream)
	}
	engine := w.config.engine(run.Engine)
	if engine == nil {
		return rpc.Errorf(rpc.Invalid, "worker %s: no engine %q", w.config.Name, run.Engine)
	}
	if err := run.Stream.Validate(); err != nil {
		return rpc.Errorf(rpc.Invalid, "worker %s: %v", w.config.Name, err)
	}
	if err := (load.Assignment{Plan: run.Plan, Target: run.Target}).Validate(); err != nil {
		return rpc.Errorf(rpc.Invalid, "worker %s: %v", w.config.Name, err)
	}
	if err := w.start(run, engine); err != nil {
		return rpc.Errorf(rpc.Invalid, "worker %s: %v", w.config.Name, err)
	}
	return nil
}

func (w *Worker) stale(job string, token uint64) error {
	return rpc.Errorf(rpc.NotOwner, "worker %s: token %d is stale for job %s", w.config.Name, token, job)
}

// takeStop ends the load of a job here, also of attempts that have not come yet.
func (w *Worker) takeStop(_ core.Address, in *protocol.Stop, r rpc.Responder) {
	put := w.do(func() {
		for _, a := range w.attempts {
			if a.run.Stream.Job == in.Job && in.Token < a.run.Token {
				r.Fail(w.stale(in.Job, in.Token))
				return
			}
		}
		w.stopped.addJob(in.Job, w.env.Now())
		w.env.Note(fact.StopReached{Stream: stats.Stream{Job: in.Job}, Why: "job " + in.Reason.String()})
		for _, a := range w.attempts {
			if a.run.Stream.Job == in.Job {
				a.stop("job " + in.Reason.String())
			}
		}
		r.Reply(&protocol.Taken{})
	})
	if !put {
		r.Fail(rpc.Errorf(rpc.Busy, "worker %s: %d commands wait", w.config.Name, w.commands.Bound()))
	}
}

// takeMarks frees what is durable and heeds what the gate says of streams. Marks that find the queue
// full are lost like any message: what they freed is sent again and marked again.
func (w *Worker) takeMarks(_ core.Address, in *protocol.Marks, _ rpc.Responder) {
	w.do(func() {
		w.level = in.Level
		if !w.level.Known() {
			w.level = backpressure.Reject
		}
		for i := range in.Marks {
			if in.Marks[i].Incarnation == w.incarnation {
				w.mark(&in.Marks[i])
			}
		}
	})
}

func (w *Worker) mark(m *protocol.Mark) {
	a := w.find(m.Stream)
	if a == nil || a.closed || m.Token != 0 && m.Token < a.run.Token {
		return
	}
	if err := a.outbox.Durable(time.Duration(w.env.Now()), m.Durable); err != nil {
		w.env.Log().Warn("mark ignored", "stream", m.Stream.String(), "error", err)
		return
	}
	if m.Want > 0 {
		a.outbox.Want(m.Want)
	}
	switch {
	case m.Closed:
		a.closed = true
		a.outbox.Close()
		a.stop("the gate closed it")
		if a.over {
			a.tellRefused()
		}
	case m.Ended:
		a.final = true
		if !a.outbox.Done() {
			a.drop("the gate does not know it")
		}
		a.stop("the gate does not know it")
	}
}
