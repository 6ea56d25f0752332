package manager

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/core/leaving"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/retry"
	"github.com/windtunnel/windtunnel/core/rpc"
)

// ErrDisplaced says that a manager ended because its gate knows a later one of its datacenter.
var ErrDisplaced = errors.New("another manager of the datacenter has registered")

// Manager is a running manager. New gives one that listens; Run serves until the node is asked to stop, and
// then until what runs here has ended, or a part of its time is over: who comes after it takes over.
type Manager struct {
	env      core.Env
	ctx      context.Context // of all its tasks: it outlives the node's, so that leaving takes its time
	stays    context.Context // ends when it is to leave
	stop     context.CancelFunc
	config   Config
	node     *rpc.Node
	retries  retry.Policy
	boot     uint64
	bootAt   core.Instant
	counters counters

	bell     core.Signal
	commands *core.Mailbox[func()]
	relays   *core.Mailbox[outgoing] // to the relaying task, which rings its own bell
	gateBell core.Signal             // the gate task's: the level has changed

	// level, cores, room and goes are what the gate task tells the gate; the manager's task sets them.
	level atomic.Uint32
	cores atomic.Uint32
	room  atomic.Uint32
	goes  atomic.Bool

	// What follows is the manager's task's alone.
	members     members
	displaced   []displaced
	jobs        []*job
	waiting     []*attempt // closed ones with an heir to be found
	awaits      bool       // some attempts' workers have not registered yet
	welcome     bool       // the gate has said what an earlier manager may have known
	expected    []string   // jobs of which nothing has come yet
	leaving     leaving.Progress
	ousted      bool // its place is another's
	relay       buffer
	gauge       backpressure.Gauge
	pressure    backpressure.Gauge
	gateBoot    uint64
	gateLevel   backpressure.Level
	incarnation uint64 // given by the gate
}

// firstRetry is the longest first wait before a call is made again.
const firstRetry = 200 * time.Millisecond

// New opens the manager's endpoint and registers what it answers.
func New(env core.Env, config Config) (*Manager, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	if env.Rare("manager/short-command-queue") {
		config.Commands = fewestCommands
	}
	if env.Rare("manager/short-stop") {
		config.StopWithin = min(shortStop, config.StopWithin)
	}
	if env.Rare("manager/small-relay-buffer") {
		config.RelayBuffer = smallestBuffer
	}
	endpoint, err := env.Listen("tcp", config.Listen)
	if err != nil {
		return nil, fmt.Errorf("manager: listen on %s: %w", config.Listen, err)
	}
	node, err := rpc.New(env, endpoint, rpc.Config{})
	if err != nil {
		return nil, fmt.Errorf("manager: %w", err)
	}
	bell := env.NewSignal()
	ctx, stop := env.WithCancel(context.Background())
	stays, leave := env.WithCancel(env.Context())
	m := &Manager{
		env:   env,
		ctx:   ctx,
		stays: stays,
		stop: func() {
			stop()
			leave()
		},
		config:   config,
		node:     node,
		boot:     env.Rand().Uint64() | 1,
		bootAt:   env.Now(),
		bell:     bell,
		commands: core.NewMailbox[func()](bell, config.Commands),
		relays:   core.NewMailbox[outgoing](env.NewSignal(), 1),
		gateBell: env.NewSignal(),
		retries: retry.Policy{
			Timeout: config.CallTimeout, First: min(firstRetry, config.RetryMost), Most: config.RetryMost,
		},
	}
	rpc.HandleInline(node, protocol.MethodWorkerRegister, m.register)
	rpc.HandleInline(node, protocol.MethodWorkerHeartbeat, m.heartbeat)
	rpc.HandleInline(node, protocol.MethodReport, m.report)
	rpc.HandleInline(node, protocol.MethodAttemptEnded, m.attemptEnded)
	rpc.Handle(node, protocol.MethodAttemptRefused, m.attemptRefused)
	rpc.HandleInline(node, protocol.MethodDispatch, m.dispatch)
	rpc.HandleInline(node, protocol.MethodOpen, m.open)
	rpc.HandleInline(node, protocol.MethodGateMarks, m.gateMarks)
	rpc.HandleInline(node, protocol.MethodAdopt, m.adopt)
	rpc.HandleInline(node, protocol.MethodExtend, m.extend)
	rpc.HandleInline(node, protocol.MethodJobEnd, m.jobEnd)
	return m, nil
}

// Addr is the address that workers dial.
func (m *Manager) Addr() core.Address { return m.node.Addr() }

// Run serves until the node is asked to stop and the manager has left, or another has taken its place:
// ErrDisplaced.
func (m *Manager) Run() error {
	defer m.stop()
	m.env.Go("manager", m.loop)
	m.env.Go("gate", m.gateLoop)
	m.env.Go("relay", m.relayLoop)
	m.env.Go("leave", m.awaitLeave)
	err := m.node.Serve(m.ctx)
	switch {
	case m.ousted:
		return fmt.Errorf("manager of %s: %w", m.config.Datacenter, ErrDisplaced)
	case m.ctx.Err() == nil:
		return fmt.Errorf("manager: %w", err)
	}
	m.env.Log().Info("manager stopped", "counters", m.counters.group())
	return nil // it was asked to
}

// loop owns the members, the jobs and the relay buffer: commands first, then what time demands.
func (m *Manager) loop() {
	for m.ctx.Err() == nil {
		if command, ok := m.commands.TryTake(); ok {
			command()
			continue
		}
		now := m.env.Now()
		m.judge(now)
		m.succeed(now)
		m.tidy(now)
		m.flush(now)
		m.leave(now)
		_ = m.bell.Wait(m.ctx, m.untilWork(now)) // the loop looks again, whyever it woke
	}
}

// untilWork is how long nothing but a bell needs the manager's task.
func (m *Manager) untilWork(now core.Instant) time.Duration {
	until := min(m.relay.untilFlush(now), m.untilSucceed(now), m.untilGiveUpAwaited(now),
		m.leaving.UntilNext(now))
	for _, x := range m.members {
		until = min(until, m.config.untilWorse(now.Sub(x.answered)))
	}
	for _, j := range m.jobs {
		until = min(until, j.untilTidy(m, now))
	}
	return max(until, time.Millisecond)
}

// do has the manager's task run f. It is false, and counted, when too much waits for it already.
func (m *Manager) do(f func()) bool {
	if m.commands.Put(f) {
		return true
	}
	m.counters.commandsRefused.Add(1)
	return false
}

// ask has the manager's task run f, which answers r; a manager whose queue is full answers busy.
func (m *Manager) ask(r rpc.Responder, f func()) {
	if !m.do(f) {
		r.Fail(rpc.Errorf(rpc.Busy, "manager of %s: %d commands wait", m.config.Datacenter,
			m.commands.Bound()))
	}
}

// surely has the manager's task run f, as soon as there is room. It is for tasks that end with it.
func (m *Manager) surely(f func()) {
	for !m.do(f) {
		if m.env.Sleep(m.ctx, m.config.Heartbeat) != nil {
			return
		}
	}
}
