package scenarios

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/core/wire"
)

// The rogue's node, its datacenter and its incarnation as a worker.
const (
	rogueName        = "x1"
	rogueDatacenter  = "dc-x"
	rogueIncarnation = 4711
)

// rogue is a node that plays a manager and its one worker, badly.
type rogue struct {
	stage  *Stage
	env    core.Env
	node   *rpc.Node
	gate   core.Address
	boot   uint64
	breaks bool // its own streams, by entries that contradict themselves
	number uint64
	shares table[string, rogueShare] // by job
}

// rogueShare is the rogue's part of one job.
type rogueShare struct {
	stream     stats.Stream
	windows    stats.Config
	arrivals   uint64
	n          uint64
	cumulative stats.Counts
	started    bool
	over       bool // the rogue has sent its final entry
}

// rogue boots the rogue beside the cluster.
func (s *Stage) rogue(breaks bool) {
	s.Host.Boot(rogueName, func(env core.Env) {
		endpoint, err := env.Listen("tcp", s.Host.Address(rogueName))
		if err != nil {
			s.Run.Errorf("%s: %v", rogueName, err)
			return
		}
		node, err := rpc.New(env, endpoint, rpc.Config{})
		if err != nil {
			s.Run.Errorf("%s: %v", rogueName, err)
			return
		}
		r := &rogue{
			stage: s, env: env, node: node, gate: core.Address(s.Host.Address(gateName)),
			boot: env.Rand().Uint64() | 1, breaks: breaks,
		}
		rpc.HandleInline(node, protocol.MethodDispatch, r.dispatch)
		rpc.HandleInline(node, protocol.MethodOpen, r.open)
		rpc.HandleInline(node, protocol.MethodGateMarks, r.marks)
		rpc.HandleInline(node, protocol.MethodJobEnd, r.end)
		env.Go("register", r.register)
		_ = node.Serve(env.Context())
	})
}

// register keeps the gate believing in the rogue's datacenter.
func (r *rogue) register() {
	registered := false
	for r.env.Context().Err() == nil {
		method, hello := protocol.MethodManagerRegister, wire.Message(&protocol.ManagerHello{
			Datacenter: rogueDatacenter, Boot: r.boot, Cores: 64,
		})
		if registered {
			method, hello = protocol.MethodManagerHeartbeat, &protocol.ManagerHeartbeat{
				Datacenter: rogueDatacenter, Boot: r.boot, Cores: 64,
			}
		}
		ctx, cancel := rpc.WithTimeout(r.env, r.env.Context(), time.Second)
		answer, err := rpc.Call[protocol.GateHello](ctx, r.node, r.gate, core.Critical, method, hello)
		cancel()
		if registered = err == nil; registered {
			r.number = answer.Incarnation
			r.stage.sleep(r.env, time.Second)
			continue
		}
		r.stage.sleep(r.env, 50*time.Millisecond)
	}
}

func (r *rogue) dispatch(_ core.Address, in *protocol.Dispatch, to rpc.Responder) {
	share := r.shares.of(in.Job)
	share.windows, share.arrivals = in.Windows, in.Workflow.Plan.Arrivals()
	share.stream = stats.Stream{
		Job: in.Job, Datacenter: rogueDatacenter, Workflow: in.Workflow.Name, Attempt: 1,
	}
	to.Reply(&protocol.Split{Shards: []protocol.Shard{{
		Cores: 1, Plan: in.Workflow.Plan, Worker: rogueName, Incarnation: rogueIncarnation,
	}}})
}

func (r *rogue) marks(core.Address, *protocol.Marks, rpc.Responder) {}

func (r *rogue) end(_ core.Address, _ *protocol.JobEnd, to rpc.Responder) {
	to.Reply(&protocol.Taken{})
}

func (r *rogue) open(_ core.Address, in *protocol.Open, to rpc.Responder) {
	to.Reply(&protocol.Taken{})
	if share := r.shares.find(in.Job); share != nil && !share.started {
		share.started = true
		r.env.Go("share/"+in.Job, func() { r.play(share) })
	}
}

// play sends entries, good and bad, for longer than the job lasts.
func (r *rogue) play(share *rogueShare) {
	for range 60 {
		r.stage.sleep(r.env, time.Duration(10+r.env.Rand().IntN(150))*time.Millisecond)
		switch act := r.env.Rand().IntN(8); {
		case act < 3:
			r.inOrder(share, false)
		case act == 3 && r.breaks:
			r.contradiction(share)
		case act == 4:
			noRelay := []byte("\x22\xff\xff\xff\xff\x01") // a report of so many bytes, and none of them there
			_ = r.node.Notify(r.env.Context(), r.gate, core.Low, protocol.MethodRelay, noRelay)
		default:
			r.foreign(share, act)
		}
		if !share.over && r.env.Rand().IntN(40) == 0 {
			r.inOrder(share, true)
			r.finish(share)
		}
	}
}

// inOrder executes an arrival, or gives up all that are left, and says so as a worker does.
func (r *rogue) inOrder(share *rogueShare, final bool) {
	if share.over || share.cumulative.Planned() >= share.arrivals {
		return
	}
	e := r.entry(share, share.n+1)
	if final {
		e.Final, share.over = true, true
		e.Delta = stats.Counts{}
		e.Delta.NotSent[stats.NotStarted] = share.arrivals - share.cumulative.Planned()
	} else {
		const took = 3 * time.Millisecond
		e.Delta.OK = 1
		e.Measures.Add(stats.Sample{Outcome: stats.OK, Latency: took, Service: took})
		r.stage.Truth.change(share.stream, rogueName, 0, func(t *Executed) {
			t.Latencies, t.Released = append(t.Latencies, took), t.Released+1
		})
	}
	r.stage.Truth.change(share.stream, rogueName, 0, func(t *Executed) {
		t.Counts, _ = t.Counts.Add(e.Delta)
	})
	share.n++
	share.cumulative, _ = share.cumulative.Add(e.Delta)
	e.Cumulative, e.Position = share.cumulative, share.cumulative.Planned()
	r.send(e)
}

// contradiction sends, under the next number, counts that do not add up. Nothing of the stream is taken
// after it.
func (r *rogue) contradiction(share *rogueShare) {
	e := r.entry(share, share.n+1)
	e.Delta.OK, e.Cumulative.OK, e.Position = 2, share.cumulative.OK+7, 1<<40
	share.n, share.over = share.n+1, true
	r.send(e)
}

// foreign sends entries that the rogue has no right to, or that nobody can place.
func (r *rogue) foreign(share *rogueShare, act int) {
	e := r.entry(share, 1)
	e.Delta.OK, e.Cumulative.OK, e.Position = 1, 1, 1
	switch act {
	case 5: // another worker's
		e.Stream.Datacenter = datacenterName(0)
	case 6: // nobody's
		if e.Stream.Shard = 99; r.env.Rand().IntN(2) == 0 {
			e.Stream.Job = "nobody's"
		}
	default: // its own, but not the next: one that was taken, or one far ahead
		if e.N = share.n; r.env.Rand().IntN(2) == 0 || share.n == 0 {
			e.N = share.n + 9
		}
	}
	r.send(e)
}

func (r *rogue) entry(share *rogueShare, n uint64) stats.Entry {
	return stats.Entry{Stream: share.stream, N: n, K: share.windows.Index(stats.At(r.env.Wall()))}
}

func (r *rogue) send(e stats.Entry) {
	_ = rpc.Notify(r.env.Context(), r.node, r.gate, core.Low, protocol.MethodRelay, &protocol.Relay{
		Datacenter: rogueDatacenter, Boot: r.boot,
		Reports: []protocol.Report{{
			Worker: rogueName, Incarnation: rogueIncarnation,
			Entries: []stats.Entry{e},
		}},
	})
}

// finish says as a manager that all ended well. The rest of the rogue's entries come after that.
func (r *rogue) finish(share *rogueShare) {
	r.stage.Run.Reached("the rogue was in order to its end")
	ctx, cancel := rpc.WithTimeout(r.env, r.env.Context(), time.Second)
	defer cancel()
	_, _ = rpc.Call[protocol.Taken](ctx, r.node, r.gate, core.High, protocol.MethodResult, &protocol.Result{
		Job: share.stream.Job, Workflow: share.stream.Workflow, Datacenter: rogueDatacenter, Token: 1,
		Incarnation: r.number, Count: 1, Send: 1, State: protocol.EndCompleted,
		Attempts: []protocol.AttemptEnd{{Attempt: 1, Worker: rogueName, State: protocol.EndCompleted}},
	})
}
