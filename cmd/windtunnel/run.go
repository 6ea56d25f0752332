package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/windtunnel/windtunnel/cmd/windtunnel/internal/cluster"
	"github.com/windtunnel/windtunnel/cmd/windtunnel/internal/jobfile"
	"github.com/windtunnel/windtunnel/cmd/windtunnel/internal/outcome"
	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
)

// runCommand submits a job and follows it to its end.
type runCommand struct {
	Job     string        `arg:"" help:"Job file (YAML)."`
	Gate    string        `help:"Address of a gate. Without it a whole cluster runs in this process."`
	Out     string        `help:"Write the result as JSON to this file." placeholder:"FILE"`
	Report  string        `help:"Where a built-in target writes what it received." placeholder:"FILE"`
	Key     string        `help:"Idempotency key: the same key and job twice is one job."`
	Workers int           `help:"Workers in each datacenter of a cluster in this process." default:"2"`
	Connect time.Duration `help:"How long to try to have the gate accept the job." default:"30s"`
	Settle  time.Duration `help:"How long to wait for revisions of an incomplete result." default:"3s"`
	Verbose bool          `short:"v" help:"Show the nodes' logs."`
}

// Help is what --help adds.
func (runCommand) Help() string {
	return `A job file:

    name: quickstart
    target: builtin              # or http://host:port
    datacenters: [dc-a, dc-b]
    deadline: 1m                 # optional, as: result_wait, accept_lost, windows, thresholds
    windows: {size: 250ms, drift_tolerance: 50ms, maximum_age: 5s}
    thresholds: {unwindowed: 1%, not_started: 1%, failed: 100%, send_lag_p99: 100ms}
    workflows:
      - name: steady
        rate: 400/s              # over all datacenters; or 5/m, 1/250ms
        duration: 10s
        cores: 2                 # in each datacenter
        http: {method: GET, url: /, headers: {Accept: text/plain}, body: "", timeout: 2s}`
}

// Run executes the command.
func (r *runCommand) Run(c *console) error {
	job, err := jobfile.Read(r.Job)
	if err != nil {
		return &exit{outcome.Usage, err}
	}
	if err := r.check(job); err != nil {
		return &exit{outcome.Usage, err}
	}
	result, err := r.play(c, job)
	if err != nil {
		return err
	}
	verdicts := outcome.Judge(result, job.Thresholds)
	c.printf("\n%s", outcome.Summary(result, verdicts))
	if r.Out != "" {
		text, err := outcome.JSON(result, verdicts)
		if err == nil {
			err = os.WriteFile(r.Out, text, 0o644)
		}
		if err != nil {
			return &exit{outcome.NotStarted, fmt.Errorf("result: %w", err)}
		}
	}
	if code := outcome.ExitCode(result, verdicts); code != outcome.Held {
		return &exit{code: code}
	}
	return nil
}

func (r *runCommand) check(job *jobfile.Job) error {
	switch {
	case r.Workers < 1 || r.Workers > 100:
		return fmt.Errorf("--workers is %d, must be 1 to 100", r.Workers)
	case r.Connect < time.Millisecond || r.Connect > time.Hour:
		return fmt.Errorf("--connect is %v, must be 1ms to 1h", r.Connect)
	case r.Settle < 0 || r.Settle > time.Hour:
		return fmt.Errorf("--settle is %v, must be 0s to 1h", r.Settle)
	case r.Report != "" && !job.Builtin:
		return errors.New("--report needs a job with target: builtin")
	}
	return nil
}

// play starts what the job needs, runs it and stops all again. The target ends last: what was sent must
// arrive.
func (r *runCommand) play(c *console, job *jobfile.Job) (result *protocol.JobResult, err error) {
	spec := job.Spec
	if job.Builtin {
		target, err := startTarget(c, r.Report)
		if err != nil {
			return nil, &exit{outcome.NotStarted, err}
		}
		defer func() { err = errors.Join(err, target.stop()) }()
		spec = job.WithTarget(target.address)
	}
	log := logger(c, r.Verbose)
	gate := core.Address(r.Gate)
	if r.Gate == "" {
		if len(spec.Datacenters) == 0 {
			spec.Datacenters = []string{"dc-a", "dc-b"}
		}
		local := cluster.Local{
			GateListen: "127.0.0.1:0", Datacenters: spec.Datacenters, Workers: r.Workers,
			Cores: coresOf(spec, r.Workers), Log: log,
		}
		group, address, err := local.Start()
		if err != nil {
			return nil, &exit{outcome.NotStarted, err}
		}
		defer func() { _ = group.Stop() }() // the result is in; what a node loses now is nobody's
		gate = address
	}
	config := client.DefaultConfig()
	config.Gate = gate
	var submitter *client.Client
	name := fmt.Sprintf("client-%d", os.Getpid())
	node, err := cluster.Start(name, "client", log, func(env core.Env) (cluster.Role, error) {
		submitter, err = client.New(env, config)
		return submitter, err
	})
	if err != nil {
		return nil, &exit{outcome.NotStarted, err}
	}
	defer func() { _ = node.Stop() }() // as above
	return r.follow(c, submitter, spec)
}

// coresOf is how many cores each of a datacenter's workers must offer, so that all workflows fit at once.
func coresOf(spec protocol.JobSpec, workers int) uint32 {
	sum := uint32(0)
	for _, w := range spec.Workflows {
		sum += w.Cores
	}
	return (sum + uint32(workers) - 1) / uint32(workers)
}

// follow submits the job and shows it until its result is in.
func (r *runCommand) follow(c *console, submitter *client.Client, spec protocol.JobSpec) (
	*protocol.JobResult, error,
) {
	key := r.Key
	if key == "" {
		key = fmt.Sprintf("%s-%d-%d", spec.Name, os.Getpid(), time.Now().UnixNano())
	}
	ctx, cancel := context.WithTimeout(c.ctx, r.Connect)
	defer cancel()
	submitted, err := submitter.Submit(ctx, key, spec)
	switch {
	case errors.Is(err, rpc.Invalid), errors.Is(err, rpc.Conflict):
		return nil, &exit{outcome.Usage, err}
	case c.ctx.Err() != nil:
		return nil, &exit{outcome.Cancelled, errors.New("cancelled before the job was accepted")}
	case err != nil:
		return nil, &exit{outcome.NotStarted, err}
	}
	session := submitter.Follow(submitted)
	view := newProgress(c)
	if _, err := session.Subscribe("progress", view.callbacks()); err != nil {
		return nil, &exit{outcome.NotStarted, err}
	}
	result, err := session.Wait(c.ctx)
	switch {
	case c.ctx.Err() != nil:
		err := fmt.Errorf("cancelled; job %s was not followed to its end", submitted.Job)
		return nil, &exit{outcome.Cancelled, err}
	case errors.Is(err, client.ErrNotFinished):
		return nil, &exit{outcome.Incomplete, fmt.Errorf("job %s not finished: %w", submitted.Job, err)}
	case err != nil:
		return nil, &exit{outcome.NotStarted, err}
	}
	return r.settle(c, session, view, result), nil
}

// settle waits a little for revisions of a result whose books do not balance.
func (r *runCommand) settle(
	c *console, s *client.Session, view *progress, result protocol.JobResult,
) *protocol.JobResult {
	ctx, cancel := context.WithTimeout(c.ctx, r.Settle)
	defer cancel()
	for result.Books.Incomplete(result.State == protocol.JobPartial) {
		select {
		case <-ctx.Done():
			return &result
		case <-view.revised:
			result, _ = s.Wait(ctx) // there is one: it returns the newest at once
		}
	}
	return &result
}
