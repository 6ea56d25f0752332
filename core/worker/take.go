package worker

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/stats"
)

// takeRun accepts an attempt or says why not. Asked again for one that runs it answers as before, and for one
// that has run, how that ended.
func (w *Worker) takeRun(_ core.Address, in *protocol.Run, r rpc.Responder) {
	w.ask(r, func() {
		running, err := w.accept(*in)
		if err != nil {
			w.counters.runsRefused.Add(1)
			r.Fail(err)
			return
		}
		r.Reply(&running)
	})
}

func (w *Worker) accept(run protocol.Run) (protocol.Running, error) {
	none := protocol.Running{}
	if run.Incarnation != w.incarnation {
		return none, rpc.Errorf(rpc.NotFound, "worker %s: incarnation %d is gone", w.config.Name,
			run.Incarnation)
	}
	if a := w.find(run.Stream); a != nil && run.Token < a.run.Token {
		return none, w.stale(run.Stream.Job, run.Token)
	} else if a != nil {
		return a.running(), nil
	}
	if how, ended := w.stopped.find(run.Stream); ended {
		return how, nil
	}
	if w.stopped.covers(run.Stream.Job) {
		return none, rpc.Errorf(rpc.Conflict, "worker %s: job %s has ended here", w.config.Name,
			run.Stream.Job)
	}
	if w.leaving.Begun() {
		return w.declined(run.Stream), nil
	}
	if w.unheard() {
		return none, rpc.Errorf(rpc.Busy, "worker %s: no manager has answered it yet", w.config.Name)
	}
	if w.outdated(run.Stamp) {
		return none, rpc.Errorf(rpc.Busy, "worker %s: the order was too long on its way", w.config.Name)
	}
	if err := run.Stream.Validate(); err != nil {
		return none, rpc.Errorf(rpc.Invalid, "worker %s: %v", w.config.Name, err)
	}
	if err := w.start(run); err != nil {
		return none, rpc.Errorf(rpc.Invalid, "worker %s: %v", w.config.Name, err)
	}
	return none, nil
}

func (w *Worker) stale(job string, token uint64) error {
	return rpc.Errorf(rpc.NotOwner, "worker %s: token %d is stale for job %s", w.config.Name, token, job)
}

// takeStop ends the load of a job here, also of attempts that have not come yet.
func (w *Worker) takeStop(_ core.Address, in *protocol.Stop, r rpc.Responder) {
	w.ask(r, func() {
		attempts, err := w.ofJob(in.Job, in.Token)
		if err != nil {
			r.Fail(err)
			return
		}
		w.stopped.addJob(in.Job, w.env.Now())
		w.env.Note(fact.StopReached{Stream: stats.Stream{Job: in.Job}, Why: "job " + in.Reason.String()})
		for _, a := range attempts {
			a.stop("job "+in.Reason.String(), nil)
		}
		r.Reply(&protocol.Taken{})
	})
}

// takeExtend puts the deadline of a job's attempts off. One that has not come yet brings its own.
func (w *Worker) takeExtend(_ core.Address, in *protocol.Extend, r rpc.Responder) {
	w.ask(r, func() {
		attempts, err := w.ofJob(in.Job, in.Token)
		if err != nil {
			r.Fail(err)
			return
		}
		for _, a := range attempts {
			a.deadline.Store(max(a.deadline.Load(), int64(w.env.Now().Add(in.Left))))
		}
		r.Reply(&protocol.Taken{})
	})
}

// ofJob lists a job's attempts for one who may decide about it.
func (w *Worker) ofJob(job string, token uint64) (attempts []*attempt, err error) {
	for _, a := range w.attempts {
		if a.run.Stream.Job == job && token < a.run.Token {
			w.counters.staleRefused.Add(1)
			return nil, w.stale(job, token)
		}
		if a.run.Stream.Job == job {
			attempts = append(attempts, a)
		}
	}
	return attempts, nil
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
		a.close("the gate closed it")
	case m.Ended:
		a.final = true
		if !a.outbox.Done() {
			a.drop("the gate does not know it")
		}
		a.stop("the gate does not know it", nil)
	}
}

// close ends an attempt of which nothing more is taken, and answers with what it counted.
func (a *attempt) close(why string) {
	a.closed = true
	a.outbox.Close()
	a.stop(why, nil)
	if a.over {
		a.tellRefused()
	}
}
