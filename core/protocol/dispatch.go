package protocol

import (
	"time"

	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/core/wire"
)

// Dispatch gives a datacenter its share of a workflow. The manager allocates cores, fixes the shards
// and answers with its Split; asked again for the same (job, workflow, token) it answers with the same
// one. Nothing runs before attempts are opened.
type Dispatch struct {
	Job      string
	Token    uint64
	GateBoot uint64
	Workflow WorkflowSpec  // its plan is this datacenter's share
	Windows  stats.Config  // with every default filled in
	Deadline time.Duration // what is left of the job's, when sent
}

// Fields implements wire.Message.
func (m *Dispatch) Fields(c *wire.Coder) {
	c.String(1, &m.Job)
	c.Uint64(2, &m.Token)
	c.Uint64(3, &m.GateBoot)
	wire.Nested(c, 4, &m.Workflow)
	wire.Nested(c, 5, &m.Windows)
	c.Duration(6, &m.Deadline)
}

// Split is a datacenter's fixed division of its share into shards.
type Split struct{ Shards []Shard }

// Fields implements wire.Message.
func (m *Split) Fields(c *wire.Coder) { wire.List(c, 1, &m.Shards) }

// Shard is one part of a split, bound to the worker whose cores were allocated for it.
type Shard struct {
	Shard       uint32
	Cores       uint32
	Plan        load.Plan
	Worker      string
	Incarnation uint64
}

// Fields implements wire.Message.
func (m *Shard) Fields(c *wire.Coder) {
	wire.Enum(c, 1, &m.Shard)
	wire.Enum(c, 2, &m.Cores)
	wire.Nested(c, 3, &m.Plan)
	c.String(4, &m.Worker)
	c.Uint64(5, &m.Incarnation)
}

// Open says that the gate opened these attempts: the manager may run them.
type Open struct {
	Job      string
	Token    uint64
	GateBoot uint64
	Workflow string
	Attempts []Attempt
}

// Fields implements wire.Message.
func (m *Open) Fields(c *wire.Coder) {
	c.String(1, &m.Job)
	c.Uint64(2, &m.Token)
	c.Uint64(3, &m.GateBoot)
	c.String(4, &m.Workflow)
	wire.List(c, 5, &m.Attempts)
}

// Attempt is one opened attempt of a shard and the one worker whose entries count for it.
type Attempt struct {
	Shard, Attempt uint32
	Worker         string
	Incarnation    uint64
}

// Fields implements wire.Message.
func (m *Attempt) Fields(c *wire.Coder) {
	wire.Enum(c, 1, &m.Shard)
	wire.Enum(c, 2, &m.Attempt)
	c.String(3, &m.Worker)
	c.Uint64(4, &m.Incarnation)
}

// Run has a worker run one attempt. Asked again for the same stream it answers as before.
type Run struct {
	Stream      stats.Stream
	Token       uint64
	Incarnation uint64 // of the worker it is meant for
	Engine      string
	Plan        load.Plan
	Target      load.Target
	Cores       uint32
	Windows     stats.Config
	Deadline    time.Duration // what is left of the job's
	// Elapsed is how far the shard's plan is when the attempt starts: it runs what comes after. 0 in a first
	// attempt.
	Elapsed time.Duration
	Stamp   uint64 // of the newest heartbeat of the worker's that its manager has heard
}

// Fields implements wire.Message.
func (m *Run) Fields(c *wire.Coder) {
	wire.Nested(c, 1, &m.Stream)
	c.Uint64(2, &m.Token)
	c.Uint64(3, &m.Incarnation)
	c.String(4, &m.Engine)
	wire.Nested(c, 5, &m.Plan)
	wire.Nested(c, 6, &m.Target)
	wire.Enum(c, 7, &m.Cores)
	wire.Nested(c, 8, &m.Windows)
	c.Duration(9, &m.Deadline)
	c.Duration(10, &m.Elapsed)
	c.Uint64(11, &m.Stamp)
}

// Running is the answer of a worker: it runs the attempt, or has run it, and how that ended.
type Running struct {
	Ended    bool
	State    EndState
	Error    string
	Rest     bool         // as in Ended
	Provided []load.Value // ditto
	Counted  stats.Counts // ditto
}

// Fields implements wire.Message.
func (m *Running) Fields(c *wire.Coder) {
	c.Bool(1, &m.Ended)
	wire.Enum(c, 2, &m.State)
	c.String(3, &m.Error)
	c.Bool(4, &m.Rest)
	wire.List(c, 5, &m.Provided)
	wire.Nested(c, 6, &m.Counted)
}

// Stop has a worker stop the attempts of a job. What they measured is still reported.
type Stop struct {
	Job    string
	Token  uint64
	Reason EndState
}

// Fields implements wire.Message.
func (m *Stop) Fields(c *wire.Coder) {
	c.String(1, &m.Job)
	c.Uint64(2, &m.Token)
	wire.Enum(c, 3, &m.Reason)
}

// JobEnd tells a datacenter that a job is terminal, or will be in State as soon as its load has stopped:
// its load stops and its cores are free. Entries that are still buffered are relayed all the same.
type JobEnd struct {
	Job   string
	Token uint64
	State JobState
}

// Fields implements wire.Message.
func (m *JobEnd) Fields(c *wire.Coder) {
	c.String(1, &m.Job)
	c.Uint64(2, &m.Token)
	wire.Enum(c, 3, &m.State)
}

// Extend puts a job's deadline off. From the gate to managers, and from those to workers.
type Extend struct {
	Job   string
	Token uint64
	Left  time.Duration // until the new deadline, when sent
}

// Fields implements wire.Message.
func (m *Extend) Fields(c *wire.Coder) {
	c.String(1, &m.Job)
	c.Uint64(2, &m.Token)
	c.Duration(3, &m.Left)
}

// Taken is an answer that says no more than: it is taken.
type Taken struct{}

// Fields implements wire.Message.
func (m *Taken) Fields(*wire.Coder) {}
