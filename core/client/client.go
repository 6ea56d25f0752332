package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/retry"
	"github.com/windtunnel/windtunnel/core/rpc"
)

// ErrNotFinished says that the gate no longer knows a job that had not ended: it was restarted, and
// there is no ledger.
var ErrNotFinished = errors.New("the gate no longer knows the job")

// Client is a running client. New gives one that listens; Run serves until the node stops. Every method
// may be called by any task.
type Client struct {
	env      core.Env
	ctx      context.Context
	config   Config
	node     *rpc.Node
	retries  retry.Policy
	counters counters

	mu       sync.Mutex //simvet:allow leaf lock: nothing waits or yields under it
	sessions []*Session
}

// firstRetry is the longest first wait before a call is made again.
const firstRetry = 200 * time.Millisecond

// New opens the client's endpoint.
func New(env core.Env, config Config) (*Client, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	endpoint, err := env.Listen("tcp", config.Listen)
	if err != nil {
		return nil, fmt.Errorf("client: listen on %s: %w", config.Listen, err)
	}
	node, err := rpc.New(env, endpoint, rpc.Config{})
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	c := &Client{env: env, ctx: env.Context(), config: config, node: node, retries: retry.Policy{
		Timeout: config.CallTimeout, First: min(firstRetry, config.RetryMost), Most: config.RetryMost,
	}}
	rpc.HandleInline(node, protocol.MethodPush, c.push)
	return c, nil
}

// Run serves until the node is asked to stop.
func (c *Client) Run() error {
	err := c.node.Serve(c.ctx)
	if c.ctx.Err() == nil {
		return fmt.Errorf("client: %w", err)
	}
	c.env.Log().Info("client stopped", "counters", c.counters.group())
	return nil // it was asked to
}

// Submit has the gate take a job, and asks again under the same key for as long as it is not known
// whether the gate took it. The error is the gate's refusal (rpc.Invalid, rpc.Conflict, rpc.NotFound), or
// what the last try met when Config.SubmitTries or ctx came to their end.
func (c *Client) Submit(ctx context.Context, key string, spec protocol.JobSpec) (protocol.Submitted, error) {
	var submitted protocol.Submitted
	submit := protocol.Submit{Key: key, Spec: spec}
	err := c.retries.Call(ctx, c.env, func(ctx context.Context) (err error) {
		submitted, err = rpc.Call[protocol.Submitted](ctx, c.node, c.config.Gate, core.High,
			protocol.MethodSubmit, &submit)
		return err
	}, func(failed int) bool {
		c.counters.callsFailed.Add(1)
		return failed < c.config.SubmitTries
	})
	if err != nil {
		return submitted, fmt.Errorf("client: submit %q to %s: %w", spec.Name, c.config.Gate, err)
	}
	return submitted, nil
}

// Status asks the gate how a job is. It asks once.
func (c *Client) Status(ctx context.Context, job string) (protocol.JobStatus, error) {
	status, err := call[protocol.JobStatus](ctx, c, protocol.MethodStatus, &protocol.StatusRequest{Job: job})
	if err != nil {
		return status, fmt.Errorf("client: status of %s: %w", job, err)
	}
	return status, nil
}

// Follow opens the session of a submitted job, or returns the one that is open: from then on its pushes
// come in, also over broken connections.
func (c *Client) Follow(job protocol.Submitted) *Session {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.session(job.Job); s != nil {
		return s
	}
	s := newSession(c, job)
	c.sessions = append(c.sessions, s)
	c.env.Note(fact.Followed{Job: job.Job})
	c.env.Go("session/"+job.Job, s.keep)
	return s
}

// session finds a session. Called under the lock.
func (c *Client) session(job string) *Session {
	for _, s := range c.sessions {
		if s.job == job {
			return s
		}
	}
	return nil
}

func (c *Client) closed(s *Session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sessions = slices.DeleteFunc(c.sessions, func(other *Session) bool { return other == s })
}

// push takes pushes in the receiving task. It only queues: what a callback does with them is its own affair.
func (c *Client) push(_ core.Address, in *protocol.PushBatch, r rpc.Responder) {
	c.mu.Lock()
	s := c.session(in.Job)
	c.mu.Unlock()
	if s == nil {
		r.Fail(rpc.Errorf(rpc.NotFound, "job %s is not followed here", in.Job))
		return
	}
	r.Reply(&protocol.PushTaken{Through: s.take(in.Pushes)})
}
