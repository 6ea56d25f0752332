package transport_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/envtest"
	"github.com/windtunnel/windtunnel/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRealEnvironmentKeepsTheContract(t *testing.T) {
	for _, perturb := range []uint64{0, 1, 2} {
		t.Run(fmt.Sprintf("perturb=%d", perturb), func(t *testing.T) {
			envtest.Run(t, realWorld{perturb})
		})
	}
}

// realWorld runs scripts on goroutines and loopback TCP.
type realWorld struct{ perturb uint64 }

func (realWorld) Cannot() map[envtest.Ability]string {
	return map[envtest.Ability]string{
		envtest.CanJumpWall: "the wall clock is the machine's",
	}
}

const (
	testMessageLimit = 300_000
	stopPatience     = 50 * time.Millisecond
	hangBound        = 60 * time.Second // a bound on a check that hangs, not a wait for anything
)

func (w realWorld) Run(t *testing.T, script envtest.Script) {
	run := &realRun{t: t, world: w, nodes: map[string]*transport.Node{}, proxies: map[[2]string]*proxy{}}
	bodies := script(run, run)
	for _, body := range bodies {
		node, err := transport.New(transport.Config{
			Name: body.Name, Role: "check", Perturb: w.perturb, MessageLimit: testMessageLimit,
			QueueMessages: 1500, KeepAlive: time.Second,
			BackoffMin: time.Millisecond, BackoffMax: time.Millisecond,
		})
		require.NoError(t, err)
		run.nodes[body.Name] = node
	}
	watchdog := time.AfterFunc(hangBound, func() {
		run.Errorf("the check hangs")
		run.killAll()
	})
	defer watchdog.Stop()
	var ended sync.WaitGroup
	for _, body := range bodies {
		ended.Add(1)
		node := run.nodes[body.Name]
		node.Start(func(env core.Env) {
			defer ended.Done()
			body.Body(env)
		})
	}
	ended.Wait()
	run.killAll()
	for _, node := range run.nodes {
		require.NoError(t, node.Wait(context.Background()))
		require.NoError(t, node.Err())
	}
}

// realRun is the Reporter and the Control of one run.
type realRun struct {
	t     *testing.T
	world realWorld
	nodes map[string]*transport.Node // not written once bodies run

	mu      sync.Mutex
	proxies map[[2]string]*proxy
}

func (r *realRun) Helper()                           { r.t.Helper() }
func (r *realRun) Errorf(format string, args ...any) { r.t.Helper(); r.t.Errorf(format, args...) }

// FailNow kills every node; the caller is ended by the next thing that it asks of one.
func (r *realRun) FailNow() {
	r.killAll()
	for _, node := range r.nodes {
		node.Env().Yield("the run is over")
	}
}

func (r *realRun) killAll() {
	for _, node := range r.nodes {
		node.Kill()
	}
}

func (r *realRun) MessageLimit() int { return testMessageLimit }

func (r *realRun) Via(from, to string, addr core.Address) core.Address {
	p := newProxy(r.t, addr)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.proxies[[2]string{from, to}] = p
	return p.addr()
}

func (r *realRun) Stop(_ core.Env, node string) {
	ctx, cancel := context.WithTimeout(context.Background(), stopPatience)
	defer cancel()
	_ = r.nodes[node].Stop(ctx) // names the tasks that it had to end; that they have ended is what is checked
}

func (r *realRun) Crash(_ core.Env, node string) {
	r.nodes[node].Kill()
	if err := r.nodes[node].Wait(context.Background()); err != nil {
		r.Errorf("crash: %v", err)
	}
}

func (r *realRun) Cut(_ core.Env, a, b string) { r.both(a, b, func(p *proxy) { p.cut(true) }) }

func (r *realRun) Stall(_ core.Env, a, b string) { r.both(a, b, (*proxy).stall) }

func (r *realRun) Release(_ core.Env, a, b string) { r.both(a, b, (*proxy).release) }

func (r *realRun) JumpWall(core.Env, string, time.Duration) { panic("declared as impossible") }

func (r *realRun) both(a, b string, f func(*proxy)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, key := range [][2]string{{a, b}, {b, a}} {
		if p := r.proxies[key]; p != nil {
			f(p)
		}
	}
}
