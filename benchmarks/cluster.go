package main

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/scenarios"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/choice"
)

// The cluster that section "a whole cluster" measures: one gate, three datacenters of three workers, one client,
// default constants, one steady job, every invariant on.
const (
	clusterFor  = time.Minute
	clusterRate = 90 // requests a second over all nine workers
)

// steadyJob is the scenario, which tells of its World: it submits one job, takes every push, and waits for the result.
func steadyJob(started func(*sim.World)) *scenarios.Scenario {
	return &scenarios.Scenario{
		ID: "steady", Family: "benchmark", Line: "one steady job on three datacenters of three workers",
		Shape: scenarios.Shape{
			Datacenters: 3, Workers: 3, Clients: 1,
			Script: load.Script{Latency: 20 * time.Millisecond, Tail: 10 * time.Millisecond},
		},
		Body: func(s *scenarios.Stage) {
			started(s.World)
			s.Client(0, func(env core.Env, c *client.Client) {
				if err := runSteadyJob(env, c); err != nil {
					s.Run.Errorf("steady job: %v", err)
				}
			})
		},
	}
}

func runSteadyJob(env core.Env, c *client.Client) error {
	ctx := env.Context()
	job, err := c.Submit(ctx, "steady", protocol.JobSpec{
		Name: "steady",
		Workflows: []protocol.WorkflowSpec{{
			Name: "wf", Engine: "scripted", Cores: 6,
			Plan:   load.Plan{Rate: load.PerSecond(clusterRate), Duration: clusterFor},
			Target: load.Target{Method: "GET", URL: "http://target/", Timeout: 2 * time.Second},
		}},
	})
	if err != nil {
		return err
	}
	session := c.Follow(job)
	if _, err := session.Subscribe("log", client.Callbacks{}); err != nil {
		return err
	}
	result, err := session.Wait(ctx)
	if err != nil {
		return err
	}
	if planned := clusterRate * uint64(clusterFor/time.Second); result.Books.Sum.Applied.OK != planned {
		return fmt.Errorf("%d requests applied, %d planned", result.Books.Sum.Applied.OK, planned)
	}
	return nil
}

// measureCluster plays the job over many seeds on one core's worth of Worlds.
func measureCluster(s settings) ([]figure, error) {
	var virtual time.Duration
	var steps, events, seed uint64
	results, err := takeTurns(s, contestant{name: "cluster", run: func(n int) (time.Duration, error) {
		virtual, steps, events = 0, 0, 0
		began := time.Now()
		for range n {
			var world *sim.World
			seed++
			outcome := check.Execute(check.Settings{Name: "steady", Chooser: choice.NewSeeded(seed)}, func(r *check.Run) {
				steadyJob(func(w *sim.World) { world = w }).Play(r)
			})
			if f := outcome.Failure; f != nil {
				return 0, fmt.Errorf("seed %d: %s: %s", seed, f.Key, f.Message)
			}
			virtual += outcome.Virtual
			steps += outcome.Steps
			events += world.Events()
		}
		virtual, steps, events = virtual/time.Duration(n), steps/uint64(n), events/uint64(n)
		return time.Since(began), nil
	}})
	if err != nil {
		return nil, err
	}
	run := results[0].median()
	ratio := float64(virtual) / run
	return []figure{
		{what: "virtual : real time", value: number(ratio), goal: atLeast(300, ""), got: ratio},
		{what: fmt.Sprintf("a job of %v at %d requests a second", clusterFor, clusterRate),
			value: time.Duration(run).Round(100 * time.Microsecond).String()},
		{what: "a step", value: number(run/float64(steps)/1000) + " µs"},
		{what: "an event of the trace", value: number(run/float64(events)/1000) + " µs"},
		{what: "steps a virtual second", value: number(float64(steps) / virtual.Seconds())},
	}, nil
}
