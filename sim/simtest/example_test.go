package simtest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/simtest"
)

// A test of a simulated system is an ordinary test function. It asserts on the Run, inside tasks too.
func Example() {
	test := func(t *testing.T) {
		simtest.Check(t, func(r *check.Run) {
			w := r.World(sim.Config{})
			w.Workload(w.AddNode("n1", func(core.Env) {}), "nap", func(env core.Env) {
				before := env.Now()
				require.NoError(r, env.Sleep(env.Context(), time.Second))
				require.GreaterOrEqual(r, env.Now().Sub(before), time.Second)
			})
			w.Run()
		})
	}
	fmt.Printf("%T\n", test)
	// Output: func(*testing.T)
}
