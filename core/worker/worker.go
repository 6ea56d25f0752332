package worker

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/core/leaving"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/retry"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/stats"
)

// ErrDisplaced says that a worker ended because its manager knows a later process by its name.
var ErrDisplaced = errors.New("another worker of the name has registered")

// Worker is a running worker. New gives one that listens; Run serves until the node is asked to stop, and
// then until the load that it runs is finished or handed over.
type Worker struct {
	env         core.Env
	ctx         context.Context // of all its tasks: it outlives the node's, so that leaving takes its time
	stays       context.Context // ends when it is to leave
	end         context.CancelFunc
	config      Config
	node        *rpc.Node
	incarnation uint64
	retries     retry.Policy
	answered    atomic.Int64 // core.Instant at which the last answered heartbeat was sent
	lapses      atomic.Int64 // how often it was cut off: an attempt from before the last time is over
	goes        atomic.Bool  // it is leaving, for heartbeats to say
	beat        core.Signal  // the heartbeat task's: there is something to say at once
	counters    counters

	bell     core.Signal
	commands *core.Mailbox[func()]
	reports  *core.Mailbox[outgoing] // to the reporting task, which rings its own bell

	// What follows is the streams task's alone.
	attempts []*attempt // in the order of their acceptance
	stopped  tombstones // jobs that were ended, and attempts that were forgotten
	leaving  leaving.Progress
	ousted   bool // its name is another's
	level    backpressure.Level
	flushed  core.Instant // when the last periodic report was made
	partial  bool         // and it was full: what had no room goes in the next
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
	if env.Rare("worker/short-command-queue") {
		config.Commands = fewestCommands
	}
	if env.Rare("worker/few-entries-kept") {
		config.Buffer = fewestEntries
	}
	if env.Rare("worker/no-drain") {
		config.Drain = 0
	}
	if env.Rare("worker/short-stop") {
		config.StopWithin = min(shortStop, config.StopWithin)
	}
	if env.Rare("worker/early-resend") {
		config.Resend = soonestResend
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
	ctx, end := env.WithCancel(context.Background())
	stays, leave := env.WithCancel(env.Context())
	w := &Worker{
		env:   env,
		ctx:   ctx,
		stays: stays,
		end: func() {
			end()
			leave()
		},
		config:      config,
		node:        node,
		incarnation: env.Rand().Uint64() | 1,
		beat:        env.NewSignal(),
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
	rpc.HandleInline(node, protocol.MethodAttemptExtend, w.takeExtend)
	rpc.HandleInline(node, protocol.MethodWorkerMarks, w.takeMarks)
	return w, nil
}

// Run serves until the node is asked to stop and nothing is left to hand over, or another process has the
// worker's name: ErrDisplaced.
func (w *Worker) Run() error {
	defer w.end()
	w.env.Go("heartbeat", w.heartbeatLoop)
	w.env.Go("streams", w.streamsLoop)
	w.env.Go("report", w.reportLoop)
	w.env.Go("leave", w.awaitLeave)
	err := w.node.Serve(w.ctx)
	if w.ctx.Err() == nil {
		return fmt.Errorf("worker: %w", err)
	}
	w.env.Log().Info("worker stopped", "counters", w.counters.group())
	if w.ousted {
		return fmt.Errorf("worker %s: %w", w.config.Name, ErrDisplaced)
	}
	return nil // it was asked to
}

// ask has the streams task run f, which answers r; a worker whose queue is full answers busy.
func (w *Worker) ask(r rpc.Responder, f func()) {
	if !w.do(f) {
		r.Fail(rpc.Errorf(rpc.Busy, "worker %s: %d commands wait", w.config.Name, w.commands.Bound()))
	}
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
		w.handOver()
		w.expire(now)
		w.report(now)
		w.leave(now)
		_ = w.bell.Wait(w.ctx, w.untilWork(now)) // the loop looks again, whyever it woke
	}
}

// untilWork is how long nothing but a bell needs the streams task: until the next window is over, or the next
// entries are due again, or an attempt is too old to be kept.
func (w *Worker) untilWork(now core.Instant) time.Duration {
	until := w.leaving.UntilNext(now)
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
