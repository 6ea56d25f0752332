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
	Report  string        `help:"Where a built-in target writes what it received." placeholder:"FILE"`
	Key     string        `help:"Idempotency key: the same key and job twice is one job."`
	Workers int           `help:"Workers in each datacenter of a cluster in this process." default:"2"`
	Connect time.Duration `help:"How long to try to have the gate accept the job." default:"30s"`
	Verbose bool          `short:"v" help:"Show the nodes' logs."`
	viewFlags
}

// Help is what --help adds.
func (runCommand) Help() string {
	return `A job file:

    name: quickstart
    target: builtin              # or http://host:port
    datacenters: [dc-a, dc-b]
    deadline: 1m                 # optional, as are all until workflows
    result_wait: 30s             # for other datacenters, once one has ended
    lost_workers: redispatch     # or degrade, fail: what becomes of a lost worker's load
    accept_lost: false           # load whose end is not known is no reason for exit code 4
    priority: 0                  # to 9; the higher one starts first
    share_target: false          # shoot at the target together with other jobs that say so
    extensions: 0                # to 5: so often a deadline that comes amid progress is put off,
    extension: 30s               # by this, then by half as much each
    stuck: 3m                    # without progress that is due, a workflow is given up
    windows: {size: 250ms, drift_tolerance: 50ms, maximum_age: 5s}
    thresholds: {unwindowed: 1%, not_started: 1%, failed: 100%, send_lag_p99: 100ms}
    workflows:
      - name: login
        rate: 1/s
        duration: 1s
        http: {method: POST, url: /login}
        provide:                 # by the first good answer that has it
          token: {json: /user/token}
          session: {header: X-Session}
      - name: steady
        after: [login]           # starts when these have completed everywhere
        rate: 400/s              # over all datacenters; or 5/m, 1/250ms
        duration: 10s
        cores: 2                 # in each datacenter
        http: {method: GET, url: /, headers: {X-Token: "${login.token}"}, body: "", timeout: 2s}

The first interrupt cancels the job and waits for its result, the second one gives up.`
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
	end, err := r.play(c, job)
	if err != nil {
		return err
	}
	return r.tell(c, end, outcome.Judge(end.result, job.Thresholds))
}

func (r *runCommand) check(job *jobfile.Job) error {
	switch {
	case r.Workers < 1 || r.Workers > 100:
		return fmt.Errorf("--workers is %d, must be 1 to 100", r.Workers)
	case r.Connect < time.Millisecond || r.Connect > time.Hour:
		return fmt.Errorf("--connect is %v, must be 1ms to 1h", r.Connect)
	case r.Report != "" && !job.Builtin:
		return errors.New("--report needs a job with target: builtin")
	}
	return r.viewFlags.check()
}

// play starts what the job needs, runs it and stops all again. The target ends last: what was sent must
// arrive.
func (r *runCommand) play(c *console, job *jobfile.Job) (end ending, err error) {
	spec := job.Spec
	if job.Builtin {
		target, err := startTarget(c, r.Report)
		if err != nil {
			return end, &exit{outcome.NotStarted, err}
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
			return end, &exit{outcome.NotStarted, err}
		}
		defer stopSoon(group.Stop) // the result is in; what a node loses now is nobody's
		gate = address
	}
	submitter, stop, err := startClient(c, gate, log)
	if err != nil {
		return end, err
	}
	defer stop()
	session, err := r.submit(c, submitter, spec)
	if err != nil {
		return end, err
	}
	return r.watch(c, session, func() (protocol.JobResult, error) { return cancelled(c, submitter, session) })
}

// coresOf is how many cores each of a datacenter's workers must offer, so that all workflows fit at once.
func coresOf(spec protocol.JobSpec, workers int) uint32 {
	sum := uint32(0)
	for _, w := range spec.Workflows {
		sum += w.Cores
	}
	return (sum + uint32(workers) - 1) / uint32(workers)
}

// submit has the gate take the job.
func (r *runCommand) submit(c *console, submitter *client.Client, spec protocol.JobSpec) (
	*client.Session, error,
) {
	key := r.Key
	if key == "" {
		key = fmt.Sprintf("%s-%d-%d", spec.Name, os.Getpid(), time.Now().UnixNano())
	}
	ctx, cancel := context.WithTimeout(c.ctx, r.Connect)
	defer cancel()
	submitted, err := submitter.Submit(ctx, key, spec)
	switch {
	case err == nil:
		return submitter.Follow(submitted), nil
	case errors.Is(err, rpc.Invalid), errors.Is(err, rpc.Conflict):
		return nil, &exit{outcome.Usage, err}
	case c.ctx.Err() != nil:
		return nil, &exit{outcome.Cancelled, fmt.Errorf(
			"cancelled before the gate answered; if it took the job, `run --key %s` finds it", key)}
	}
	return nil, &exit{outcome.NotStarted, err}
}

// cancelWithin bounds the wait for the result of a job that is being cancelled: a gate waits a while for what
// was measured.
const cancelWithin = 30 * time.Second

// cancelled ends the job of an interrupted run, and waits for its result.
func cancelled(c *console, submitter *client.Client, s *client.Session) (protocol.JobResult, error) {
	job := s.Job()
	c.printf("interrupted: job %s is being cancelled, its result waited for, for %v at most; "+
		"interrupt again to give up\n", job, cancelWithin)
	ctx, cancel := context.WithTimeout(c.again, cancelWithin)
	defer cancel()
	answer, err := submitter.Cancel(ctx, job, "interrupted")
	if err != nil {
		return protocol.JobResult{}, &exit{outcome.Cancelled, fmt.Errorf(
			"cancelled, but whether job %s ends before its deadline is not known: %w", job, err)}
	}
	if !answer.Accepted {
		c.printf("job %s had ended %s before\n", job, answer.State)
	}
	result, err := s.Wait(ctx)
	if ctx.Err() != nil && err != nil {
		err = &exit{outcome.Cancelled, fmt.Errorf("cancelled; the result of job %s was not waited for", job)}
	}
	return result, err
}
