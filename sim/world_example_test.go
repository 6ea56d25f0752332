package sim_test

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/choice"
)

// A day passes at once: time jumps to what is due.
func ExampleWorld_Run() {
	w := sim.NewWorld(sim.Config{Chooser: choice.NewSeeded(1), Stalls: sim.Quiet()})
	clock := w.AddNode("clock", func(core.Env) {})
	w.After(90*time.Minute, "the nemesis", func() { clock.JumpWall(-time.Hour) })
	w.Workload(clock, "strike", func(env core.Env) {
		for range 3 {
			_ = env.Sleep(env.Context(), time.Hour)
			fmt.Println(env.Now().Sub(0), env.Wall().Format(time.TimeOnly))
		}
	})
	fmt.Println("failure:", w.Run())
	// Output:
	// 1h0m0s 01:00:00
	// 2h0m0s 01:00:00
	// 3h0m0s 02:00:00
	// failure: <nil>
}
