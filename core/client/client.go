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

var (
	// ErrNotFinished says that the gate does not know, or no longer knows, a job whose end was not learnt: it
	// was restarted, and there is no ledger; if it matches rpc.NotFound, too, there may never have been one.
	ErrNotFinished = errors.New("the gate no longer knows the job")
	// ErrStopped says that the client was asked to stop before the job's end was learnt.
	ErrStopped = errors.New("the client was stopped")
)

// Client is a running client. New gives one that listens; Run serves until the node stops. Every method
// may be called by any task.
type Client struct {
	env      core.Env
	ctx      context.Context // outlives the node's by as long as leaving takes
	stop     context.CancelFunc
	config   Config
	node     *rpc.Node
	retries  retry.Policy
	counters counters
	handed   core.Signal // the leaving task's: a subscription's task has ended

	mu       sync.Mutex //simvet:allow leaf lock: nothing waits or yields under it
	sessions []*Session
	handing  int  // tasks of subscriptions
	leaving  bool // no session is opened any more
}

// firstRetry is the longest first wait before a call is made again.
const firstRetry = 200 * time.Millisecond

// New opens the client's endpoint.
func New(env core.Env, config Config) (*Client, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	if env.Rare("client/short-queue") {
		config.Queue = shortestQueue
	}
	if env.Rare("client/impatient") {
		config.Silence = leastSilence
	}
	endpoint, err := env.Listen("tcp", config.Listen)
	if err != nil {
		return nil, fmt.Errorf("client: listen on %s: %w", config.Listen, err)
	}
	node, err := rpc.New(env, endpoint, rpc.Config{})
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	c := &Client{
		env: env, config: config, node: node, handed: env.NewSignal(),
		retries: retry.Policy{
			Timeout: config.CallTimeout, First: min(firstRetry, config.RetryMost), Most: config.RetryMost,
		},
	}
	c.ctx, c.stop = env.WithCancel(context.Background())
	rpc.HandleInline(node, protocol.MethodPush, c.push)
	return c, nil
}

// Run serves until the node is asked to stop, and what was queued for callbacks is handed over, for
// Config.StopWithin at most.
func (c *Client) Run() error {
	defer c.stop()
	c.env.Go("leave", c.leave)
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

// Cancel asks the gate to end a job, and again for as long as it is not known whether it will. Asking twice
// is asking once. The error is the gate's refusal (rpc.NotFound, rpc.Invalid), or what the last try met when
// Config.SubmitTries or ctx came to their end: then the job may end or go on.
func (c *Client) Cancel(ctx context.Context, job, reason string) (protocol.Cancelling, error) {
	var answer protocol.Cancelling
	cancel := protocol.Cancel{Job: job, Reason: reason}
	err := c.retries.Call(ctx, c.env, func(ctx context.Context) (err error) {
		answer, err = rpc.Call[protocol.Cancelling](ctx, c.node, c.config.Gate, core.Critical,
			protocol.MethodCancel, &cancel)
		return err
	}, func(failed int) bool {
		c.counters.callsFailed.Add(1)
		return failed < c.config.SubmitTries
	})
	if err != nil {
		return answer, fmt.Errorf("client: cancel %s: %w", job, err)
	}
	c.env.Note(fact.CancelAnswered{Job: job, Accepted: answer.Accepted, State: answer.State})
	return answer, nil
}

// Follow opens the session of a submitted job, or returns the one that is open: from then on its pushes
// come in, also over broken connections.
func (c *Client) Follow(job protocol.Submitted) *Session {
	return c.open(&Session{job: job.Job, gateBoot: job.GateBoot})
}

// Attach opens a session of a job that somebody else submitted, or this client before it was restarted; or
// returns the one that is open. Its pushes come in from the one after number after: 0 for all. A job that the
// gate does not know, and a number that it has not come to, end the session.
func (c *Client) Attach(job string, after uint64) *Session {
	return c.open(&Session{job: job, last: after})
}

// open starts a session, unless its job has one.
func (c *Client) open(s *Session) *Session {
	c.mu.Lock()
	defer c.mu.Unlock()
	if open := c.session(s.job); open != nil {
		return open
	}
	s.client, s.books = c, newBooks(c.config.Windows, s.last+1)
	s.bell, s.ended = c.env.NewSignal(), core.NewLatch(c.env)
	if c.leaving {
		s.closed, s.err = true, ErrStopped // nobody else has it yet
		s.ended.Open()
		return s
	}
	c.sessions = append(c.sessions, s)
	c.env.Note(fact.Followed{Job: s.job, After: s.last})
	c.env.Go("session/"+s.job, s.keep)
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
	pushes := in.Pushes
	if len(pushes) > 1 && c.env.Rare("client/takes-one-push") {
		pushes = pushes[:1] // the gate sends the rest again
	}
	r.Reply(&protocol.PushTaken{Through: s.take(pushes)})
}
