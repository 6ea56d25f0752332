package fact

import "github.com/windtunnel/windtunnel/core/protocol"

// PushHeld: the gate holds a job's windows, due or not, because the level is REJECT.
type PushHeld struct {
	Job     string
	Windows int // that are closed and wait for it
}

// AppendText implements core.Event.
func (f PushHeld) AppendText(b []byte) []byte {
	return line(b).s("held ").i(int64(f.Windows)).s(" windows of ", f.Job)
}

// PushListed: the gate listed a job for its push task, because windows have closed.
type PushListed struct{ Job string }

// AppendText implements core.Event.
func (f PushListed) AppendText(b []byte) []byte { return line(b).s("listed ", f.Job, " for a push") }

// EndReached: a manager learnt that a job is over, or gave it up.
type EndReached struct{ Job string }

// AppendText implements core.Event.
func (f EndReached) AppendText(b []byte) []byte { return line(b).s("job ", f.Job, " is over") }

// Followed: a client opened a session for a job, whose pushes it takes after number After.
type Followed struct {
	Job   string
	After uint64
}

// AppendText implements core.Event.
func (f Followed) AppendText(b []byte) []byte {
	return line(b).s("follows ", f.Job, " after ").u(f.After)
}

// Unfollowed: a client closed a session.
type Unfollowed struct{ Job string }

// AppendText implements core.Event.
func (f Unfollowed) AppendText(b []byte) []byte { return line(b).s("no longer follows ", f.Job) }

// Subscribed: a client's subscription will be handed every push that it takes from now on.
type Subscribed struct{ Job, Subscription string }

// AppendText implements core.Event.
func (f Subscribed) AppendText(b []byte) []byte {
	return line(b).s("subscription ", f.Subscription, " to ", f.Job)
}

// Learned: a client's session took a job's result, or the next revision of it.
type Learned struct {
	Job      string
	State    protocol.JobState
	Revision uint64
}

// AppendText implements core.Event.
func (f Learned) AppendText(b []byte) []byte {
	return line(b).s("learnt revision ").u(f.Revision).s(" of ", f.Job, ": ", f.State.String())
}

// NotFinished: a client's session learnt that the gate no longer knows the job.
type NotFinished struct{ Job string }

// AppendText implements core.Event.
func (f NotFinished) AppendText(b []byte) []byte {
	return line(b).s("nobody knows ", f.Job, " any more")
}
