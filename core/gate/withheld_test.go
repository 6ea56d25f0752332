package gate

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/simtest"
)

// The gate looks at progress seldom while nothing arrives. How long a workflow may go on without it counts
// from the fall of REJECT, not from the last look before it.
func TestProgressIsWithheldUntilRejectFalls(t *testing.T) {
	simtest.CheckWith(t, simtest.Options{Seeds: 1}, func(r *check.Run) {
		w := r.World(sim.Config{Stalls: sim.Quiet()})
		w.Workload(w.AddNode("g", func(core.Env) {}), "script", func(env core.Env) {
			g, err := New(env, DefaultConfig())
			require.NoError(r, err)
			spec := protocol.JobSpec{Datacenters: []string{"dc-a"}}
			j := &job{gate: g, id: "j", spec: spec}
			g.order = append(g.order, j)
			g.members.register("a:1", hello("dc-a", 7), 0)
			level := func(l backpressure.Level, at core.Instant) {
				g.members.hear("dc-a", 7, l, at)
				g.refreshLevels(at)
			}
			require.Zero(r, j.withheldUntil(second))
			level(backpressure.Reject, second)
			require.Equal(r, 2*second, j.withheldUntil(2*second))
			level(backpressure.None, 2*second+core.Instant(time.Millisecond))
			require.Equal(r, 2*second+core.Instant(time.Millisecond), j.withheldUntil(9*second))
			level(backpressure.Batch, 3*second)
			require.Equal(r, 2*second+core.Instant(time.Millisecond), j.withheldUntil(9*second))
		})
		w.Run()
	})
}
