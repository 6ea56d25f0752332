package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"time"

	"github.com/windtunnel/windtunnel/cmd/windtunnel/internal/cluster"
	"github.com/windtunnel/windtunnel/cmd/windtunnel/internal/outcome"
	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
)

// viewFlags are the flags of the commands that show a job until its end.
type viewFlags struct {
	Out    string        `help:"Write the result as JSON to this file." placeholder:"FILE"`
	Settle time.Duration `help:"How long to wait for revisions of an incomplete result." default:"3s"`
}

func (v *viewFlags) check() error {
	if v.Settle < 0 || v.Settle > time.Hour {
		return fmt.Errorf("--settle is %v, must be 0s to 1h", v.Settle)
	}
	return nil
}

// ending is what is known of a job that has ended.
type ending struct {
	result *protocol.JobResult
	status protocol.JobStatus
}

// watch shows a job until its result is in. One that is interrupted before that has the result, or why there
// is none, from interrupted.
func (v *viewFlags) watch(c *console, s *client.Session, interrupted func() (protocol.JobResult, error)) (
	end ending, err error,
) {
	view := newProgress(c)
	if _, err := s.Subscribe("progress", view.callbacks()); err != nil {
		return end, &exit{outcome.NotStarted, err}
	}
	result, err := s.Wait(c.ctx)
	if err != nil && c.ctx.Err() != nil {
		result, err = interrupted()
	}
	var told *exit
	switch {
	case errors.As(err, &told):
		return end, err
	case errors.Is(err, rpc.NotFound) && s.Books().Pushes == 0, errors.Is(err, rpc.Invalid):
		return end, &exit{outcome.Usage, err}
	case errors.Is(err, client.ErrNotFinished):
		return end, &exit{outcome.Incomplete, fmt.Errorf("job %s not finished: %w", s.Job(), err)}
	case err != nil:
		return end, &exit{outcome.NotStarted, err}
	}
	end.result = v.settled(c, s, view, result)
	books := s.Books()
	end.status = books.Status
	return end, nil
}

// settled waits a little for revisions of a result whose books do not balance.
func (v *viewFlags) settled(
	c *console, s *client.Session, view *progress, result protocol.JobResult,
) *protocol.JobResult {
	patience := c.ctx
	if patience.Err() != nil {
		patience = c.again
	}
	ctx, cancel := context.WithTimeout(patience, v.Settle)
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

// tell shows the result, writes it, and ends with its exit code.
func (v *viewFlags) tell(c *console, end ending, verdicts []outcome.Verdict) error {
	c.printf("\n%s", outcome.Summary(end.result, end.status, verdicts))
	if v.Out != "" {
		text, err := outcome.JSON(end.result, end.status, verdicts)
		if err == nil {
			err = os.WriteFile(v.Out, text, 0o644)
		}
		if err != nil {
			return &exit{outcome.NotStarted, fmt.Errorf("result: %w", err)}
		}
	}
	if code := outcome.ExitCode(end.result, verdicts); code != outcome.Held {
		return &exit{code: code}
	}
	return nil
}

// startClient starts a client of a gate. stop ends it, after what is queued has been shown.
func startClient(c *console, gate core.Address, log *slog.Logger) (
	at *client.Client, stop func(), err error,
) {
	config := client.DefaultConfig()
	config.Gate, config.StopWithin = gate, closing/2
	// Clients on several machines may follow one job, and its gate tells them apart by their names.
	name := fmt.Sprintf("client-%d-%08x", os.Getpid(), rand.Uint32())
	node, err := cluster.Start(name, "client", log, func(env core.Env) (cluster.Role, error) {
		at, err = client.New(env, config)
		return at, err
	})
	if err != nil {
		return nil, nil, &exit{outcome.NotStarted, err}
	}
	return at, func() { stopSoon(node.Stop) }, nil
}

// stopSoon stops what nobody needs any more.
func stopSoon(stop func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	_ = stop(ctx)
}
