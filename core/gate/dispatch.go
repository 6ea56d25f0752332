package gate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/retry"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/core/wire"
)

// errJobEnded says that a job became terminal while something was done for it.
var errJobEnded = errors.New("the job has ended")

// dispatchAll is a job's dispatching task. It asks the datacenters for their splits one after another,
// in one order for all jobs, so that two jobs that each hold cores never wait for each other's. When
// the last has answered, all attempts are opened in one step, so that the datacenters start together.
func (j *job) dispatchAll() {
	for _, s := range j.dispatchOrder() {
		split, err := j.askSplit(s)
		settled := j.settle(func() {
			j.moveTo(protocol.JobDispatching, "")
			if err == nil {
				err = checkSplit(s.spec, split)
			}
			if err != nil {
				j.refuseShare(s, err.Error())
				return
			}
			s.split = split
		})
		if !settled {
			return
		}
	}
	j.settle(j.openAll)
}

// dispatchOrder is by datacenter, then by workflow: the same for every job.
func (j *job) dispatchOrder() []*share {
	var all []*share
	for _, w := range j.workflows {
		all = append(all, w.shares...)
	}
	slices.SortStableFunc(all, func(a, b *share) int { return cmp.Compare(a.datacenter, b.datacenter) })
	return all
}

// askSplit asks a datacenter's manager until it answers, refuses for good, or the tries are used up. A
// datacenter that is not there yet, or has no room yet, is waited for until the job ends.
func (j *job) askSplit(s *share) (*protocol.Split, error) {
	g := j.gate
	for tries := 0; ; {
		if j.over() {
			return nil, errJobEnded
		}
		to, known := g.managerAddress(s.datacenter)
		if !known {
			if err := j.queue("waiting for datacenter " + s.datacenter); err != nil {
				return nil, err
			}
			continue
		}
		asking := func() {
			s.asked = to
			if j.state == protocol.JobSubmitted { // one that is queued is so until a manager has room
				j.moveTo(protocol.JobDispatching, "")
			}
		}
		if !j.settle(asking) {
			return nil, errJobEnded
		}
		split, err := j.callDispatch(to, s)
		switch {
		case err == nil:
			return split, nil
		case errors.Is(err, rpc.Busy):
			if err := j.queue("waiting for room in datacenter " + s.datacenter); err != nil {
				return nil, err
			}
			continue
		case errors.Is(err, rpc.Invalid), errors.Is(err, rpc.Conflict), errors.Is(err, rpc.UnknownMethod):
			return nil, fmt.Errorf("datacenter %s refused: %w", s.datacenter, err)
		}
		g.env.Log().Warn("dispatch failed", "job", j.id, "datacenter", s.datacenter, "error", err)
		g.counters.dispatchesFailed.Add(1)
		if tries++; tries == g.config.DispatchTries {
			return nil, fmt.Errorf("datacenter %s did not answer %d dispatches: %w", s.datacenter, tries, err)
		}
		if err := g.env.Sleep(g.ctx, g.retries.Wait(g.env.Rand(), tries)); err != nil {
			return nil, err
		}
	}
}

func (j *job) callDispatch(to core.Address, s *share) (*protocol.Split, error) {
	g := j.gate
	ctx, cancel := rpc.WithTimeout(g.env, g.ctx, g.config.DispatchTimeout)
	defer cancel()
	split, err := rpc.Call[protocol.Split](ctx, g.node, to, core.Normal, protocol.MethodDispatch,
		&protocol.Dispatch{
			Job:      j.id,
			Token:    j.token,
			GateBoot: g.boot,
			Workflow: s.spec,
			Windows:  j.spec.Windows,
			Deadline: j.deadline().Sub(g.env.Now()),
		})
	return &split, err
}

// queue shows the job as queued and waits a second.
func (j *job) queue(why string) error {
	if !j.settle(func() { j.moveTo(protocol.JobQueued, why) }) {
		return errJobEnded
	}
	return j.gate.env.Sleep(j.gate.ctx, time.Second)
}

// refuseShare gives a share up. Run by the job's task.
func (j *job) refuseShare(s *share, why string) {
	s.refused = why
	j.degraded = append(j.degraded, why)
	j.gate.env.Log().Warn("share not dispatched", "job", j.id, "datacenter", s.datacenter, "why", why)
	j.publish()
}

// openAll opens the first attempt of every shard of every split: from here on entries count. Run by the
// job's task.
func (j *job) openAll() {
	for _, w := range j.workflows {
		for _, s := range w.shares {
			if s.refused == "" {
				j.openShare(w, s)
			}
		}
	}
}

func (j *job) openShare(w *workflowState, s *share) {
	open := protocol.Open{Job: j.id, Token: j.token, GateBoot: j.gate.boot, Workflow: w.spec.Name}
	for _, shard := range s.split.Shards {
		stream := stats.Stream{
			Job: j.id, Datacenter: s.datacenter, Workflow: w.spec.Name, Shard: shard.Shard, Attempt: 1,
		}
		if err := j.books.open(stream, shard, j.now()); err != nil {
			j.refuseShare(s, err.Error())
			return
		}
		j.gate.env.Note(fact.Opened{Stream: stream, Worker: shard.Worker, Incarnation: shard.Incarnation})
		s.streams = append(s.streams, stream)
		open.Attempts = append(open.Attempts, protocol.Attempt{
			Shard: shard.Shard, Attempt: 1, Worker: shard.Worker, Incarnation: shard.Incarnation,
		})
	}
	j.moveTo(protocol.JobRunning, "")
	to := s.asked
	j.gate.env.Go("job/"+j.id+"/open/"+s.datacenter+"/"+w.spec.Name, func() {
		j.insist(to, protocol.MethodOpen, &open)
	})
}

// checkSplit refuses a split that is not the share: its shards' arrivals must be the share's, exactly.
func checkSplit(spec protocol.WorkflowSpec, split *protocol.Split) error {
	if len(split.Shards) == 0 || len(split.Shards) > int(spec.Cores) {
		return fmt.Errorf("a split into %d shards, must be 1 to %d", len(split.Shards), spec.Cores)
	}
	total := uint64(0)
	for i, shard := range split.Shards {
		if err := shard.Plan.Validate(); err != nil {
			return fmt.Errorf("shard %d: %w", shard.Shard, err)
		}
		if shard.Shard != uint32(i) {
			return fmt.Errorf("shard %d is numbered %d", i, shard.Shard)
		}
		if err := checkName("worker", shard.Worker); err != nil {
			return fmt.Errorf("shard %d: %w", i, err)
		}
		total += shard.Plan.Arrivals()
	}
	if total != spec.Plan.Arrivals() {
		return fmt.Errorf("a split of %d arrivals, must be %d", total, spec.Plan.Arrivals())
	}
	return nil
}

// insist makes a call until it is answered, in whatever way, or the job is forgotten.
func (j *job) insist(to core.Address, method string, request wire.Message) {
	g := j.gate
	err := g.retries.Call(j.ctx, g.env, func(ctx context.Context) error {
		_, err := rpc.Call[protocol.Taken](ctx, g.node, to, core.High, method, request)
		return err
	}, func(int) bool {
		g.counters.dispatchesFailed.Add(1)
		return j.ctx.Err() == nil
	})
	if retry.Settled(err) {
		g.env.Log().Warn("refused", "method", method, "job", j.id, "by", string(to), "error", err)
	}
}

// settle has the job's task run f and waits until it did. It is false when the job has ended, and f did
// not run.
func (j *job) settle(f func()) (ran bool) {
	for !j.over() {
		done := core.NewLatch(j.gate.env)
		put := j.do(func() {
			if !j.state.Terminal() {
				f()
				ran = true
			}
			done.Open()
		})
		if put {
			return done.Wait(j.gate.ctx, core.Forever) == nil && ran
		}
		// the queue is worked off in a moment
		if j.gate.env.Sleep(j.gate.ctx, j.gate.config.RetryFirst) != nil {
			break
		}
	}
	return false
}

// over says that the job is terminal, for tasks that do not own it.
func (j *job) over() bool { return j.status.Load().State.Terminal() || j.gate.ctx.Err() != nil }
