package deposits

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/simtest"
)

func TestDepositsAreNotLost(t *testing.T) {
	simtest.Check(t, func(r *check.Run) {
		world, balance := r.World(sim.Config{}), 0
		bank := world.AddNode("bank", func(core.Env) {})
		for _, name := range []string{"ann", "bob"} {
			world.Workload(bank, name, func(env core.Env) {
				read := balance
				_ = env.Sleep(env.Context(), time.Millisecond) // any wait: a message, a disk, a lock
				balance = read + 10
			})
		}
		world.Run()
		require.Equal(r, 20, balance)
	})
}
