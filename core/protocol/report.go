package protocol

import (
	"time"

	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/core/wire"
)

// MostEntries is how many entries a Report has at most: a manager's buffer must have room for one.
const MostEntries = 256

// Report is a batch of entries of one worker, MostEntries at most.
type Report struct {
	Worker      string
	Incarnation uint64
	Entries     []stats.Entry
}

// Fields implements wire.Message.
func (m *Report) Fields(c *wire.Coder) {
	c.String(1, &m.Worker)
	c.Uint64(2, &m.Incarnation)
	wire.List(c, 5, &m.Entries)
}

// Relay carries reports to the gate, batched and unmerged: a merge by a manager that dies could never be told
// apart again.
type Relay struct {
	Datacenter string
	Boot       uint64
	Level      backpressure.Level
	Reports    []Report
	Complete   []Complete
}

// Fields implements wire.Message.
func (m *Relay) Fields(c *wire.Coder) {
	c.String(1, &m.Datacenter)
	c.Uint64(2, &m.Boot)
	wire.Enum(c, 3, &m.Level)
	wire.List(c, 4, &m.Reports)
	wire.List(c, 5, &m.Complete)
}

// Mark tells a stream's worker what the gate holds.
type Mark struct {
	Stream      stats.Stream
	Worker      string // whom it is for
	Incarnation uint64
	Token       uint64
	Durable     uint64 // every entry up to and with this one may be dropped by the worker
	Want        uint64 // when above 0: send again from here; a hint that frees nothing
	Closed      bool   // closed at Durable: stop, and answer with the cumulative counts
	Ended       bool   // final entry applied, or the gate does not know the stream: forget it
}

// Fields implements wire.Message.
func (m *Mark) Fields(c *wire.Coder) {
	wire.Nested(c, 1, &m.Stream)
	c.String(2, &m.Worker)
	c.Uint64(3, &m.Incarnation)
	c.Uint64(4, &m.Token)
	c.Uint64(5, &m.Durable)
	c.Uint64(6, &m.Want)
	c.Bool(7, &m.Closed)
	c.Bool(8, &m.Ended)
}

// Marks carries marks from the gate through a manager to its workers. They are never withheld. The
// manager adds its level, and sends no marks at all when only that has risen.
type Marks struct {
	Marks []Mark
	Level backpressure.Level
}

// Fields implements wire.Message.
func (m *Marks) Fields(c *wire.Coder) {
	wire.List(c, 1, &m.Marks)
	wire.Enum(c, 2, &m.Level)
}

// Ended is a worker's word that an attempt cut its last entry. One that leaves a rest says so only when all
// that it did is durable, or the gate has closed it: then nothing is refused, and a successor can take over.
type Ended struct {
	Stream      stats.Stream
	Worker      string
	Incarnation uint64
	State       EndState
	Error       string
	Rest        bool         // its last entry is not final: a successor may run what is left of the plan
	Counted     stats.Counts // with Rest: all that it did, every part of it durable
	Provided    []load.Value // what its target's answers provided
}

// Fields implements wire.Message.
func (m *Ended) Fields(c *wire.Coder) {
	wire.Nested(c, 1, &m.Stream)
	c.String(2, &m.Worker)
	c.Uint64(3, &m.Incarnation)
	wire.Enum(c, 4, &m.State)
	c.String(5, &m.Error)
	c.Bool(6, &m.Rest)
	wire.List(c, 7, &m.Provided)
	wire.Nested(c, 8, &m.Counted)
}

// Refused is a worker's answer to a close: its cumulative counts. What lies between the close and these was
// executed and is in no total.
type Refused struct {
	Stream      stats.Stream
	Worker      string
	Incarnation uint64
	Cumulative  stats.Counts
	Position    uint64 // schedule position reached
}

// Fields implements wire.Message.
func (m *Refused) Fields(c *wire.Coder) {
	wire.Nested(c, 1, &m.Stream)
	c.String(2, &m.Worker)
	c.Uint64(3, &m.Incarnation)
	wire.Nested(c, 4, &m.Cumulative)
	c.Uint64(5, &m.Position)
}

// CloseStream asks the gate to close the attempt of a worker that is dead.
type CloseStream struct {
	Stream      stats.Stream
	Token       uint64
	Worker      string
	Incarnation uint64
	Reason      string
	// MayRun is how long the worker may still run the load, at most: 0 when it has certainly stopped.
	MayRun time.Duration
	// Stopped says that the worker itself said so, and Counted what it had done.
	Stopped bool
	Counted stats.Counts
}

// Fields implements wire.Message.
func (m *CloseStream) Fields(c *wire.Coder) {
	wire.Nested(c, 1, &m.Stream)
	c.Uint64(2, &m.Token)
	c.String(3, &m.Worker)
	c.Uint64(4, &m.Incarnation)
	c.String(5, &m.Reason)
	c.Duration(6, &m.MayRun)
	c.Bool(7, &m.Stopped)
	wire.Nested(c, 8, &m.Counted)
}

// StreamClosed says where a stream was closed. A stream that was applied through its final entry stays
// as it is and says so.
type StreamClosed struct {
	At       uint64 // the last applied n
	Position uint64 // schedule position applied: the remainder starts here
	Final    bool   // applied through its final entry: nothing is missing
	// Next says that a successor may be asked for, as long as Left: then nothing of the plan is left.
	Next bool
	Left time.Duration
}

// Fields implements wire.Message.
func (m *StreamClosed) Fields(c *wire.Coder) {
	c.Uint64(1, &m.At)
	c.Uint64(2, &m.Position)
	c.Bool(3, &m.Final)
	c.Bool(4, &m.Next)
	c.Duration(5, &m.Left)
}

// NextAttempt asks the gate to open the attempt after a closed one, for a worker whose cores are allocated.
// Asked again for the same worker it is the same attempt.
type NextAttempt struct {
	Stream      stats.Stream // the closed one
	Token       uint64
	Worker      string
	Incarnation uint64
	Cores       uint32
}

// Fields implements wire.Message.
func (m *NextAttempt) Fields(c *wire.Coder) {
	wire.Nested(c, 1, &m.Stream)
	c.Uint64(2, &m.Token)
	c.String(3, &m.Worker)
	c.Uint64(4, &m.Incarnation)
	wire.Enum(c, 5, &m.Cores)
}

// NextOpened is the answer: the attempt's number, and how far the shard's plan is.
type NextOpened struct {
	Attempt uint32
	Elapsed time.Duration // when answered
}

// Fields implements wire.Message.
func (m *NextOpened) Fields(c *wire.Coder) {
	wire.Enum(c, 1, &m.Attempt)
	c.Duration(2, &m.Elapsed)
}

// Result is a datacenter's statement of how a workflow ended there. It holds no counts. The greater (token,
// number, digest) wins.
type Result struct {
	Job, Workflow string
	Datacenter    string
	Token         uint64
	Incarnation   uint64 // of the manager; with Count it is the result number
	Count         uint64 // raised when the statement changes
	Send          uint64 // of this sending: tells a retry from a network duplicate
	State         EndState
	Error         string
	Attempts      []AttemptEnd
	Provided      []load.Value // by the first shard that did
}

// Fields implements wire.Message.
func (m *Result) Fields(c *wire.Coder) {
	c.String(1, &m.Job)
	c.String(2, &m.Workflow)
	c.String(3, &m.Datacenter)
	c.Uint64(4, &m.Token)
	c.Uint64(5, &m.Incarnation)
	c.Uint64(6, &m.Count)
	c.Uint64(7, &m.Send)
	wire.Enum(c, 8, &m.State)
	c.String(9, &m.Error)
	wire.List(c, 10, &m.Attempts)
	wire.List(c, 11, &m.Provided)
}

// AttemptEnd is the end of one shard's current attempt within a Result.
type AttemptEnd struct {
	Shard, Attempt uint32
	Worker         string
	State          EndState
	Error          string
}

// Fields implements wire.Message.
func (m *AttemptEnd) Fields(c *wire.Coder) {
	wire.Enum(c, 1, &m.Shard)
	wire.Enum(c, 2, &m.Attempt)
	c.String(3, &m.Worker)
	wire.Enum(c, 4, &m.State)
	c.String(5, &m.Error)
}
