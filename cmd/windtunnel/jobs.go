package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/cmd/windtunnel/internal/outcome"
	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
)

// jobFlags name a job that a gate has.
type jobFlags struct {
	Job  string `arg:"" help:"The job's id."`
	Gate string `help:"The gate's address." default:"127.0.0.1:7400"`
}

// answerWithin is how long a gate may take to answer a question.
const answerWithin = 10 * time.Second

// ask starts a client for one question to the gate. A job that the gate does not know is bad input.
func (j *jobFlags) ask(c *console, question func(context.Context, *client.Client) error) error {
	at, stop, err := startClient(c, core.Address(j.Gate), logger(c, false))
	if err != nil {
		return err
	}
	defer stop()
	ctx, cancel := context.WithTimeout(c.ctx, answerWithin)
	defer cancel()
	err = question(ctx, at)
	switch {
	case errors.Is(err, rpc.NotFound), errors.Is(err, rpc.Invalid):
		return &exit{outcome.Usage, err}
	case err != nil && c.ctx.Err() != nil:
		return &exit{outcome.Cancelled, err}
	}
	return err
}

// statusCommand shows how a job is.
type statusCommand struct {
	jobFlags
	JSON bool `help:"As JSON."`
}

// Help is what --help adds.
func (statusCommand) Help() string {
	return "Exit codes: 0 told, 2 the gate knows no such job, 3 no answer."
}

// Run executes the command.
func (s *statusCommand) Run(c *console) error {
	return s.ask(c, func(ctx context.Context, at *client.Client) error {
		status, err := at.Status(ctx, s.Job)
		if err != nil {
			return err
		}
		if !s.JSON {
			c.printf("%s", outcome.Status(status))
			return nil
		}
		text, err := json.MarshalIndent(outcome.StatusDocument(status), "", "  ")
		c.printf("%s\n", text)
		return err
	})
}

// cancelCommand ends a job.
type cancelCommand struct {
	jobFlags
	Reason string `help:"Why, for the result; at most 1,024 bytes." placeholder:"TEXT"`
}

// Help is what --help adds.
func (cancelCommand) Help() string {
	return "Exit codes: 0 it ends CANCELLED, 1 it had ended otherwise, 2 the gate knows no such job, " +
		"3 no answer."
}

// Run executes the command.
func (k *cancelCommand) Run(c *console) error {
	return k.ask(c, func(ctx context.Context, at *client.Client) error {
		answer, err := at.Cancel(ctx, k.Job, k.Reason)
		switch {
		case err != nil:
			return err
		case !answer.Accepted:
			return &exit{outcome.Failed, fmt.Errorf("job %s had ended %s", k.Job, answer.State)}
		}
		c.printf("job %s was %s and ends %s\n", k.Job, answer.State, protocol.JobCancelled)
		return nil
	})
}

// followCommand shows a job that was submitted before.
type followCommand struct {
	jobFlags
	After uint64 `help:"Start after this push; 0 for all that the gate has."`
	viewFlags
}

// Help is what --help adds.
func (followCommand) Help() string {
	return "An interrupt ends the view; the job goes on. Exit codes as of run, without thresholds: " +
		"those are the job file's. 2 when the gate knows no such job, or has not come to such a push."
}

// Run executes the command.
func (f *followCommand) Run(c *console) error {
	if err := f.check(); err != nil {
		return &exit{outcome.Usage, err}
	}
	end, err := f.follow(c)
	if err != nil {
		return err
	}
	return f.tell(c, end, nil)
}

func (f *followCommand) follow(c *console) (end ending, err error) {
	at, stop, err := startClient(c, core.Address(f.Gate), logger(c, false))
	if err != nil {
		return end, err
	}
	defer stop()
	return f.watch(c, at.Attach(f.Job, f.After), func() (protocol.JobResult, error) {
		return protocol.JobResult{}, &exit{outcome.Cancelled, fmt.Errorf("job %s goes on", f.Job)}
	})
}
