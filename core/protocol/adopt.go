package protocol

import (
	"time"

	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/core/wire"
)

// Adopt hands a job over to a manager that knows nothing of it: its predecessor in the datacenter died, or
// left. It has what the gate holds of the datacenter's part. A manager that knows the job has adopted it
// before.
type Adopt struct {
	Job      string
	Token    uint64
	GateBoot uint64
	Windows  stats.Config
	Deadline time.Duration // what is left of the job's, when sent
	Shares   []AdoptedShare
}

// Fields implements wire.Message.
func (m *Adopt) Fields(c *wire.Coder) {
	c.String(1, &m.Job)
	c.Uint64(2, &m.Token)
	c.Uint64(3, &m.GateBoot)
	wire.Nested(c, 4, &m.Windows)
	c.Duration(5, &m.Deadline)
	wire.List(c, 6, &m.Shares)
}

// AdoptedShare is one workflow's share that was split.
type AdoptedShare struct {
	Workflow WorkflowSpec // its plan is the datacenter's share
	Split    Split
	Attempts []AdoptedAttempt // the current one of every shard; none before they were opened
}

// Fields implements wire.Message.
func (m *AdoptedShare) Fields(c *wire.Coder) {
	wire.Nested(c, 1, &m.Workflow)
	wire.Nested(c, 2, &m.Split)
	wire.List(c, 3, &m.Attempts)
}

// AdoptedAttempt is a shard's current attempt as the gate holds it.
type AdoptedAttempt struct {
	Attempt Attempt
	Elapsed time.Duration // of the plan, when sent, had it started when it was opened; 0 in a first attempt
	Final   bool          // applied through its final entry
	Closed  bool          // closed before that
	Next    bool          // ditto, and a successor may run the remainder
	Left    time.Duration // ditto, for so long there is one
	Cores   uint32        // its worker's, that it has; 0: its shard's
}

// Fields implements wire.Message.
func (m *AdoptedAttempt) Fields(c *wire.Coder) {
	wire.Nested(c, 1, &m.Attempt)
	c.Duration(2, &m.Elapsed)
	c.Bool(3, &m.Final)
	c.Bool(4, &m.Closed)
	c.Bool(5, &m.Next)
	c.Duration(6, &m.Left)
	wire.Enum(c, 7, &m.Cores)
}
