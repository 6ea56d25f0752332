package protocol

import (
	"time"

	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/core/wire"
)

// StatusRequest asks how a job is now.
type StatusRequest struct{ Job string }

// Fields implements wire.Message.
func (m *StatusRequest) Fields(c *wire.Coder) { c.String(1, &m.Job) }

// JobStatus is a job at one moment: a whole snapshot, never half of a merge.
type JobStatus struct {
	Job       string
	State     JobState
	Message   string       // why, in words, where there is something to say
	Totals    stats.Counts // all that was applied, windowed or not
	Version   uint64       // of the snapshot: how many merges it holds
	Degraded  []string     // what is lost so far, in words: "dc-a/w2 lost at 14:02:10 ..."
	Elapsed   time.Duration
	Planned   uint64 // arrivals of the whole plan
	Level     backpressure.Level
	Place     uint32 // in the queue, 1 is next; 0: it waits for nothing that others hold
	Workflows []WorkflowStatus
	Context   uint64        // version of what its workflows have provided
	Deadline  time.Duration // from acceptance, with the extensions granted so far
}

// Fields implements wire.Message.
func (m *JobStatus) Fields(c *wire.Coder) {
	c.String(1, &m.Job)
	wire.Enum(c, 2, &m.State)
	c.String(3, &m.Message)
	wire.Nested(c, 4, &m.Totals)
	c.Uint64(5, &m.Version)
	c.Strings(6, &m.Degraded)
	c.Duration(7, &m.Elapsed)
	c.Uint64(8, &m.Planned)
	wire.Enum(c, 9, &m.Level)
	wire.Enum(c, 10, &m.Place)
	wire.List(c, 11, &m.Workflows)
	c.Uint64(12, &m.Context)
	c.Duration(13, &m.Deadline)
}

// WorkflowStatus is where one workflow of a job is.
type WorkflowStatus struct {
	Name    string
	State   WorkflowState
	Message string // why, in words, where there is something to say
}

// Fields implements wire.Message.
func (m *WorkflowStatus) Fields(c *wire.Coder) {
	c.String(1, &m.Name)
	wire.Enum(c, 2, &m.State)
	c.String(3, &m.Message)
}
