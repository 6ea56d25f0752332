package gate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

// publish makes the job's state visible to whoever asks. Run by the job's task.
func (j *job) publish() {
	status := &protocol.JobStatus{
		Job: j.id, State: j.state, Message: j.message, Degraded: j.degraded[:len(j.degraded):len(j.degraded)],
		Planned: j.planned(), Context: j.values.version, Deadline: j.spec.Deadline + j.extended.sum,
		Workflows: make([]protocol.WorkflowStatus, len(j.workflows)),
	}
	for i, w := range j.workflows {
		status.Workflows[i] = protocol.WorkflowStatus{Name: w.spec.Name, State: w.state, Message: w.message}
		if status.Place == 0 {
			status.Place = w.place
		}
	}
	j.status.Store(status)
}

// statusNow is the published state with totals and time as they are now. Any task may ask.
func (j *job) statusNow() protocol.JobStatus {
	status := *j.status.Load()
	snapshot := j.totals.Snapshot()
	status.Totals, status.Version = snapshot.Total(), snapshot.Merges()
	j.gate.env.Note(fact.StatusRead{Job: j.id, Totals: status.Totals})
	status.Elapsed = j.gate.env.Now().Sub(j.accepted)
	status.Level = j.levelNow()
	return status
}

// planned is how many arrivals all plans have.
func (j *job) planned() (n uint64) {
	for i := range j.spec.Workflows {
		n += j.spec.Workflows[i].Plan.Arrivals()
	}
	return n
}

// reason says in words why the job ended as it did.
func (j *job) reason(late bool) string {
	var missing []string
	for _, w := range j.workflows {
		for _, s := range w.shares {
			switch {
			case s.refused != "":
				missing = append(missing, s.refused)
			case s.whole && s.statement.result.State == protocol.EndFailed:
				missing = append(missing, fmt.Sprintf("datacenter %s failed: %s", s.datacenter,
					s.statement.result.Error))
			case !s.whole && late && len(s.streams) > 0:
				missing = append(missing, fmt.Sprintf("no whole result of %s from datacenter %s in time",
					w.spec.Name, s.datacenter))
			case !s.whole && late && w.end == protocol.EndLost:
				missing = append(missing, fmt.Sprintf("%s was not started in datacenter %s in time%s",
					w.spec.Name, s.datacenter, because(w.message)))
			}
		}
		if w.end == protocol.EndSkipped || w.end == protocol.EndFailed && !w.running() && w.message != "" {
			missing = append(missing, fmt.Sprintf("%s did not start: %s", w.spec.Name, w.message))
		}
	}
	return joined(missing...)
}

// joined strings reasons together, those that there are.
func joined(reasons ...string) string {
	return strings.Join(slices.DeleteFunc(reasons, func(s string) bool { return s == "" }), "; ")
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return ": " + why
}

// publishResult logs the job's next result revision. Run by the job's task, once the job is terminal.
func (j *job) publishResult() {
	j.revision++
	j.answered = false // every answer so far is in it
	b := j.books
	b.lock.Lock()
	defer b.lock.Unlock()
	result := j.result()
	j.gate.env.Note(fact.Ended{
		Job: j.id, State: j.state, Revision: j.revision,
		Totals: result.Books.Sum.Applied, Unwindowed: result.Unwindowed,
		Refused: result.Books.Sum.Refused.Sent(), LostAtMost: result.Books.Sum.Unknown,
		Missing: result.Books.Sum.Missing, Late: result.LateEntries,
		Duplicates: result.Duplicates, Conflicts: result.Conflicts,
		Balanced: result.Books.Balanced(),
	})
	b.append(protocol.Push{Job: j.id, Final: &result})
}

// result is the job's end with its books as they stand. Called under the books' lock.
func (j *job) result() protocol.JobResult {
	ledger := j.books.collector.Books()
	r := protocol.JobResult{
		Job: j.id, Name: j.spec.Name, State: j.state, Message: j.message, Revision: j.revision,
		Planned: j.planned(), Elapsed: j.ended.Sub(j.accepted),
		Books:      stats.Reconcile(&ledger, j.plans()),
		Lateness:   ledger.Lateness,
		Unwindowed: ledger.UnwindowedTotal(), LateEntries: ledger.Late,
		Duplicates: j.counts.duplicates, Conflicts: j.counts.conflicts,
		AcceptLost: j.spec.AcceptLost, Extended: j.extended.sum,
	}
	for i := range ledger.Accounts {
		if a := &ledger.Accounts[i]; a.Closed && !a.Final {
			r.Lost = append(r.Lost, protocol.LostStream{
				Stream: a.Stream, Worker: a.Source.Worker, Last: a.Last, Applied: a.Applied,
				Refused: a.Refused, AtMost: a.Unknown, Answered: a.Answered,
			})
			if lost, last := j.losses[a.Stream], len(r.Lost)-1; lost != nil {
				r.Lost[last].At, r.Lost[last].Why, r.Lost[last].Next = int64(lost.at), lost.why, lost.next
			}
		}
	}
	for _, w := range j.workflows {
		r.Workflows = append(r.Workflows, j.workflowResult(w))
		r.Measures.Latency.Merge(&r.Workflows[len(r.Workflows)-1].Latency)
	}
	totals := j.books.collector.Totals()
	r.Measures = stats.Measures{}
	for i := range totals {
		r.Measures.Merge(&totals[i].Tally.Measures)
	}
	return r
}

// plans is what every shard was to do. A share without a split stands as one shard: all of it is missing.
func (j *job) plans() []stats.Plan {
	var out []stats.Plan
	for _, w := range j.workflows {
		for _, s := range w.shares {
			at := stats.Plan{Datacenter: s.datacenter, Workflow: w.spec.Name,
				Arrivals: s.spec.Plan.Arrivals(), NotRun: w.decided && len(s.streams) == 0}
			if s.split == nil {
				out = append(out, at)
				continue
			}
			for _, shard := range s.split.Shards {
				at.Shard, at.Arrivals = shard.Shard, shard.Plan.Arrivals()
				out = append(out, at)
			}
		}
	}
	return out
}

// workflowResult is a workflow's aggregate as it stands. Called under the books' lock.
func (j *job) workflowResult(w *workflowState) protocol.WorkflowResult {
	r := protocol.WorkflowResult{
		Job: j.id, Workflow: w.spec.Name, Revision: w.revision, State: w.end,
		Elapsed: j.gate.env.Now().Sub(j.accepted),
	}
	totals := j.books.collector.Totals()
	for _, s := range w.shares {
		if !s.whole && w.end != protocol.EndSkipped {
			r.Missing = append(r.Missing, s.datacenter)
		}
		end := protocol.DatacenterEnd{
			Datacenter: s.datacenter, State: s.statement.result.State, Error: s.statement.result.Error,
			Whole: s.whole,
		}
		for i := range totals {
			if t := &totals[i]; t.Datacenter == s.datacenter && t.Workflow == w.spec.Name {
				end.Totals = t.Tally.Counts
				r.Totals, _ = r.Totals.Add(t.Tally.Counts)
				r.Latency.Merge(&t.Tally.Measures.Latency)
			}
		}
		r.Datacenters = append(r.Datacenters, end)
	}
	return r
}
