package protocol

import (
	"time"

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

	Priority    uint32     // 0 to MostPriority; the higher one starts first
	LostWorkers LostPolicy // what becomes of the load of a worker that is lost
	ShareTarget bool       // it may shoot at a target together with other jobs that say so, too
	// Extensions is how often a deadline that comes while there is progress is put off: 0 to MostExtensions.
	// The first time by Extension (0: 30 s), each further time by half as much, 1 s at least.
	Extensions uint32
	Extension  time.Duration
	Stuck      time.Duration // without progress that is due, a workflow is given up; 0: the gate's default
}

// The bounds of a job's choices.
const (
	MostPriority   = 9
	MostExtensions = 5
)

// Fields implements wire.Message.
func (m *JobSpec) Fields(c *wire.Coder) {
	c.String(1, &m.Name)
	c.Strings(2, &m.Datacenters)
	wire.List(c, 3, &m.Workflows)
	c.Duration(4, &m.Deadline)
	c.Duration(5, &m.ResultWait)
	wire.Nested(c, 6, &m.Windows)
	c.Bool(7, &m.AcceptLost)
	wire.Enum(c, 8, &m.Priority)
	wire.Enum(c, 9, &m.LostWorkers)
	c.Bool(10, &m.ShareTarget)
	wire.Enum(c, 11, &m.Extensions)
	c.Duration(12, &m.Extension)
	c.Duration(13, &m.Stuck)
}

// WorkflowSpec is one workflow of a job. Its plan is for all datacenters together: it is split over
// them equally, and in each over its shards in proportion to their cores.
type WorkflowSpec struct {
	Name   string
	Engine string // "http" or "scripted"
	Plan   load.Plan
	Target load.Target
	Cores  uint32 // in each datacenter, allocated all or nothing; at least 1
	// After names the workflows that must have completed, everywhere, before this one starts. What they
	// provided stands for "${workflow.name}" in its target.
	After []string
}

// Fields implements wire.Message.
func (m *WorkflowSpec) Fields(c *wire.Coder) {
	c.String(1, &m.Name)
	c.String(2, &m.Engine)
	wire.Nested(c, 3, &m.Plan)
	wire.Nested(c, 4, &m.Target)
	wire.Enum(c, 5, &m.Cores)
	c.Strings(6, &m.After)
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

// Cancel asks a gate to end a job that has not ended. Asked again it is answered as before.
type Cancel struct {
	Job    string
	Reason string // for the result, at most 1,024 bytes
}

// Fields implements wire.Message.
func (m *Cancel) Fields(c *wire.Coder) {
	c.String(1, &m.Job)
	c.String(2, &m.Reason)
}

// Cancelling is the answer. Accepted says that the job ends CANCELLED, whatever comes in between; otherwise
// it had ended before, in State.
type Cancelling struct {
	Accepted bool
	State    JobState // when it was asked
}

// Fields implements wire.Message.
func (m *Cancelling) Fields(c *wire.Coder) {
	c.Bool(1, &m.Accepted)
	wire.Enum(c, 2, &m.State)
}
