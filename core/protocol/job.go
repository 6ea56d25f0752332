package protocol

import (
	"time"

	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/core/wire"
)

// JobSpec is what a client asks for. Zero durations and zero windows mean the gate's defaults.
type JobSpec struct {
	Name        string
	Datacenters []string // where it runs; none: every datacenter that the gate knows
	Workflows   []WorkflowSpec
	Deadline    time.Duration // from acceptance to terminal; 0: the longest plan + 60 s
	// how long after the first datacenter's result the others are waited for; 0: 30 s
	ResultWait time.Duration
	Windows    stats.Config
	AcceptLost bool // unknown refused or lost load does not make the result INCOMPLETE's exit code
}

// Fields implements wire.Message.
func (m *JobSpec) Fields(c *wire.Coder) {
	c.String(1, &m.Name)
	c.Strings(2, &m.Datacenters)
	wire.List(c, 3, &m.Workflows)
	c.Duration(4, &m.Deadline)
	c.Duration(5, &m.ResultWait)
	wire.Nested(c, 6, &m.Windows)
	c.Bool(7, &m.AcceptLost)
}

// WorkflowSpec is one workflow of a job. Its plan is for all datacenters together: it is split over
// them equally, and in each over its shards in proportion to their cores.
type WorkflowSpec struct {
	Name   string
	Engine string // "http" or "scripted"
	Plan   load.Plan
	Target load.Target
	Cores  uint32 // in each datacenter, allocated all or nothing; at least 1
}

// Fields implements wire.Message.
func (m *WorkflowSpec) Fields(c *wire.Coder) {
	c.String(1, &m.Name)
	c.String(2, &m.Engine)
	wire.Nested(c, 3, &m.Plan)
	wire.Nested(c, 4, &m.Target)
	wire.Enum(c, 5, &m.Cores)
}

// Submit asks a gate to take a job. One key names one job for as long as the gate remembers it: the
// same key with the same spec answers with the same job, with another spec it is a conflict.
type Submit struct {
	Key  string // 1 to 128 bytes, chosen by the client
	Spec JobSpec
}

// Fields implements wire.Message.
func (m *Submit) Fields(c *wire.Coder) {
	c.String(1, &m.Key)
	wire.Nested(c, 2, &m.Spec)
}

// Submitted is the answer: the job's id, and whether the key was known before.
type Submitted struct {
	Job      string
	Token    uint64 // fencing token of the gate that owns the job
	Known    bool
	GateBoot uint64
}

// Fields implements wire.Message.
func (m *Submitted) Fields(c *wire.Coder) {
	c.String(1, &m.Job)
	c.Uint64(2, &m.Token)
	c.Bool(3, &m.Known)
	c.Uint64(4, &m.GateBoot)
}

// Subscribe asks for the pushes of a job after number After. A client has one subscription to a job: a second
// one replaces the first.
type Subscribe struct {
	Job   string
	After uint64
}

// Fields implements wire.Message.
func (m *Subscribe) Fields(c *wire.Coder) {
	c.String(1, &m.Job)
	c.Uint64(2, &m.After)
}

// Subscribed is the answer. A GateBoot that differs from the submission's says that the job is gone.
type Subscribed struct {
	Last     uint64 // number of the newest push
	GateBoot uint64
}

// Fields implements wire.Message.
func (m *Subscribed) Fields(c *wire.Coder) {
	c.Uint64(1, &m.Last)
	c.Uint64(2, &m.GateBoot)
}

// StatusRequest asks how a job is now.
type StatusRequest struct{ Job string }

// Fields implements wire.Message.
func (m *StatusRequest) Fields(c *wire.Coder) { c.String(1, &m.Job) }

// JobStatus is a job at one moment: a whole snapshot, never half of a merge.
type JobStatus struct {
	Job      string
	State    JobState
	Message  string       // why, in words, where there is something to say
	Totals   stats.Counts // all that was applied, windowed or not
	Version  uint64       // of the snapshot: how many merges it holds
	Degraded []string     // what is lost so far, in words: "dc-a/w2 lost at 14:02:10 ..."
	Elapsed  time.Duration
	Planned  uint64 // arrivals of the whole plan
	Level    backpressure.Level
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
}
