package worker

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/retry"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/stats"
)

// Worker is a running worker. New gives one that listens; Run serves until the node stops.
type Worker struct {
	env         core.Env
	ctx         context.Context
	config      Config
	node        *rpc.Node
	incarnation uint64
	retries     retry.Policy
	answered    atomic.Int64 // core.Instant at which the last answered heartbeat was sent
	counters    counters

	bell     core.Signal
	commands *core.Mailbox[func()]
	reports  *core.Mailbox[outgoing] // to the reporting task, which rings its own bell

	// What follows is the streams task's alone.
	attempts []*attempt // in the order of their acceptance
	stopped  tombstones // jobs that were ended, and attempts that were forgotten
	level    backpressure.Level
	flushed  core.Instant // when the last periodic report was made
	sending  bool         // a report is with the reporting task
	unsent   int          // reports that failed, one after another
	resume   core.Instant // no report before that: the last one failed
}

// firstRetry is the longest first wait before a call is made again.
const firstRetry = 200 * time.Millisecond

// New opens the worker's endpoint and registers what it answers.
func New(env core.Env, config Config) (*Worker, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	endpoint, err := env.Listen("tcp", config.Listen)
	if err != nil {
		return nil, fmt.Errorf("worker: listen on %s: %w", config.Listen, err)
	}
	node, err := rpc.New(env, endpoint, rpc.Config{})
	if err != nil {
		return nil, fmt.Errorf("worker: %w", err)
	}
	bell := env.NewSignal()
	w := &Worker{
		env:         env,
		ctx:         env.Context(),
		config:      config,
		node:        node,
		incarnation: env.Rand().Uint64() | 1,
		bell:        bell,
		commands:    core.NewMailbox[func()](bell, config.Commands),
		reports:     core.NewMailbox[outgoing](env.NewSignal(), 1),
		stopped:     newTombstones(config.Remember),
		retries: retry.Policy{
			Timeout: config.CallTimeout, First: min(firstRetry, config.RetryMost), Most: config.RetryMost,
		},
	}
	rpc.HandleInline(node, protocol.MethodRun, w.takeRun)
	rpc.HandleInline(node, protocol.MethodStop, w.takeStop)
	rpc.HandleInline(node, protocol.MethodWorkerMarks, w.takeMarks)
	return w, nil
}

// Run serves until the node is asked to stop.
func (w *Worker) Run() error {
	w.env.Go("heartbeat", w.heartbeatLoop)
	w.env.Go("streams", w.streamsLoop)
	w.env.Go("report", w.reportLoop)
	err := w.node.Serve(w.ctx)
	if w.ctx.Err() == nil {
		return fmt.Errorf("worker: %w", err)
	}
	w.env.Log().Info("worker stopped", "counters", w.counters.group())
	return nil // it was asked to
}

// do has the streams task run f. It is false, and counted, when too much waits for it already.
func (w *Worker) do(f func()) bool {
	if w.commands.Put(f) {
		return true
	}
	w.counters.commandsRefused.Add(1)
	return false
}

// surely has the streams task run f, as soon as there is room, for tasks that have nothing else to do.
func (w *Worker) surely(f func()) {
	for !w.do(f) {
		if w.env.Sleep(w.ctx, w.config.Heartbeat) != nil {
			return
		}
	}
}

// streamsLoop owns the attempts and their outboxes: commands first, then what time demands.
func (w *Worker) streamsLoop() {
	for w.ctx.Err() == nil {
		if command, ok := w.commands.TryTake(); ok {
			command()
			continue
		}
		now := w.env.Now()
		w.cut(now)
		w.expire(now)
		w.report(now)
		_ = w.bell.Wait(w.ctx, w.untilWork(now)) // the loop looks again, whyever it woke
	}
}

// untilWork is how long nothing but a bell needs the streams task: until the next window is over, or the next
// entries are due again, or an attempt is too old to be kept.
func (w *Worker) untilWork(now core.Instant) time.Duration {
	until := core.Forever
	for _, a := range w.attempts {
		if !a.over {
			until = min(until, a.untilCut(now)) // what is due again goes then, too
			continue
		}
		until = min(until, a.ended.Add(w.config.Retention).Sub(now)+1)
		if at, ok := a.outbox.ResendAt(); ok && !w.sending {
			until = min(until, at-time.Duration(now))
		}
	}
	if left := w.resume.Sub(now); left > 0 {
		until = min(until, left)
	}
	return max(until, time.Millisecond)
}

// find returns the attempt of a stream.
func (w *Worker) find(stream stats.Stream) *attempt {
	for _, a := range w.attempts {
		if a.run.Stream == stream {
			return a
		}
	}
	return nil
}
