package client

import (
	"maps"
	"slices"

	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

// Books is what all pushes of a job together have said.
type Books struct {
	// From is the first push that they were kept from: 1, unless the session started in the middle. What
	// earlier pushes said is not in them, and not missing either.
	From   uint64
	Status protocol.JobStatus                 // the newest
	Final  *protocol.JobResult                // the newest revision; nil before the end
	Result map[string]protocol.WorkflowResult // by workflow, the newest revision
	Gaps   []protocol.Gap                     // pushes that were dropped before they came here
	Pushes uint64

	windows map[int64]protocol.WindowCounts
	bound   int
	folded  stats.Counts // of windows over the bound, oldest first
	through int64        // the newest window that was folded
}

func newBooks(bound int, from uint64) Books {
	return Books{
		From: from, Result: map[string]protocol.WorkflowResult{}, windows: map[int64]protocol.WindowCounts{},
		bound: bound, through: -1 << 63,
	}
}

// Windowed is the sum of the newest revisions of all windows.
func (b *Books) Windowed() stats.Counts {
	sum := b.folded
	for _, k := range slices.Sorted(maps.Keys(b.windows)) {
		sum, _ = sum.Add(b.windows[k].Counts) // the gate refuses counts that do not fit
	}
	return sum
}

// Windows lists the newest revision of each window, ascending.
func (b *Books) Windows() []protocol.WindowCounts {
	out := make([]protocol.WindowCounts, 0, len(b.windows))
	for _, k := range slices.Sorted(maps.Keys(b.windows)) {
		out = append(out, b.windows[k])
	}
	return out
}

// take enters one push. fresh says that it brought the job's result, or the next revision of it.
func (b *Books) take(p *protocol.Push) (fresh bool) {
	b.Pushes++
	if p.Status != nil {
		b.Status = *p.Status
	}
	for i := range p.Windows {
		w := &p.Windows[i]
		b.window(protocol.WindowCounts{K: w.K, Revision: w.Revision, Counts: w.Counts()})
	}
	if p.Gap != nil {
		b.gap(max(p.Gap.From, b.From), p.Gap.To)
		for _, w := range p.Gap.Windows {
			b.window(w)
		}
	}
	if p.Result != nil && p.Result.Revision > b.Result[p.Result.Workflow].Revision {
		b.Result[p.Result.Workflow] = *p.Result
	}
	if p.Final != nil && (b.Final == nil || p.Final.Revision > b.Final.Revision) {
		final := *p.Final
		b.Final = &final
		return true
	}
	return false
}

// mostGapsKept bounds Books.Gaps: past it the two oldest become one, which then also names pushes that came.
const mostGapsKept = 1024

func (b *Books) gap(from, to uint64) {
	b.Gaps = append(b.Gaps, protocol.Gap{From: from, To: to})
	if len(b.Gaps) > mostGapsKept {
		b.Gaps[1].From = b.Gaps[0].From
		b.Gaps = slices.Delete(b.Gaps, 0, 1)
	}
}

// window replaces a window by a greater revision.
func (b *Books) window(w protocol.WindowCounts) {
	if w.K <= b.through || w.Revision <= b.windows[w.K].Revision {
		return
	}
	b.windows[w.K] = w
	if len(b.windows) > b.bound {
		b.fold()
	}
}

// fold moves the older half of the windows into one sum. They are older than any revision can
// still be, where Config.Windows is as large as it should.
func (b *Books) fold() {
	for _, k := range slices.Sorted(maps.Keys(b.windows))[:len(b.windows)/2] {
		b.folded, _ = b.folded.Add(b.windows[k].Counts)
		b.through = k
		delete(b.windows, k)
	}
}

func (b *Books) clone() Books {
	c := *b
	c.Result = maps.Clone(b.Result)
	c.windows = maps.Clone(b.windows)
	c.Gaps = slices.Clone(b.Gaps)
	return c
}
