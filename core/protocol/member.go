package protocol

import (
	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/core/wire"
)

// ManagerHello registers a manager at a gate, and again whenever it or the gate booted.
type ManagerHello struct {
	Datacenter string
	Boot       uint64 // drawn at boot: tells a restarted manager from a reconnected one
	Cores      uint32
}

// Fields implements wire.Message.
func (m *ManagerHello) Fields(c *wire.Coder) {
	c.String(1, &m.Datacenter)
	c.Uint64(3, &m.Boot)
	wire.Enum(c, 4, &m.Cores)
}

// GateHello is the gate's answer to a registration or heartbeat. Without a ledger a job does not
// outlive its gate: a manager that dispatched for another boot id stops and drops that gate's jobs.
type GateHello struct {
	GateBoot    uint64
	Incarnation uint64             // of the manager, given by the gate; part of result numbers
	Level       backpressure.Level // the gate's own
	// Adopt, in the answer to a registration, names the jobs that an earlier manager of the datacenter may
	// have known. Each comes as an Adopt; before all have come, the manager allocates nothing.
	Adopt []string
}

// Fields implements wire.Message.
func (m *GateHello) Fields(c *wire.Coder) {
	c.Uint64(1, &m.GateBoot)
	c.Uint64(2, &m.Incarnation)
	wire.Enum(c, 3, &m.Level)
	c.Strings(4, &m.Adopt)
}

// ManagerHeartbeat tells the gate that a datacenter lives, every heartbeat interval.
type ManagerHeartbeat struct {
	Datacenter string
	Boot       uint64
	Level      backpressure.Level // the worst of its own buffers and its workers'
	Cores      uint32
	Free       uint32 // of them, on workers that take new work
	Leaving    bool   // it was asked to stop: it takes nothing new
}

// Fields implements wire.Message.
func (m *ManagerHeartbeat) Fields(c *wire.Coder) {
	c.String(1, &m.Datacenter)
	c.Uint64(2, &m.Boot)
	wire.Enum(c, 3, &m.Level)
	wire.Enum(c, 4, &m.Cores)
	wire.Enum(c, 5, &m.Free)
	c.Bool(6, &m.Leaving)
}

// Complete is a datacenter's hint that every worker of a job has reported all windows up to and with
// Through. It can only bring the close of a window forward.
type Complete struct {
	Job     string
	Through int64
}

// Fields implements wire.Message.
func (m *Complete) Fields(c *wire.Coder) {
	c.String(1, &m.Job)
	c.Int64(2, &m.Through)
}

// WorkerHello registers a worker at its manager.
type WorkerHello struct {
	Worker      string // node name
	Incarnation uint64 // drawn at boot
	Cores       uint32
	Wall        int64  // as in WorkerHeartbeat
	Leaving     bool   // ditto
	Stamp       uint64 // ditto
	// Streams are the attempts whose load it runs. Those that its manager does not know, or knows as ended,
	// it is told to stop.
	Streams []stats.Stream
}

// Fields implements wire.Message.
func (m *WorkerHello) Fields(c *wire.Coder) {
	c.String(1, &m.Worker)
	c.Uint64(2, &m.Incarnation)
	wire.Enum(c, 3, &m.Cores)
	c.Int64(4, &m.Wall)
	c.Bool(5, &m.Leaving)
	wire.List(c, 6, &m.Streams)
	c.Uint64(7, &m.Stamp)
}

// WorkerHeartbeat tells the manager that a worker lives, and by what clock. The manager measures the clock's
// offset from the reading.
type WorkerHeartbeat struct {
	Worker      string
	Incarnation uint64
	Wall        int64 // the worker's wall clock, Unix nanoseconds
	Leaving     bool  // it was asked to stop: it takes nothing new
	// Stamp means something to the worker only: what its manager asks of it has the newest one that it heard,
	// by which the worker tells an order that was held up on its way from one that still holds.
	Stamp uint64
}

// Fields implements wire.Message.
func (m *WorkerHeartbeat) Fields(c *wire.Coder) {
	c.String(1, &m.Worker)
	c.Uint64(2, &m.Incarnation)
	c.Int64(3, &m.Wall)
	c.Bool(4, &m.Leaving)
	c.Uint64(5, &m.Stamp)
}

// ManagerReply answers a worker's registration or heartbeat.
type ManagerReply struct {
	Datacenter string
	Level      backpressure.Level
	Unknown    bool // not registered, or as another incarnation: register again
}

// Fields implements wire.Message.
func (m *ManagerReply) Fields(c *wire.Coder) {
	c.String(1, &m.Datacenter)
	wire.Enum(c, 3, &m.Level)
	c.Bool(5, &m.Unknown)
}
