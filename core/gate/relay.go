package gate

import (
	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/stats"
)

// arrival is what one relay brought for one job: entries of one worker, or a datacenter's hint.
type arrival struct {
	manager    core.Address
	datacenter string
	source     stats.Source
	entries    []stats.Entry
	complete   *protocol.Complete
}

// relay takes a manager's relay apart and hands each job its part. It runs in the receiving task and
// does not wait: what finds a job's queue full is dropped and counted, and comes again, since nothing
// was acknowledged.
func (g *Gate) relay(from core.Address, in *protocol.Relay, _ rpc.Responder) {
	g.mu.Lock()
	now := g.env.Now()
	known, changed := g.members.hear(in.Datacenter, in.Boot, in.Level, now)
	if changed {
		g.refreshLevels(now)
		g.levelBell.Notify() // when it expires has changed, too
	}
	g.mu.Unlock()
	if known == nil {
		// it registers with its next heartbeat, and its workers send again
		g.counters.relaysUnregistered.Add(1)
		return
	}
	for i := range in.Reports {
		g.takeReport(from, in.Datacenter, &in.Reports[i])
	}
	for i := range in.Complete {
		if j, ok := g.find(in.Complete[i].Job); ok {
			j.arrive(arrival{manager: from, datacenter: in.Datacenter, complete: &in.Complete[i]})
		}
	}
}

// takeReport cuts a worker's report into runs of entries of one job.
func (g *Gate) takeReport(from core.Address, datacenter string, in *protocol.Report) {
	source := stats.Source{Worker: in.Worker, Incarnation: in.Incarnation}
	for start := 0; start < len(in.Entries); {
		id, end := in.Entries[start].Stream.Job, start+1
		for end < len(in.Entries) && in.Entries[end].Stream.Job == id {
			end++
		}
		run := in.Entries[start:end]
		start = end
		if j, ok := g.find(id); ok {
			j.arrive(arrival{manager: from, datacenter: datacenter, source: source, entries: run})
			continue
		}
		g.counters.entriesUnknown.Add(uint64(len(run)))
		g.disown(from, source, run)
	}
}

// arrive queues a part of a relay for the job's task.
func (j *job) arrive(a arrival) {
	if !j.arrivals.Put(a) {
		j.gate.counters.entriesQueueFull.Add(uint64(len(a.entries)))
		j.gate.env.Note(fact.Queue{
			Name: "job/" +
				j.id, Len: j.arrivals.Len(), Bound: j.arrivals.Bound(), Refused: j.arrivals.Refused(),
		})
	}
}

// disown tells a worker that nobody here knows its job, so that it stops sending.
func (g *Gate) disown(manager core.Address, source stats.Source, entries []stats.Entry) {
	var marks protocol.Marks
	for i := range entries {
		marks.Marks = addMark(marks.Marks, protocol.Mark{
			Stream: entries[i].Stream, Worker: source.Worker, Incarnation: source.Incarnation, Ended: true,
		})
	}
	g.sendMarks(manager, marks)
}

// apply takes an arrival into the books and answers with what the gate now holds. Run by the job's task.
func (j *job) apply(a arrival) {
	now := j.now()
	b := j.books
	b.lock.Lock()
	if a.complete != nil {
		b.collector.Complete(a.datacenter, a.complete.Through, now)
		b.lock.Unlock()
		return
	}
	var marks protocol.Marks
	b.collector.Heard(a.datacenter, now)
	for i := range a.entries {
		e := &a.entries[i]
		receipt := b.collector.Apply(e, a.source, now)
		j.noteReceipt(e, receipt)
		marks.Marks = addMark(marks.Marks, j.markFor(e, a.source, receipt))
	}
	j.totals.Merge(b.collector.TakeSlots())
	j.gate.env.Note(fact.Merged{Job: j.id})
	b.lock.Unlock()
	j.gate.sendMarks(a.manager, marks)
}

// noteReceipt notes what became of an entry.
func (j *job) noteReceipt(e *stats.Entry, r stats.Receipt) {
	if r.Result.Taken() {
		j.gate.env.Note(fact.Applied{
			Stream: e.Stream, N: e.N, Window: e.K, Delta: e.Delta, Cumulative: e.Cumulative, Final: e.Final,
			Late: r.Result == stats.AppliedLate, Unwindowed: r.Result == stats.AppliedUnwindowed,
			Lateness: r.Late,
		})
		return
	}
	why := r.Result.String()
	if r.Err != nil {
		why = r.Err.Error()
	}
	if r.Result == stats.RefusedMalformed {
		j.gate.env.Log().Error("stream broken", "stream", e.Stream.String(), "entry", e.N, "error", r.Err)
	}
	j.gate.env.Note(fact.NotApplied{
		Stream: e.Stream, N: e.N, Why: why,
		Broken: r.Result == stats.RefusedMalformed || r.Result == stats.RefusedBroken,
	})
}

// markFor is what a worker learns from an entry's receipt.
func (j *job) markFor(e *stats.Entry, source stats.Source, r stats.Receipt) protocol.Mark {
	mark := protocol.Mark{
		Stream: e.Stream, Worker: source.Worker, Incarnation: source.Incarnation, Token: j.token,
	}
	if r.Next > 0 {
		mark.Durable = r.Next - 1
	}
	switch r.Result {
	case stats.Gap:
		mark.Want = r.Next
	case stats.RefusedClosed, stats.RefusedForeign:
		mark.Closed = true
	case stats.RefusedMalformed, stats.RefusedBroken, stats.RefusedUnknown:
		mark.Ended = true // nothing that it sends will ever be taken
	case stats.Applied, stats.AppliedLate, stats.AppliedUnwindowed, stats.Duplicate:
		account, _ := j.books.collector.Account(e.Stream)
		mark.Ended = account.Final
	}
	return mark
}

// addMark keeps only the last mark of each stream: it says all that those before it said.
func addMark(marks []protocol.Mark, mark protocol.Mark) []protocol.Mark {
	if n := len(marks); n > 0 && marks[n-1].Stream == mark.Stream {
		marks[n-1] = mark
		return marks
	}
	return append(marks, mark)
}

// sendMarks sends marks to a manager, one way. One that is lost is sent again for the entries that come
// again.
func (g *Gate) sendMarks(manager core.Address, marks protocol.Marks) {
	if len(marks.Marks) == 0 {
		return
	}
	if err := rpc.Notify(g.ctx, g.node, manager, core.High, protocol.MethodGateMarks, &marks); err != nil {
		g.counters.marksUnsent.Add(1)
	}
}
