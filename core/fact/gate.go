package fact

import (
	"time"

	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

// Accepted: the gate took a submission under a key, or recognised one.
type Accepted struct {
	Key, Job string
	Known    bool
}

// AppendText implements core.Event.
func (f Accepted) AppendText(b []byte) []byte {
	return line(b).s("accepted ", f.Job, " for key ", f.Key).yes(f.Known, ", known")
}

// Planned: what the gate understood a job to ask for.
type Planned struct {
	Job        string
	Arrivals   uint64
	Deadline   time.Duration // from acceptance
	ResultWait time.Duration
}

// AppendText implements core.Event.
func (f Planned) AppendText(b []byte) []byte {
	return line(b).s("job ", f.Job, " plans ").u(f.Arrivals).s(" arrivals")
}

// State: a job went from one state to another.
type State struct {
	Job      string
	From, To protocol.JobState
}

// AppendText implements core.Event.
func (f State) AppendText(b []byte) []byte {
	return line(b).s("job ", f.Job, " ", f.From.String(), " -> ", f.To.String())
}

// StateRefused: a transition that a job's state does not allow.
type StateRefused struct {
	Job      string
	From, To protocol.JobState
}

// AppendText implements core.Event.
func (f StateRefused) AppendText(b []byte) []byte {
	return line(b).s("job ", f.Job, " refused ", f.From.String(), " -> ", f.To.String())
}

// Level: the backpressure level in force for a job's periodic pushes changed.
type Level struct {
	Job      string
	From, To backpressure.Level
}

// AppendText implements core.Event.
func (f Level) AppendText(b []byte) []byte {
	return line(b).s("job ", f.Job, " level ", f.From.String(), " -> ", f.To.String())
}

// PushStarted: the gate decided, in this step, to push a job's windows.
type PushStarted struct {
	Job      string
	Number   uint64
	Windows  int
	Periodic bool // false: the flush at the end, which no level holds
}

// AppendText implements core.Event.
func (f PushStarted) AppendText(b []byte) []byte {
	b = line(b).s("push ").u(f.Number).s(" of ", f.Job, " with ").i(int64(f.Windows)).s(" windows")
	return line(b).yes(!f.Periodic, ", flush")
}

// PushFailed: the push loop could not push one job and went on with the others.
type PushFailed struct{ Job, Why string }

// AppendText implements core.Event.
func (f PushFailed) AppendText(b []byte) []byte {
	return line(b).s("push of ", f.Job, " failed: ", f.Why)
}

// Pushed: the content that a push number was given.
type Pushed struct {
	Job     string
	Number  uint64
	Digest  uint64 // of the encoded push
	Windows int
	Status  bool         // it says how the job is,
	Totals  stats.Counts // and what was applied
}

// AppendText implements core.Event.
func (f Pushed) AppendText(b []byte) []byte {
	return line(b).s("logged push ").u(f.Number).s(" of ", f.Job)
}

// Opened: the gate bound a stream to a worker's incarnation.
type Opened struct {
	Stream      stats.Stream
	Worker      string
	Incarnation uint64
}

// AppendText implements core.Event.
func (f Opened) AppendText(b []byte) []byte {
	return line(b).s("opened ").stream(f.Stream).s(" for ", f.Worker)
}

// StreamClosed: the gate closed a stream after entry At.
type StreamClosed struct {
	Stream stats.Stream
	At     uint64
	Why    string
}

// AppendText implements core.Event.
func (f StreamClosed) AppendText(b []byte) []byte {
	return line(b).s("closed ").stream(f.Stream).s(" at ").u(f.At).s(": ", f.Why)
}

// Applied: the gate counted an entry, exactly once.
type Applied struct {
	Stream     stats.Stream
	N          uint64
	Window     int64
	Delta      stats.Counts
	Cumulative stats.Counts
	Late       bool // its window was closed before: a revision
	Unwindowed bool // in totals only
	Final      bool
	Lateness   time.Duration // after its window's end, when that had closed
}

// AppendText implements core.Event.
func (f Applied) AppendText(b []byte) []byte {
	b = line(b).s("applied ").stream(f.Stream).s(" entry ").u(f.N).s(" window ").i(f.Window)
	return line(b).yes(f.Late, ", late").yes(f.Unwindowed, ", unwindowed").yes(f.Final, ", final")
}

// Merged: a job's statistics now hold all entries that were applied so far.
type Merged struct{ Job string }

// AppendText implements core.Event.
func (f Merged) AppendText(b []byte) []byte { return line(b).s("merged statistics of ", f.Job) }

// StatusRead: somebody read a job's statistics.
type StatusRead struct {
	Job    string
	Totals stats.Counts
}

// AppendText implements core.Event.
func (f StatusRead) AppendText(b []byte) []byte {
	return line(b).s("read statistics of ", f.Job, ": ").u(f.Totals.Planned()).s(" arrivals")
}

// NotApplied: the gate turned an entry away and said why.
type NotApplied struct {
	Stream stats.Stream
	N      uint64
	Why    string // "duplicate", "want 7", "closed", "malformed: ...", ...
	Broken bool   // nothing of its stream will ever be taken again
}

// AppendText implements core.Event.
func (f NotApplied) AppendText(b []byte) []byte {
	return line(b).s("not applied ").stream(f.Stream).s(" entry ").u(f.N).s(": ", f.Why)
}

// RefusedCounted: a closed stream's worker answered with its counts; the difference is refused.
type RefusedCounted struct {
	Stream     stats.Stream
	Cumulative stats.Counts
}

// AppendText implements core.Event.
func (f RefusedCounted) AppendText(b []byte) []byte {
	return line(b).s("refused after the close of ").stream(f.Stream).s(" counted")
}

// WindowsEvicted: a job came to hold too many windows, and let go of the oldest, those up to one. What nobody
// had taken of them counts as unwindowed.
type WindowsEvicted struct {
	Job     string
	Count   uint64
	Through int64
}

// AppendText implements core.Event.
func (f WindowsEvicted) AppendText(b []byte) []byte {
	return line(b).s("evicted ").u(f.Count).s(" windows of ", f.Job, " through ").i(f.Through)
}

// WindowTaken: one taker got a window at one revision.
type WindowTaken struct {
	Job      string
	Window   int64
	Revision uint64
	Counts   stats.Counts
	Taker    string // "push", "flush"
}

// AppendText implements core.Event.
func (f WindowTaken) AppendText(b []byte) []byte {
	return line(b).s("window ").i(f.Window).s(" of ", f.Job, " revision ").u(f.Revision).s(" taken by ",
		f.Taker)
}

// ResultIn: a datacenter's result arrived, and what was made of it.
type ResultIn struct {
	Job, Workflow, Datacenter string
	Token, Incarnation, Count uint64 // the result number is (incarnation, count)
	Send, Digest              uint64
	// "new", "duplicate", "changed", "network", "superseded", "conflict", "stale token"
	Verdict string
}

// AppendText implements core.Event.
func (f ResultIn) AppendText(b []byte) []byte {
	b = line(b).s("result ").u(f.Count).s(" of ", f.Job, "/", f.Workflow, " from ", f.Datacenter)
	return line(b).s(" sending ").u(f.Send).s(": ", f.Verdict)
}

// Aggregated: a workflow's results were extracted and decided upon, in one step.
type Aggregated struct {
	Job, Workflow string
	Revision      uint64
	Datacenters   []string // whose results are in it; not changed afterwards
}

// AppendText implements core.Event.
func (f Aggregated) AppendText(b []byte) []byte {
	b = line(b).s("aggregate ").u(f.Revision).s(" of ", f.Job, "/", f.Workflow, " from")
	for _, dc := range f.Datacenters {
		b = line(b).s(" ", dc)
	}
	return line(b).yes(len(f.Datacenters) == 0, " no datacenter")
}

// Ended: the result of a job, at one revision.
type Ended struct {
	Job        string
	State      protocol.JobState
	Revision   uint64
	Totals     stats.Counts
	Unwindowed stats.Counts
	Refused    uint64 // what the books say of it
	LostAtMost uint64 // the bound on what is unknown
	Missing    uint64 // planned, and nobody accounts for it yet
	Late       uint64 // entries that came after their window had closed
	Duplicates uint64 // results suppressed as identical
	Conflicts  uint64 // results that contradicted another
	Balanced   bool
}

// AppendText implements core.Event.
func (f Ended) AppendText(b []byte) []byte {
	return line(b).s("result of ", f.Job, " revision ").u(f.Revision).s(" ", f.State.String()).
		yes(!f.Balanced, ", incomplete")
}

// Forgotten: a node dropped all it knew of a job.
type Forgotten struct{ Job string }

// AppendText implements core.Event.
func (f Forgotten) AppendText(b []byte) []byte { return line(b).s("forgot ", f.Job) }

// Queue: a bounded queue reached a new high, or turned something away.
type Queue struct {
	Name       string
	Len, Bound int
	Refused    uint64
}

// AppendText implements core.Event.
func (f Queue) AppendText(b []byte) []byte {
	return line(b).s("queue ", f.Name, " ").i(int64(f.Len)).s("/").i(int64(f.Bound))
}
