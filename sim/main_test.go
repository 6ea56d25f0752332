package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/trace"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// alone runs f as the workload of a World with one node, under a seed, with every event kept.
func alone(t *testing.T, seed uint64, f func(w *World, env core.Env)) *World {
	t.Helper()
	w := NewWorld(Config{Chooser: choice.NewSeeded(seed), Keep: trace.All, Stalls: Quiet()})
	n := w.AddNode("n", func(core.Env) {})
	w.Workload(n, "main", func(env core.Env) { f(w, env) })
	if failure := w.Run(); failure != nil {
		t.Fatalf("seed %d: %v\n%s", seed, failure, failure.Stack)
	}
	return w
}

// failing is alone for a run that must fail.
func failing(t *testing.T, config Config, f func(w *World, env core.Env)) *Failure {
	t.Helper()
	w := NewWorld(config)
	n := w.AddNode("n", func(core.Env) {})
	w.Workload(n, "main", func(env core.Env) { f(w, env) })
	failure := w.Run()
	require.NotNil(t, failure)
	return failure
}

// seeds runs a claim under many schedules.
func seeds(t *testing.T, n uint64, f func(seed uint64)) {
	t.Helper()
	for seed := range n {
		f(seed)
	}
}

const ms = time.Millisecond
