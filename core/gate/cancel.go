package gate

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
)

// mostReason bounds the bytes of the reason for a cancel.
const mostReason = 1024

// ending is the end that a job goes to, as soon as its load has stopped and what it measured is here:
// nothing that comes in between changes it.
type ending struct {
	state  protocol.JobState // CANCELLED or FAILED
	reason string
	until  core.Instant // for so long what was measured is waited for
}

// cancelJob takes a client's wish to end a job. It is decided by the job's task, between all else that
// happens to the job: before the end it is accepted, and then it is the end.
func (g *Gate) cancelJob(_ core.Address, in *protocol.Cancel, r rpc.Responder) {
	j, ok := g.find(in.Job)
	if !ok {
		r.Fail(rpc.Errorf(rpc.NotFound, "job %q", in.Job))
		return
	}
	if len(in.Reason) > mostReason {
		r.Fail(rpc.Errorf(rpc.Invalid, "cancel of %s: a reason of %d bytes, at most %d", in.Job,
			len(in.Reason), mostReason))
		return
	}
	g.ask(j, r, func() {
		before := j.state
		r.Reply(&protocol.Cancelling{Accepted: j.takeCancel(in.Reason), State: before})
	})
}

// takeCancel accepts a cancel, unless the job has ended otherwise. Run by the job's task.
func (j *job) takeCancel(reason string) (accepted bool) {
	again := j.ending != nil && j.ending.state == protocol.JobCancelled
	switch {
	case again:
	case j.state.Terminal():
		j.gate.env.Note(fact.CancelTaken{Job: j.id})
		return false
	default:
		if reason == "" {
			reason = "by its client"
		}
		j.endSoon(protocol.JobCancelled, "cancelled: "+reason, j.gate.config.CancelWait)
	}
	j.gate.env.Note(fact.CancelTaken{Job: j.id, Accepted: true, Again: again})
	return true
}

// endSoon has the job end in a state: its load is stopped everywhere, and what was measured is waited for,
// but not for long. A cancel takes the place of a failure that has not ended the job yet.
func (j *job) endSoon(state protocol.JobState, reason string, wait time.Duration) {
	fresh := j.ending == nil
	if fresh {
		j.ending = &ending{until: j.gate.env.Now().Add(wait)}
	}
	j.ending.state, j.ending.reason = state, reason
	j.ending.until = min(j.ending.until, j.gate.env.Now().Add(wait))
	j.gate.env.Log().Info("job is being ended", "job", j.id, "state", state.String(), "why", reason)
	j.stopping.Store(true)
	if fresh {
		j.dropStarts()
		j.tellEnd(state)
	}
	if j.state == protocol.JobRunning {
		j.moveTo(protocol.JobCompleting, reason)
		return
	}
	j.message = reason
	j.publish()
	j.logStatus()
}

// decideEnding concludes the workflows of a job that is being ended: those that never ran at once, the
// others when all that was opened is whole, or was waited for long enough.
func (j *job) decideEnding() (changed bool) {
	over := j.gate.env.Now() >= j.ending.until
	for _, w := range j.workflows {
		if w.decided {
			continue
		}
		waits := false
		for _, x := range w.shares {
			waits = waits || len(x.streams) > 0 && !x.whole
		}
		if waits && !over {
			continue
		}
		end := protocol.EndCancelled
		if j.ending.state == protocol.JobFailed {
			end = protocol.EndFailed
		}
		j.conclude(w, end, j.ending.reason)
		changed = true
	}
	return changed
}
