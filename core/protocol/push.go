package protocol

import (
	"time"

	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/core/wire"
)

// Push is one numbered message of a job to its subscribers: some of the parts. A periodic push has
// windows and the status as it then was. A number has one content for ever.
type Push struct {
	Job     string
	Number  uint64 // from 1, without holes
	Status  *JobStatus
	Windows []stats.Window // whole values, replaced if the revision is greater
	Result  *WorkflowResult
	Final   *JobResult
	Gap     *Gap
}

// Fields implements wire.Message.
func (m *Push) Fields(c *wire.Coder) {
	c.String(1, &m.Job)
	c.Uint64(2, &m.Number)
	wire.Optional(c, 3, &m.Status)
	wire.List(c, 4, &m.Windows)
	wire.Optional(c, 5, &m.Result)
	wire.Optional(c, 6, &m.Final)
	wire.Optional(c, 7, &m.Gap)
}

// Gap announces that pushes were dropped, and what no kept push carries of the windows in them: their
// counts, as whole values like any window, but without quantiles.
type Gap struct {
	From, To uint64 // numbers, inclusive
	Windows  []WindowCounts
}

// Fields implements wire.Message.
func (m *Gap) Fields(c *wire.Coder) {
	c.Uint64(1, &m.From)
	c.Uint64(2, &m.To)
	wire.List(c, 3, &m.Windows)
}

// WindowCounts is a window's counts at one revision. A greater revision replaces a smaller one.
type WindowCounts struct {
	K        int64
	Revision uint32
	Counts   stats.Counts
}

// Fields implements wire.Message.
func (m *WindowCounts) Fields(c *wire.Coder) {
	c.Int64(1, &m.K)
	wire.Enum(c, 2, &m.Revision)
	wire.Nested(c, 3, &m.Counts)
}

// PushBatch carries pushes of one job in order of number.
type PushBatch struct {
	Job    string
	Pushes []Push
}

// Fields implements wire.Message.
func (m *PushBatch) Fields(c *wire.Coder) {
	c.String(1, &m.Job)
	wire.List(c, 2, &m.Pushes)
}

// PushTaken is the client's answer: it has everything up to and with Through.
type PushTaken struct{ Through uint64 }

// Fields implements wire.Message.
func (m *PushTaken) Fields(c *wire.Coder) { c.Uint64(1, &m.Through) }

// WorkflowResult is the aggregate of a workflow over its datacenters. Revision 1 is the aggregate; a
// datacenter's result that came later raises it.
type WorkflowResult struct {
	Job, Workflow string
	Revision      uint64
	State         EndState
	Datacenters   []DatacenterEnd
	Missing       []string // datacenters without a result
	Totals        stats.Counts
	Latency       stats.Sketch // from the planned start
	Elapsed       time.Duration
}

// Fields implements wire.Message.
func (m *WorkflowResult) Fields(c *wire.Coder) {
	c.String(1, &m.Job)
	c.String(2, &m.Workflow)
	c.Uint64(3, &m.Revision)
	wire.Enum(c, 4, &m.State)
	wire.List(c, 5, &m.Datacenters)
	c.Strings(6, &m.Missing)
	wire.Nested(c, 7, &m.Totals)
	wire.Nested(c, 8, &m.Latency)
	c.Duration(9, &m.Elapsed)
}

// DatacenterEnd is what one datacenter contributed to an aggregate.
type DatacenterEnd struct {
	Datacenter string
	State      EndState
	Error      string
	Whole      bool
	Totals     stats.Counts
}

// Fields implements wire.Message.
func (m *DatacenterEnd) Fields(c *wire.Coder) {
	c.String(1, &m.Datacenter)
	wire.Enum(c, 2, &m.State)
	c.String(3, &m.Error)
	c.Bool(4, &m.Whole)
	wire.Nested(c, 5, &m.Totals)
}

// JobResult is a job's end and its books. Revision 1 comes with the terminal state, which no later revision
// changes; what arrives afterwards is published as the next revision.
type JobResult struct {
	Job       string
	Name      string
	State     JobState
	Message   string
	Revision  uint64
	Planned   uint64
	Elapsed   time.Duration
	Books     stats.Reconciliation
	Workflows []WorkflowResult

	Measures stats.Measures // of every sample in the totals
	Lateness stats.Sketch   // of late entries

	Unwindowed  stats.Counts // in the totals, in no window
	LateEntries uint64
	Duplicates  uint64 // results suppressed as identical
	Conflicts   uint64 // results that contradicted an earlier one
	AcceptLost  bool
	Lost        []LostStream
	Extended    time.Duration // by how much its deadline was put off
}

// Fields implements wire.Message.
func (m *JobResult) Fields(c *wire.Coder) {
	c.String(1, &m.Job)
	c.String(2, &m.Name)
	wire.Enum(c, 3, &m.State)
	c.String(4, &m.Message)
	c.Uint64(5, &m.Revision)
	c.Uint64(6, &m.Planned)
	c.Duration(7, &m.Elapsed)
	wire.Nested(c, 8, &m.Books)
	wire.List(c, 9, &m.Workflows)
	wire.Nested(c, 10, &m.Measures)
	wire.Nested(c, 13, &m.Lateness)
	wire.Nested(c, 14, &m.Unwindowed)
	c.Uint64(15, &m.LateEntries)
	c.Uint64(16, &m.Duplicates)
	c.Uint64(17, &m.Conflicts)
	c.Bool(20, &m.AcceptLost)
	wire.List(c, 21, &m.Lost)
	c.Duration(22, &m.Extended)
}

// LostStream names a worker whose attempt was closed before it had said all, the last entry of it that
// counts, and the bound on what is missing: none once it has answered.
type LostStream struct {
	Stream   stats.Stream
	Worker   string
	Last     uint64 // number of the last applied entry
	Applied  stats.Counts
	Refused  stats.Counts // executed beyond Applied, once its worker has said so
	AtMost   uint64       // executed beyond Applied, at most, as long as it has not
	Answered bool
	At       int64  // when it was closed, by the job's clock, Unix nanoseconds
	Why      string // in words
	Next     string // the worker of the next attempt; empty when there is none
}

// Fields implements wire.Message.
func (m *LostStream) Fields(c *wire.Coder) {
	wire.Nested(c, 1, &m.Stream)
	c.String(2, &m.Worker)
	c.Uint64(3, &m.Last)
	wire.Nested(c, 4, &m.Applied)
	wire.Nested(c, 5, &m.Refused)
	c.Uint64(6, &m.AtMost)
	c.Bool(7, &m.Answered)
	c.Int64(8, &m.At)
	c.String(9, &m.Why)
	c.String(10, &m.Next)
}
