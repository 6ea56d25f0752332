package scenarios_test

import (
	"context"
	"flag"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/scenarios"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/transport"
)

var overTCP = flag.String("tcp", "two-takers", "the scenario to play over TCP, or all")

// TestScenariosOverTCP plays scenarios on real nodes: the same bodies, the same invariants but for
// durations, on this machine's clock, scheduler and loopback. It is perturbed, so that no two runs are
// alike.
func TestScenariosOverTCP(t *testing.T) {
	before := goleak.IgnoreCurrent()
	played := 0
	t.Run("group", func(t *testing.T) {
		for _, s := range scenarios.All() {
			if s.OverTCP() && (*overTCP == "all" || *overTCP == s.ID) {
				played++
				t.Run(s.ID, func(t *testing.T) {
					t.Parallel()
					playOverTCP(t, s)
				})
			}
		}
	})
	require.NotZero(t, played, "no scenario %q runs over TCP", *overTCP)
	goleak.VerifyNone(t, before)
}

func playOverTCP(t *testing.T, s *scenarios.Scenario) {
	seed := uint64(time.Now().UnixNano())
	outcome := check.Execute(check.Settings{Name: s.ID, Chooser: choice.NewSeeded(seed)}, func(r *check.Run) {
		m := &machine{
			run: r, perturb: seed | 1, nodes: map[string]*transport.Node{}, ports: map[string]string{},
		}
		defer m.stop(t)
		s.PlayOn(r, m)
		m.wait(t)
	})
	if f := outcome.Failure; f != nil {
		t.Errorf("%s with %v: %s", f.Key, outcome.Config, f.Message)
	}
}

// machine is a host: each node has a transport of its own, on ports of the loopback interface.
type machine struct {
	run      *check.Run
	perturb  uint64
	workload sync.WaitGroup

	mu    sync.Mutex
	nodes map[string]*transport.Node
	order []*transport.Node
	ports map[string]string
}

// Boot implements scenarios.Host.
func (m *machine) Boot(name string, boot func(core.Env)) {
	node, err := transport.New(transport.Config{
		Name: name, Perturb: m.perturb,
		Observe: func(o transport.Observation) {
			m.run.Observe(check.Observation{Node: o.Node, Event: o.Event})
		},
	})
	require.NoError(m.run, err)
	m.mu.Lock()
	m.nodes[name] = node
	m.order = append(m.order, node)
	m.mu.Unlock()
	node.Start(boot)
}

// Workload implements scenarios.Host.
func (m *machine) Workload(node, name string, f func(core.Env)) {
	m.mu.Lock()
	env := m.nodes[node].Env()
	m.mu.Unlock()
	m.workload.Add(1)
	env.Go(name, func() {
		defer m.workload.Done()
		f(env)
	})
}

// Address implements scenarios.Host. The first to ask for a node reserves a port that is free.
func (m *machine) Address(name string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ports[name] == "" {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(m.run, err)
		m.ports[name] = listener.Addr().String()
		require.NoError(m.run, listener.Close())
	}
	return m.ports[name]
}

// wait returns when the workload has ended, or has not for far too long.
func (m *machine) wait(t *testing.T) {
	ended := make(chan struct{})
	go func() {
		m.workload.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-t.Context().Done():
		m.run.Errorf("the test ended before the workload")
	}
}

// stop stops clients first and the gate last, so that nobody reports a peer that is gone.
func (m *machine) stop(t *testing.T) {
	m.mu.Lock()
	nodes := m.order
	m.mu.Unlock()
	for i := len(nodes) - 1; i >= 0; i-- {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		if err := nodes[i].Stop(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
		if err := nodes[i].Wait(ctx); err != nil {
			t.Errorf("wait: %v", err)
		}
		cancel()
	}
}
