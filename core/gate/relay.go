package gate

import (
	"slices"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/stats"
)

// arrival is what one relay brought for one job: entries of workers, or a datacenter's hint. A relay is one
// arrival a job, however many workers are in it: each costs the job's task a lock and a merge.
type arrival struct {
	job        *job
	manager    core.Address
	datacenter string
	parts      []part
	complete   *protocol.Complete
}

// part is what one worker's report said of one job.
type part struct {
	source  stats.Source
	entries []stats.Entry
}

func (a *arrival) entries() (n int) {
	for _, p := range a.parts {
		n += len(p.entries)
	}
	return n
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
	var arrivals []*arrival // in the order in which their jobs come
	for i := range in.Reports {
		arrivals = g.sort(from, in.Datacenter, &in.Reports[i], arrivals)
	}
	for _, a := range arrivals {
		a.job.arrive(*a)
	}
	for i := range in.Complete {
		if j, ok := g.find(in.Complete[i].Job); ok {
			j.arrive(arrival{job: j, manager: from, datacenter: in.Datacenter, complete: &in.Complete[i]})
		}
	}
}

// sort cuts a worker's report into runs of entries of one job, and adds each to its job's arrival.
func (g *Gate) sort(
	from core.Address, datacenter string, in *protocol.Report, arrivals []*arrival,
) []*arrival {
	source := stats.Source{Worker: in.Worker, Incarnation: in.Incarnation}
	for start := 0; start < len(in.Entries); {
		id, end := in.Entries[start].Stream.Job, start+1
		for end < len(in.Entries) && in.Entries[end].Stream.Job == id {
			end++
		}
		run := in.Entries[start:end]
		start = end
		at := slices.IndexFunc(arrivals, func(a *arrival) bool { return a.job.id == id })
		if at < 0 {
			j, ok := g.find(id)
			if !ok {
				g.counters.entriesUnknown.Add(uint64(len(run)))
				g.disown(from, source, run)
				continue
			}
			at = len(arrivals)
			arrivals = append(arrivals, &arrival{job: j, manager: from, datacenter: datacenter})
		}
		arrivals[at].parts = append(arrivals[at].parts, part{source, run})
	}
	return arrivals
}

// arrive queues a part of a relay for the job's task.
func (j *job) arrive(a arrival) {
	if !j.arrivals.Put(a) {
		j.gate.counters.entriesQueueFull.Add(uint64(a.entries()))
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
	fresh := true // nothing here has come before
	b.collector.Heard(a.datacenter, now)
	evicted, _ := b.collector.Evicted()
	for _, p := range a.parts {
		for i := range p.entries {
			e := &p.entries[i]
			receipt := b.collector.Apply(e, p.source, now)
			j.noteReceipt(e, receipt)
			fresh = fresh && receipt.Result.Taken()
			marks.Marks = addMark(marks.Marks, j.markFor(e, p.source, receipt))
		}
	}
	if times, through := b.collector.Evicted(); times > evicted {
		j.gate.env.Note(fact.WindowsEvicted{Job: j.id, Count: times - evicted, Through: through})
	}
	j.totals.Merge(b.collector.TakeSlots())
	j.gate.env.Note(fact.Merged{Job: j.id})
	b.lock.Unlock()
	if fresh && j.gate.env.Rare("gate/withholds-first-marks") {
		return // all of it comes again
	}
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
