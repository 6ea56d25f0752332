package gate

import (
	"slices"

	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/stats"
)

// takeResult takes a datacenter's statement. Run by the job's task: nothing can come between what it
// decides and the aggregate that the next step may make of it.
func (j *job) takeResult(in protocol.Result) error {
	_, s := j.shareOf(in.Workflow, in.Datacenter)
	if s == nil {
		return rpc.Errorf(rpc.NotFound, "job %s has no workflow %q in datacenter %q", j.id, in.Workflow,
			in.Datacenter)
	}
	before := s.statement
	after, verdict, held := before.take(in, j.token)
	j.gate.env.Note(fact.ResultIn{
		Job: j.id, Workflow: in.Workflow, Datacenter: in.Datacenter,
		Token: in.Token, Incarnation: in.Incarnation, Count: in.Count, Send: in.Send,
		Digest: digestOf(in), Verdict: string(verdict),
	})
	log := j.gate.env.Log().With("job", j.id, "workflow", in.Workflow, "datacenter", in.Datacenter)
	switch verdict {
	case verdictDuplicate, verdictNetwork:
		j.counts.duplicates++
		j.gate.counters.resultsDuplicate.Add(1)
	case verdictConflict:
		j.counts.conflicts++
		j.gate.counters.resultsConflict.Add(1)
		log.Error("conflicting results", "one", describe(before.result), "other", describe(in),
			"newcomer holds", held)
	case verdictStale:
		j.gate.counters.resultsStale.Add(1)
		log.Warn("result under a stale token", "token", in.Token)
		return rpc.Errorf(rpc.NotOwner, "token %d is stale, job %s has %d", in.Token, j.id, j.token)
	case verdictNew, verdictChanged, verdictSuperseded:
	}
	s.statement = after
	if j.state.Terminal() && held {
		log.Warn("result after the end", "state", in.State.String())
	}
	return nil
}

func (j *job) shareOf(workflow, datacenter string) (*workflowState, *share) {
	for _, w := range j.workflows {
		if w.spec.Name != workflow {
			continue
		}
		for _, s := range w.shares {
			if s.datacenter == datacenter {
				return w, s
			}
		}
	}
	return nil, nil
}

// refreshWhole finds the shares that have become whole: their result is in, and every attempt that was
// opened for them is applied to its final entry or closed.
func (j *job) refreshWhole() {
	j.books.lock.Lock()
	defer j.books.lock.Unlock()
	for _, w := range j.workflows {
		for _, s := range w.shares {
			if s.whole || s.refused != "" || !s.current() {
				continue
			}
			s.whole = allSettled(j.books.collector, s.streams)
			if s.whole && !w.waiting {
				w.waiting, w.firstIn = true, j.gate.env.Now()
			}
		}
	}
}

func allSettled(c *stats.Collector, streams []stats.Stream) bool {
	for _, stream := range streams {
		if account, ok := c.Account(stream); !ok || !account.Final && !account.Closed {
			return false
		}
	}
	return true
}

// decide aggregates the workflows whose time has come and ends the job with the last of them. It is one step:
// between reading the results and having decided, no other result can arrive.
func (j *job) decide() (changed bool) {
	j.refreshWhole()
	if j.ending != nil {
		changed = j.decideEnding()
	} else {
		changed = j.decideWorkflows()
	}
	decided, waiting := 0, 0
	for _, w := range j.workflows {
		switch {
		case w.decided:
			decided++
		case w.waiting:
			waiting++
		}
	}
	if decided == len(j.workflows) {
		j.end()
		return true
	}
	if waiting > 0 && decided+waiting == len(j.workflows) && j.state == protocol.JobRunning {
		j.moveTo(protocol.JobCompleting, "")
		changed = true
	}
	return changed
}

// decideWorkflows decides those whose results are all in, and those whose time is up.
func (j *job) decideWorkflows() (changed bool) {
	now := j.gate.env.Now()
	for _, w := range j.workflows {
		if w.decided {
			continue
		}
		stuck := j.stuck(w)
		over := stuck || now >= w.giveUp(j)
		end, decided := verdictOn(w.standing(), over)
		if !decided {
			continue
		}
		w.late = over
		why := ""
		if stuck {
			why = "stuck: no progress for " + j.spec.Stuck.String()
		}
		j.conclude(w, end, why)
		changed = true
	}
	return changed
}

func (w *workflowState) standing() []progress {
	out := make([]progress, len(w.shares))
	for i, s := range w.shares {
		out[i] = progress{refused: s.refused != "", whole: s.whole, end: s.statement.result.State}
	}
	return out
}

// aggregate makes the workflow's next aggregate from the shares that are whole, and logs its push.
func (j *job) aggregate(w *workflowState) {
	w.revision++
	var included []string
	for _, s := range w.shares {
		if s.whole {
			s.included = true
			included = append(included, s.datacenter)
		}
	}
	j.gate.env.Note(fact.Aggregated{
		Job: j.id, Workflow: w.spec.Name, Revision: w.revision, Datacenters: included,
	})
	j.books.lock.Lock()
	defer j.books.lock.Unlock()
	result := j.workflowResult(w)
	j.books.append(protocol.Push{Job: j.id, Result: &result})
}

// reconcile brings what arrived after the end into a revision: once a datacenter, when it is whole. Run
// by the job's task in place of decide, once the job is terminal.
func (j *job) reconcile() (changed bool) {
	j.refreshWhole()
	for _, w := range j.workflows {
		fresh := false
		for _, s := range w.shares {
			fresh = fresh || s.whole && !s.included
		}
		if fresh {
			j.aggregate(w)
			changed = true
		}
	}
	if changed || j.answered {
		j.publishResult()
		return true
	}
	return false
}

// end makes the job terminal: all windows go out, then the state, then the result with its books.
func (j *job) end() {
	ends, late := make([]protocol.EndState, len(j.workflows)), false
	for i, w := range j.workflows {
		ends[i], late = w.end, late || w.late
	}
	state, reason := stateOf(ends, late), j.reason(late)
	if j.ending != nil {
		state, reason = j.ending.state, joined(j.ending.reason, j.reason(true))
	}
	j.ended = j.gate.env.Now()
	j.stopping.Store(true)
	j.dropStarts() // before others run: a datacenter's refusal would line a start up again
	j.flush()
	j.moveTo(state, reason)
	j.publishResult()
	j.told.Store(true)
	if j.ending == nil {
		j.tellEnd(state)
	}
	j.gate.change(func(q *queue) {
		for _, h := range q.release(j) {
			j.gate.env.Note(fact.TargetFreed{Job: j.id, Target: h.target})
		}
	})
}

// tellEnd has all managers that may know the job stop its load.
func (j *job) tellEnd(state protocol.JobState) {
	word := &protocol.JobEnd{Job: j.id, Token: j.token, State: state}
	for _, dc := range j.asked() {
		j.gate.env.Go("job/"+j.id+"/end/"+dc, func() { j.insist(dc, protocol.MethodJobEnd, always(word)) })
	}
}

// flush pushes every window that has an untaken change, open or closed, whatever the level: it is the last.
func (j *job) flush() {
	b := j.books
	b.lock.Lock()
	defer b.lock.Unlock()
	now := j.now()
	taken := b.collector.TakeAll(now)
	b.collector.End(now)
	j.gate.pending.Remove(j.id)
	if len(taken) == 0 {
		return
	}
	if err := j.logTaken(taken, false); err != nil {
		j.pushFailed(err)
	}
}

// asked lists the datacenters whose managers may know the job, each once.
func (j *job) asked() []string {
	var out []string
	for _, w := range j.workflows {
		for _, s := range w.shares {
			if s.asked && !slices.Contains(out, s.datacenter) {
				out = append(out, s.datacenter)
			}
		}
	}
	return out
}
