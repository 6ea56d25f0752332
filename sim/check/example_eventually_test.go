package check_test

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/choice"
)

var voters = []string{"v1", "v2", "v3"}

// vote answers whatever arrives.
func vote(env core.Env) {
	e, err := env.Listen("udp", ":7")
	if err != nil {
		return
	}
	for {
		from, m, err := e.Recv(env.Context())
		if err != nil {
			return
		}
		_ = e.Send(env.Context(), from, m)
	}
}

// decisions asks the voters for one decision after another: each needs so many answers. A nemesis partitions
// them for ten seconds, and then one may be lost for good.
func decisions(r *check.Run, needed int) {
	const faultsLast, within = 10 * time.Second, 5 * time.Second
	w := r.World(sim.Config{})
	for _, name := range voters {
		w.AddNode(name, vote)
	}
	decided := time.Duration(-1)
	w.Workload(w.AddNode("client", nil), "decide", func(env core.Env) {
		e, err := env.Listen("udp", ":8")
		require.NoError(r, err)
		for w.Now() < faultsLast+2*within {
			asked := w.Now()
			for _, name := range voters {
				_ = e.Send(env.Context(), core.Address(name+":7"), core.Message{})
			}
			ctx, cancel := env.WithTimeout(env.Context(), 200*time.Millisecond)
			answers := 0
			for ; answers < needed; answers++ {
				if _, _, err := e.Recv(ctx); err != nil {
					break
				}
			}
			cancel()
			if answers == needed {
				decided = asked
			}
			_ = env.Sleep(env.Context(), 200*time.Millisecond)
		}
	})
	r.Hold(check.Eventually(w, check.Healed{
		Name: "something is decided", Within: within,
		Holds: func(healed time.Duration) error {
			if decided < healed {
				return fmt.Errorf("the last decision was asked for at +%v", decided)
			}
			return nil
		},
		Excused: func() bool { return len(w.Core()) < 2 },
	}))
	require.NoError(r, w.Inject(sim.Faults{
		Kinds: []sim.FaultKind{sim.FaultPartition, sim.FaultCore}, Until: faultsLast,
		Nodes: map[sim.FaultKind][]string{sim.FaultCore: voters}, Core: 2,
	}))
	w.Run()
}

// A decision that needs all voters is never made again when one of them is lost.
func ExampleEventually() {
	for needed := 2; needed <= 3; needed++ {
		broken, held := "", uint64(0)
		for seed := range uint64(40) {
			settings := check.Settings{Name: "decisions", Chooser: choice.NewSeeded(seed)}
			o := check.Execute(settings, func(r *check.Run) { decisions(r, needed) })
			if o.Failure != nil {
				broken = o.Failure.Key
			}
			for _, e := range o.Eventually {
				held += e.Held
			}
		}
		fmt.Printf("%d of 3 are needed: %d of 40 runs held; broken: %q\n", needed, held, broken)
	}
	// Output:
	// 2 of 3 are needed: 40 of 40 runs held; broken: ""
	// 3 of 3 are needed: 28 of 40 runs held; broken: "something is decided"
}
