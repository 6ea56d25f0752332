package fact

import (
	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

// Allocated: a manager gave a worker's cores to a shard.
type Allocated struct {
	Worker      string
	Incarnation uint64
	Job         string
	Workflow    string
	Shard       uint32
	Cores       uint32
	Of          uint32 // the worker's cores
	Adopted     bool   // by an earlier manager, which may have freed them since
}

// AppendText implements core.Event.
func (f Allocated) AppendText(b []byte) []byte {
	b = line(b).s("allocated ").u(uint64(f.Cores)).s(" of ").u(uint64(f.Of)).s(" cores of ", f.Worker)
	return line(b).s(" to ", f.Job, "/").u(uint64(f.Shard))
}

// Freed: the cores came back.
type Freed struct {
	Worker      string
	Incarnation uint64
	Job         string
	Workflow    string
	Shard       uint32
	Cores       uint32
}

// AppendText implements core.Event.
func (f Freed) AppendText(b []byte) []byte {
	return line(b).s("freed ").u(uint64(f.Cores)).s(" cores of ", f.Worker, " from ", f.Job)
}

// WorkerHealth: a manager's opinion of a worker changed.
type WorkerHealth struct {
	Worker      string
	Incarnation uint64
	Health      string // "live", "suspected", "dead"
}

// AppendText implements core.Event.
func (f WorkerHealth) AppendText(b []byte) []byte {
	return line(b).s("worker ", f.Worker, " is ", f.Health)
}

// Pressure: a manager's own level, from one of its gauges, changed.
type Pressure struct {
	Gauge    string // "relay", "outside"
	Fill     float64
	From, To backpressure.Level
}

// AppendText implements core.Event.
func (f Pressure) AppendText(b []byte) []byte {
	b = line(b).s("gauge ", f.Gauge, " at ").u(uint64(f.Fill*100)).s(" % ", f.From.String(), " -> ",
		f.To.String())
	return b
}

// LoadAccepted: a worker took an attempt.
type LoadAccepted struct {
	Stream  stats.Stream
	Worker  string
	Planned uint64 // arrivals of its part of the plan
}

// AppendText implements core.Event.
func (f LoadAccepted) AppendText(b []byte) []byte {
	return line(b).s("accepted ").stream(f.Stream)
}

// StopReached: a worker learnt that an attempt's load must stop; of all of a job's, also of what has
// not come yet, when the stream is only a job.
type StopReached struct {
	Stream stats.Stream
	Why    string
}

// AppendText implements core.Event.
func (f StopReached) AppendText(b []byte) []byte {
	return line(b).s("stop of ").stream(f.Stream).s(" reached the worker: ", f.Why)
}

// LoadEnded: an attempt cut its last entry.
type LoadEnded struct {
	Stream     stats.Stream
	State      protocol.EndState
	Cumulative stats.Counts
	Rest       bool // it is not final: what is left of the plan may be a successor's
}

// AppendText implements core.Event.
func (f LoadEnded) AppendText(b []byte) []byte {
	return line(b).s("ended ").stream(f.Stream).s(": ", f.State.String())
}

// EntriesDropped: a worker let go of entries that were never durable.
type EntriesDropped struct {
	Stream stats.Stream
	Count  uint64
	Why    string
}

// AppendText implements core.Event.
func (f EntriesDropped) AppendText(b []byte) []byte {
	return line(b).s("dropped ").u(f.Count).s(" entries of ").stream(f.Stream).s(": ", f.Why)
}

// Heartbeat: a worker's registration or heartbeat was sent, or was answered. At is when it was sent, by
// the worker's steady clock.
type Heartbeat struct {
	Answered bool
	At       core.Instant
}

// AppendText implements core.Event.
func (f Heartbeat) AppendText(b []byte) []byte {
	return line(b).s("heartbeat").yes(f.Answered, " answered")
}

// PushIn: a push reached a client's session: new, known, or ahead of a hole that no gap explains.
type PushIn struct {
	Job     string
	Number  uint64
	From    uint64 // the first number that it stands for: its own, unless it announces a gap
	Gap     bool
	Digest  uint64
	Known   bool
	Skipped bool // it is ahead, and left to come again
}

// AppendText implements core.Event.
func (f PushIn) AppendText(b []byte) []byte {
	return line(b).s("push ").u(f.Number).s(" of ", f.Job, " arrived").yes(f.Known, ", known")
}

// HandedOver: a subscription's task is about to call its callback.
type HandedOver struct {
	Job          string
	Subscription string
	From, Number uint64 // the numbers that it stands for: one, unless it announces a gap
}

// AppendText implements core.Event.
func (f HandedOver) AppendText(b []byte) []byte {
	return line(b).s("handed push ").u(f.Number).s(" of ", f.Job, " to ", f.Subscription)
}

// CallbackEnded: a callback returned or panicked.
type CallbackEnded struct {
	Job          string
	Subscription string
	Number       uint64
	Panicked     bool
}

// AppendText implements core.Event.
func (f CallbackEnded) AppendText(b []byte) []byte {
	return line(b).s("callback of ", f.Subscription, " returned").yes(f.Panicked, " by panic")
}

// PushesDropped: a subscription's queue overflowed; the oldest window pushes went, and a gap says so.
type PushesDropped struct {
	Job          string
	Subscription string
	From, To     uint64
}

// AppendText implements core.Event.
func (f PushesDropped) AppendText(b []byte) []byte {
	return line(b).s("dropped pushes ").u(f.From).s("-").u(f.To).s(" of ", f.Job, " for ", f.Subscription)
}
