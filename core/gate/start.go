package gate

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/stats"
)

// errJobEnded says that a job became terminal, or was cancelled, while something was done for it.
var errJobEnded = errors.New("the job has ended")

// dispatch is the task that starts one workflow. When it has its turn it asks the datacenters for their
// splits one after another, in one order for all jobs, so that two starts that each hold cores never wait
// for each other's. When the last has answered, all attempts are opened in one step, so that the
// datacenters start together.
func (j *job) dispatch(w *workflowState, s *start) {
	defer j.gate.change(func(q *queue) { q.remove(s) })
	for _, x := range inOrder(w.shares) {
		for split := (*protocol.Split)(nil); split == nil && x.refused == ""; {
			answer, err := j.askSplit(w, s, x)
			if !j.settle(func() { split = j.takeSplit(x, answer, err) }) {
				return
			}
		}
	}
	j.settle(func() { j.openAll(w) })
}

// takeSplit records a datacenter's split, or that there will be none. It is nil when the manager that
// answered was replaced since: its successor knows nothing of it, and has to be asked. Run by the job's
// task.
func (j *job) takeSplit(x *share, split *protocol.Split, err error) *protocol.Split {
	if err == nil && j.gate.managerOf(x.datacenter) != x.manager {
		return nil
	}
	if err == nil {
		err = checkSplit(x.spec, split)
	}
	if err != nil {
		j.refuseShare(x, err.Error())
		return nil
	}
	x.split = split
	return split
}

// inOrder is by datacenter: the same for every start.
func inOrder(shares []*share) []*share {
	sorted := slices.Clone(shares)
	slices.SortStableFunc(sorted, func(a, b *share) int {
		return strings.Compare(a.datacenter, b.datacenter)
	})
	return sorted
}

// askSplit asks a datacenter's manager until it answers or refuses for good, or tries are used up. One
// that is not there yet, or has no room yet, is waited for until the job ends.
func (j *job) askSplit(w *workflowState, s *start, x *share) (*protocol.Split, error) {
	g := j.gate
	for tries := 0; ; {
		if !j.awaitTurn(w, s) {
			return nil, errJobEnded
		}
		if !j.settle(func() { j.ask(w, x) }) {
			return nil, errJobEnded
		}
		split, err := j.callDispatch(x)
		switch {
		case err == nil:
			g.change(func(*queue) { s.firm, s.busy = true, false })
			return split, nil
		case errors.Is(err, rpc.Busy):
			g.change(func(*queue) { s.busy = true })
			if !j.settle(func() { j.showQueued(w, 1, "waiting for room in datacenter "+x.datacenter) }) {
				return nil, errJobEnded
			}
			_ = s.bell.Wait(j.ctx, askAgain)
			continue
		case errors.Is(err, rpc.Invalid), errors.Is(err, rpc.Conflict), errors.Is(err, rpc.UnknownMethod):
			return nil, fmt.Errorf("datacenter %s refused: %w", x.datacenter, err)
		}
		g.env.Log().Warn("dispatch failed", "job", j.id, "datacenter", x.datacenter, "error", err)
		g.counters.dispatchesFailed.Add(1)
		if tries++; tries == g.config.DispatchTries {
			return nil, fmt.Errorf("datacenter %s did not answer %d dispatches: %w", x.datacenter, tries, err)
		}
		if err := g.env.Sleep(j.ctx, g.retries.Wait(g.env.Rand(), tries)); err != nil {
			return nil, err
		}
	}
}

// ask notes that a datacenter is asked for a share, and whom. Run by the job's task.
func (j *job) ask(w *workflowState, x *share) {
	x.asked, x.manager = true, j.gate.managerOf(x.datacenter)
	j.moveWorkflow(w, protocol.WorkflowDispatched, "")
	if j.state == protocol.JobSubmitted { // one that is queued is so until a manager has room
		j.moveTo(protocol.JobDispatching, "")
	}
}

func (j *job) callDispatch(x *share) (*protocol.Split, error) {
	g := j.gate
	to, known := g.managerAddress(x.datacenter)
	if !known {
		return nil, errNoManager
	}
	ctx, cancel := rpc.WithTimeout(g.env, j.ctx, g.config.DispatchTimeout)
	defer cancel()
	split, err := rpc.Call[protocol.Split](ctx, g.node, to, core.Normal, protocol.MethodDispatch,
		&protocol.Dispatch{
			Job:      j.id,
			Token:    j.token,
			GateBoot: g.boot,
			Workflow: x.spec,
			Windows:  j.spec.Windows,
			Deadline: j.left(),
		})
	return &split, err
}

// refuseShare gives a share up. Run by the job's task.
func (j *job) refuseShare(x *share, why string) {
	x.refused = why
	j.degraded = append(j.degraded, why)
	j.gate.env.Log().Warn("share not dispatched", "job", j.id, "datacenter", x.datacenter, "why", why)
	j.publish()
}

// openAll opens the first attempt of every shard of every split: from here on entries count. A split whose
// manager was replaced since is as good: its successor has adopted it. Run by the job's task.
func (j *job) openAll(w *workflowState) {
	for _, x := range w.shares {
		if x.refused == "" {
			j.openShare(w, x)
		}
	}
	w.opened = j.gate.env.Now()
}

func (j *job) openShare(w *workflowState, x *share) {
	open := &protocol.Open{Job: j.id, Token: j.token, GateBoot: j.gate.boot, Workflow: w.spec.Name}
	for _, shard := range x.split.Shards {
		stream := stats.Stream{
			Job: j.id, Datacenter: x.datacenter, Workflow: w.spec.Name, Shard: shard.Shard, Attempt: 1,
		}
		if err := j.books.open(stream, shard, j.now(), 0); err != nil {
			j.refuseShare(x, err.Error())
			return
		}
		j.gate.env.Note(fact.Opened{Stream: stream, Worker: shard.Worker, Incarnation: shard.Incarnation})
		x.streams = append(x.streams, stream)
		open.Attempts = append(open.Attempts, protocol.Attempt{
			Shard: shard.Shard, Attempt: 1, Worker: shard.Worker, Incarnation: shard.Incarnation,
		})
	}
	w.place = 0
	j.moveWorkflow(w, protocol.WorkflowRunning, "")
	if j.state == protocol.JobQueued {
		j.moveTo(protocol.JobDispatching, "")
	}
	j.moveTo(protocol.JobRunning, "")
	j.gate.env.Go("job/"+j.id+"/open/"+x.datacenter+"/"+w.spec.Name, func() {
		j.insist(x.datacenter, protocol.MethodOpen, always(open))
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
