package main

import (
	"context"
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/stats"
)

const datacenter = "east"

// fakeManager speaks a manager's part to a gate: it accepts whatever is dispatched, and relays entries
// that no worker ever made.
type fakeManager struct {
	node    *rpc.Node
	gate    core.Address
	opened  chan string   // the job whose attempts were opened
	durable chan struct{} // one for each relay that is durable to its last entry

	windows  stats.Config
	reports  []protocol.Report
	relays   uint64 // sent
	reported uint64 // entries marked durable; of the receiving task
	through  map[stats.Stream]uint64
}

func newFakeManager(env core.Env, gate core.Address) (*fakeManager, error) {
	endpoint, err := env.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	m := &fakeManager{
		gate: gate, opened: make(chan string, 1), durable: make(chan struct{}, relaysOut),
		windows: stats.DefaultConfig(), through: map[stats.Stream]uint64{},
	}
	if m.node, err = rpc.New(env, endpoint, rpc.Config{}); err != nil {
		return nil, err
	}
	rpc.Handle(m.node, protocol.MethodDispatch, m.split)
	rpc.Handle(m.node, protocol.MethodOpen, m.open)
	rpc.HandleInline(m.node, protocol.MethodGateMarks, m.marks)
	env.Go("rpc", func() { _ = m.node.Serve(env.Context()) })
	hello := protocol.ManagerHello{Datacenter: datacenter, Boot: 1, Cores: relayShards}
	_, err = rpc.Call[protocol.GateHello](env.Context(), m.node, gate, core.High,
		protocol.MethodManagerRegister, &hello)
	return m, err
}

func workerOf(shard int) string { return fmt.Sprintf("worker-%d", shard%relayWorkers) }

func (m *fakeManager) split(_ context.Context, _ core.Address,
	in *protocol.Dispatch) (*protocol.Split, error) {
	weights := make([]uint32, relayShards)
	for i := range weights {
		weights[i] = 1
	}
	plans, err := in.Workflow.Plan.Split(weights)
	if err != nil {
		return nil, err
	}
	split := &protocol.Split{}
	for i, plan := range plans {
		split.Shards = append(split.Shards, protocol.Shard{
			Shard: uint32(i), Cores: 1, Plan: plan, Worker: workerOf(i), Incarnation: 1,
		})
	}
	return split, nil
}

func (m *fakeManager) open(_ context.Context, _ core.Address, in *protocol.Open) (*protocol.Taken, error) {
	select {
	case m.opened <- in.Job:
	default: // it was asked again
	}
	return &protocol.Taken{}, nil
}

// prepare makes the first entry of every stream, in a report of each worker.
func (m *fakeManager) prepare(job string, sketched int) {
	m.reports = make([]protocol.Report, relayWorkers)
	for i := range relayShards {
		r := &m.reports[i%relayWorkers]
		r.Worker, r.Incarnation = workerOf(i), 1
		e := entryOf(sketched)
		e.Stream = stats.Stream{
			Job: job, Datacenter: datacenter, Workflow: "wf", Shard: uint32(i), Attempt: 1,
		}
		r.Entries = append(r.Entries, e)
	}
}

// relay sends the next entry of every stream, all of the window that it is now.
func (m *fakeManager) relay() error {
	wall := time.Now()
	for i := range m.reports {
		r := &m.reports[i]
		for j := range r.Entries {
			e := &r.Entries[j]
			e.N++
			e.K = m.windows.Index(stats.At(wall))
			e.Cumulative.OK += e.Delta.OK
			e.Position += e.Delta.OK
		}
	}
	return rpc.Notify(context.Background(), m.node, m.gate, core.Low, protocol.MethodRelay,
		&protocol.Relay{Datacenter: datacenter, Boot: 1, Reports: m.reports})
}

// marks counts what has become durable.
func (m *fakeManager) marks(_ core.Address, in *protocol.Marks, _ rpc.Responder) {
	for _, mark := range in.Marks {
		m.reported += mark.Durable - m.through[mark.Stream]
		m.through[mark.Stream] = mark.Durable
		for ; m.reported >= relayShards; m.reported -= relayShards {
			m.durable <- struct{}{}
		}
	}
}
