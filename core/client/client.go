package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
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
	counters counters

	mu       sync.Mutex //simvet:allow leaf lock: nothing waits or yields under it
	sessions []*Session
}

// counters are the client's named counters.
type counters struct {
	callsFailed, pushesKnown, pushesAhead, pushesDropped, callbackPanics atomic.Uint64
}

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
	c := &Client{env: env, ctx: env.Context(), config: config, node: node}
	rpc.HandleInline(node, protocol.MethodPush, c.push)
	return c, nil
}

// Run serves until the node is asked to stop.
func (c *Client) Run() error {
	err := c.node.Serve(c.ctx)
	if c.ctx.Err() == nil {
		return fmt.Errorf("client: %w", err)
	}
	return nil // it was asked to stop
}

// Submit has the gate take a job, and asks again under the same key for as long as it is not known
// whether the gate took it. The error is the gate's refusal (rpc.Invalid, rpc.Conflict, rpc.NotFound),
// why ctx ended, or what the last of Config.SubmitTries tries met.
func (c *Client) Submit(ctx context.Context, key string, spec protocol.JobSpec) (protocol.Submitted, error) {
	submit := protocol.Submit{Key: key, Spec: spec}
	for failed := 1; ; failed++ {
		submitted, err := call[protocol.Submitted](ctx, c, protocol.MethodSubmit, &submit)
		if err == nil {
			return submitted, nil
		}
		if final(err) || failed == c.config.SubmitTries {
			return submitted, fmt.Errorf("client: submit %q to %s: %w", spec.Name, c.config.Gate, err)
		}
		c.counters.callsFailed.Add(1)
		if ended := c.env.Sleep(ctx, c.backoff(failed)); ended != nil {
			return submitted, fmt.Errorf("client: submit %q to %s: %w; the last of %d tries: %w",
				spec.Name, c.config.Gate, ended, failed, err)
		}
	}
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

// final says that asking again will not help: the gate answered, and not that it was busy.
func final(err error) bool {
	var answer *rpc.RemoteError
	return errors.As(err, &answer) && answer.Code.Definite() && answer.Code != rpc.Busy
}

// backoff is the wait before try number failed + 1: doubling from 100 ms, with full jitter.
func (c *Client) backoff(failed int) time.Duration {
	longest := min(100*time.Millisecond<<min(failed, 16), c.config.RetryMost)
	return time.Duration(c.env.Rand().Int64N(int64(longest) + 1))
}
