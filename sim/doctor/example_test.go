package doctor_test

import (
	"context"
	"fmt"
	"os"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/doctor"
	"github.com/windtunnel/windtunnel/sim/explore"
)

// In a test there is less to do: see the flag -sim.doctor of package simtest.
func ExampleDiagnose() {
	greet := func(r *check.Run) {
		w := r.World(sim.Config{})
		w.Workload(w.AddNode("n1", func(core.Env) {}), "greets", func(env core.Env) {
			for name := range map[string]bool{"ann": true, "bob": true, "cat": true, "dan": true} {
				env.Go(name, func() {})
			}
		})
		w.Run()
	}
	if request, is, err := explore.TwinRequested(); is && err == nil {
		_ = request.Serve(check.Scenario("greet", greet).Body) // without an answer the one that asked fails
		os.Exit(0)
	}
	diagnosis, err := doctor.Diagnose(context.Background(), doctor.Case{
		Name: "greet", Body: greet, Strategy: explore.Random, Seed: 1,
		Args: []string{"-test.run=^ExampleDiagnose$"},
	})
	fmt.Println(err, diagnosis.Cause, diagnosis.Place)
	// Output: <nil> map order sim/doctor/example_test.go:20
}
