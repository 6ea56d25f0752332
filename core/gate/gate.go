package gate

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/retry"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/stats"
)

// Gate is a running gate. New gives one that listens; Run serves until the node stops.
type Gate struct {
	env     core.Env
	ctx     context.Context // outlives the word to stop, until all is left in order
	cancel  context.CancelFunc
	config  Config
	node    *rpc.Node
	retries retry.Policy
	boot    uint64 // drawn at boot; tells this gate's life from another one

	pending  *stats.PendingJobs // jobs with closed windows that nobody has taken
	pushBell core.Signal        // the push task's
	counters counters

	mu       sync.Mutex //simvet:allow leaf lock: nothing waits or yields under it
	members  members
	jobs     map[string]*job
	order    []*job // the jobs by acceptance
	queue    queue
	accepted uint64 // jobs, so far
	leaving  bool   // it takes no new jobs
	keys     keys
	inbound  backpressure.Gauge // of the jobs' queues

	levelBell core.Signal // the level task's
}

// New opens the gate's endpoint and registers what it answers.
func New(env core.Env, config Config) (*Gate, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	endpoint, err := env.Listen("tcp", config.Listen)
	if err != nil {
		return nil, fmt.Errorf("gate: listen on %s: %w", config.Listen, err)
	}
	node, err := rpc.New(env, endpoint, rpc.Config{CallsOut: config.MostCallsOpen,
		CallsIn: config.MostCallsOpen})
	if err != nil {
		return nil, fmt.Errorf("gate: %w", err)
	}
	g := &Gate{
		env:       env,
		config:    config,
		node:      node,
		boot:      env.Rand().Uint64() | 1,
		pending:   stats.NewPendingJobs(),
		pushBell:  env.NewSignal(),
		members:   members{silence: 3 * config.Heartbeat},
		jobs:      map[string]*job{},
		keys:      newKeys(),
		levelBell: env.NewSignal(),
		retries: retry.Policy{
			Timeout: config.DispatchTimeout, First: config.RetryFirst, Most: config.RetryLongest,
		},
	}
	g.ctx, g.cancel = env.WithCancel(context.Background())
	g.handle()
	return g, nil
}

// Addr is the address that managers and clients dial.
func (g *Gate) Addr() core.Address { return g.node.Addr() }

// Run serves until the node is asked to stop.
func (g *Gate) Run() error {
	g.env.Go("push", g.pushLoop)
	g.env.Go("levels", g.levelLoop)
	g.env.Go("leave", g.leave)
	err := g.node.Serve(g.ctx)
	if g.ctx.Err() == nil {
		return fmt.Errorf("gate: %w", err)
	}
	g.env.Log().Info("gate stopped", "counters", g.counters.group())
	return nil // it was asked to
}

// levelLoop lets the levels of managers expire that are not heard any more.
func (g *Gate) levelLoop() {
	for g.ctx.Err() == nil {
		g.mu.Lock()
		now := g.env.Now()
		g.refreshLevels(now)
		wait := core.Forever
		if at, ok := g.members.nextExpiry(now); ok {
			wait = at.Sub(now)
		}
		g.mu.Unlock()
		_ = g.levelBell.Wait(g.ctx, wait)
	}
}

// refreshLevels puts every job's level in force: the maximum of its datacenters'. The change is noted
// in the step in which it happens, and wakes the push task. Called under the gate's lock.
func (g *Gate) refreshLevels(now core.Instant) {
	for _, j := range g.order {
		level := backpressure.None
		for _, dc := range j.spec.Datacenters {
			level = max(level, g.members.levelOf(dc, now))
		}
		before := backpressure.Level(j.level.Swap(uint32(level)))
		if before == backpressure.Reject {
			j.eased.Store(int64(now))
		}
		if before != level {
			g.env.Note(fact.Level{Job: j.id, From: before, To: level})
			g.pushBell.Notify()
		}
	}
}

// inboundLevel is the level of the gate's own queues, for its managers: that of the fullest. Called
// under the gate's lock.
func (g *Gate) inboundLevel() backpressure.Level {
	fill := 0.0
	for _, j := range g.order {
		fill = max(fill, float64(j.arrivals.Len())/float64(j.arrivals.Bound()))
	}
	return g.inbound.Read(fill)
}

// managerAddress is where a datacenter's manager is reached, if it is there and takes new work.
func (g *Gate) managerAddress(datacenter string) (core.Address, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	x := g.members.find(datacenter)
	if x == nil || x.leaving || g.env.Now().Sub(x.heard) > g.members.silence {
		return "", false
	}
	return x.address, true
}

// find returns a job that the gate still keeps.
func (g *Gate) find(id string) (*job, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	j, ok := g.jobs[id]
	return j, ok
}

// forget drops all that the gate holds of a job. Its key stays for as long as keys are remembered.
func (g *Gate) forget(j *job) {
	g.mu.Lock()
	defer g.mu.Unlock()
	defer j.cancel()
	delete(g.jobs, j.id)
	g.order = slices.DeleteFunc(g.order, func(other *job) bool { return other == j })
	g.keys.drop(j.key)
	g.keys.expire(g.env.Now().Add(-g.config.KeyMemory))
	g.pending.Remove(j.id)
	g.env.Note(fact.Forgotten{Job: j.id})
}
