package scenarios

import (
	"fmt"

	"github.com/anishathalye/porcupine"

	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/sim/check"
)

// The operations of a key's history. The outputs of submit, ask and cancel are a job's id, its state and a
// protocol.Cancelling, or notFound; a move and a forgetting have none.
type (
	submit struct{}
	ask    struct{ job string }
	cancel struct{ job string }
	move   struct {
		job string
		to  protocol.JobState
	}
	forget struct{ job string }

	notFound struct{}
)

func (submit) String() string   { return "submit" }
func (a ask) String() string    { return "ask for " + a.job }
func (c cancel) String() string { return "cancel " + c.job }
func (m move) String() string   { return fmt.Sprintf("%s becomes %v", m.job, m.to) }
func (f forget) String() string { return "forget " + f.job }
func (notFound) String() string { return "no such job" }

// registered is the model's state: what one key stands for.
type registered struct {
	job       string // "?" when it was submitted and nobody knows its id
	state     protocol.JobState
	cancelled bool
	forgotten bool
}

func (r registered) String() string {
	if r.job == "" {
		return "no job"
	}
	text := fmt.Sprintf("job %s, %v", r.job, r.state)
	if r.cancelled {
		text += ", its cancel accepted"
	}
	if r.forgotten {
		text += ", forgotten"
	}
	return text
}

// registryModel is a key and its job: submitted once, moving on by itself and never back, and ended once; its
// cancel is accepted as long as it has not ended, and then it ends in no other way.
func registryModel() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return registered{} },
		Step: func(state, input, output any) (bool, any) {
			r := state.(registered)
			_, lost := output.(check.NoAnswer)
			legal := false
			switch in := input.(type) {
			case submit:
				legal = r.submit(output, lost)
			case ask:
				legal = lost || r.ask(in, output)
			case cancel:
				legal = r.cancel(in, output, lost)
			case move:
				legal = r.move(in)
			case forget:
				legal, r.forgotten = r.is(in.job), true
			}
			return legal, r
		},
	}
}

// is says whether the key stands for a job, and learns which one.
func (r *registered) is(job string) bool {
	if r.job == "?" {
		r.job = job
	}
	return r.job == job && job != ""
}

func (r *registered) submit(output any, lost bool) bool {
	job, taken := output.(string)
	switch {
	case lost && (r.job == "" || r.forgotten):
		*r = registered{job: "?", state: protocol.JobSubmitted}
		return true
	case lost:
		return true // it was recognised
	case !taken:
		return r.forgotten
	case r.job == "" || r.forgotten && job != r.job:
		*r = registered{job: job, state: protocol.JobSubmitted}
		return true
	}
	return !r.forgotten && r.is(job)
}

func (r *registered) ask(in ask, output any) bool {
	state, known := output.(protocol.JobState)
	if !known {
		return r.gone(in.job)
	}
	return r.is(in.job) && !r.forgotten && r.seen(state)
}

func (r *registered) cancel(in cancel, output any, lost bool) bool {
	if lost {
		r.cancelled = r.cancelled || r.is(in.job) && !r.state.Terminal()
		return true
	}
	told, known := output.(protocol.Cancelling)
	switch {
	case !known:
		return r.gone(in.job)
	case !r.is(in.job) || r.forgotten:
		return false
	case !told.Accepted:
		late := told.State.Terminal() && told.State != protocol.JobCancelled
		return late && !r.cancelled && r.seen(told.State)
	}
	r.cancelled = true
	return !r.state.Terminal() || r.state == protocol.JobCancelled
}

func (r *registered) move(in move) bool {
	if !r.is(in.job) || r.forgotten || r.state.Terminal() && r.state != in.to {
		return false
	}
	r.state = in.to
	return !r.cancelled || !in.to.Terminal() || in.to == protocol.JobCancelled
}

// seen says whether somebody may be told of a state: the one that is known, or one further on.
func (r *registered) seen(state protocol.JobState) bool {
	if r.state.Terminal() && r.state != state || rank(state) < rank(r.state) {
		return false
	}
	r.state = state
	return !r.cancelled || !state.Terminal() || state == protocol.JobCancelled
}

// gone says whether a job may be unknown to the gate.
func (r *registered) gone(job string) bool { return r.job != job && r.job != "?" || r.forgotten }

// rank orders states. A job goes between QUEUED and DISPATCHING either way, and otherwise only up.
func rank(s protocol.JobState) int {
	switch {
	case s.Terminal():
		return 5
	case s >= protocol.JobRunning:
		return int(s)
	case s >= protocol.JobQueued:
		return 1
	}
	return 0
}
