package blocking_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/simtest"
	"github.com/windtunnel/windtunnel/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A program is what one task of a node does, with the tasks that it starts and awaits. It asserts on r.
type program func(r require.TestingT, env core.Env)

// inAWorld makes a run of the program in a quiet World; who waits for ever is found there.
func inAWorld(p program) func(r *check.Run) {
	return func(r *check.Run) {
		w := r.World(sim.Config{Stalls: sim.Quiet()})
		w.Workload(w.AddNode("n", nil), "main", func(env core.Env) { p(r, env) })
		w.Run()
	}
}

// everyOrder plays the program under every order in which its tasks can go.
func everyOrder(t *testing.T, p program) {
	t.Helper()
	simtest.Exhaust(t, inAWorld(p))
}

// bothWorlds plays the program under 300 schedules of a World, and again and again on a real node.
func bothWorlds(t *testing.T, p program) {
	t.Helper()
	t.Run("simulated", func(t *testing.T) {
		simtest.CheckWith(t, simtest.Options{Seeds: 300}, inAWorld(p))
	})
	t.Run("real", func(t *testing.T) {
		env := newEnv(t)
		for range 30 {
			p(t, env)
		}
	})
}

// newEnv returns the environment of a real node, perturbed, that is stopped with the test.
func newEnv(t *testing.T) core.Env {
	t.Helper()
	n, err := transport.New(transport.Config{Name: "n", Perturb: 1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, n.Stop(context.Background())) })
	return n.Env()
}

// newGroup returns a group of tasks that all end within a minute: on a real node a lost wake-up shows as an
// error of theirs, too.
func newGroup(env core.Env) (*core.Group, context.CancelFunc) {
	ctx, cancel := env.WithTimeout(env.Context(), time.Minute)
	return core.NewGroup(env, ctx), cancel
}
