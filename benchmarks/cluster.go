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
	"github.com/windtunnel/windtunnel/sim/explore"
)

// The cluster that section "a whole cluster" measures: one gate, three datacenters of three workers, one
// client, default constants, one steady job, every invariant on.
const (
	clusterFor  = time.Minute
	clusterRate = 90 // requests a second over all nine workers
)

// steady is one job over three datacenters.
type steady struct {
	workers  int // of each datacenter, two cores each, which the job has all
	rate     uint64
	duration time.Duration
}

// scenario tells of its World: it submits the job, takes every push, and waits for the result.
func (j steady) scenario(started func(*sim.World)) *scenarios.Scenario {
	return &scenarios.Scenario{
		ID: "steady", Family: "benchmark", Line: "one steady job on three datacenters", Usual: true,
		Shape: scenarios.Shape{
			Datacenters: 3, Workers: j.workers, Clients: 1,
			Script: load.Script{Latency: 20 * time.Millisecond, Tail: 10 * time.Millisecond},
		},
		Body: func(s *scenarios.Stage) {
			started(s.World)
			s.Client(0, func(env core.Env, c *client.Client) {
				if err := j.run(env, c); err != nil {
					s.Run.Errorf("steady job: %v", err)
				}
			})
		},
	}
}

func (j steady) run(env core.Env, c *client.Client) error {
	ctx := env.Context()
	job, err := c.Submit(ctx, "steady", protocol.JobSpec{
		Name: "steady",
		Workflows: []protocol.WorkflowSpec{{
			Name: "wf", Engine: "scripted", Cores: uint32(2 * j.workers),
			Plan:   load.Plan{Rate: load.PerSecond(j.rate), Duration: j.duration},
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
	if planned := j.rate * uint64(j.duration/time.Second); result.Books.Sum.Applied.OK != planned {
		return fmt.Errorf("%d requests applied, %d planned", result.Books.Sum.Applied.OK, planned)
	}
	return nil
}

// measureCluster plays the job over many seeds, one World at a time.
func measureCluster(s settings) ([]figure, error) {
	quiet := &clusterRun{job: steady{workers: 3, rate: clusterRate, duration: clusterFor}}
	busy := &clusterRun{job: steady{workers: 3, rate: 10 * clusterRate, duration: clusterFor}}
	results, err := takeTurns(s,
		contestant{name: "steady job", run: quiet.play}, contestant{name: "busy job", run: busy.play})
	if err != nil {
		return nil, err
	}
	run := results[0].median()
	ratio := float64(quiet.virtual) / run
	return []figure{
		{
			what: fmt.Sprintf("virtual : real time, a job of %v at %d requests a second",
				clusterFor, quiet.job.rate),
			value: number(ratio), goal: atLeast(300, ""), got: ratio,
		},
		{what: "a step", value: number(run/float64(quiet.steps)/1000) + " µs"},
		{what: "an event of the trace", value: number(run/float64(quiet.events)/1000) + " µs"},
		{what: "steps a virtual second", value: number(float64(quiet.steps) / quiet.virtual.Seconds())},
		{
			what:  fmt.Sprintf("virtual : real time at %d requests a second", busy.job.rate),
			value: number(float64(busy.virtual) / results[1].median()),
		},
	}, nil
}

// clusterRun plays a job, and keeps what a run came to on average.
type clusterRun struct {
	job           steady
	seed          uint64
	virtual       time.Duration
	steps, events uint64
}

func (c *clusterRun) play(n int) (time.Duration, error) {
	c.virtual, c.steps, c.events = 0, 0, 0
	began := time.Now()
	for range n {
		var world *sim.World
		c.seed++
		outcome, err := c.job.play(c.seed, func(w *sim.World) { world = w })
		if err != nil {
			return 0, err
		}
		c.virtual += outcome.Virtual
		c.steps += outcome.Steps
		c.events += world.Events()
	}
	c.virtual, c.steps, c.events = c.virtual/time.Duration(n), c.steps/uint64(n), c.events/uint64(n)
	return time.Since(began), nil
}

// play plays one World.
func (j steady) play(seed uint64, started func(*sim.World)) (explore.Outcome, error) {
	settings := check.Settings{Name: "steady", Chooser: choice.NewSeeded(seed)}
	outcome := check.Execute(settings, j.scenario(started).Play)
	if f := outcome.Failure; f != nil {
		return outcome, fmt.Errorf("seed %d: %s: %s", seed, f.Key, f.Message)
	}
	return outcome, nil
}
