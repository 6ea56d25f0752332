package gate

import (
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

// pushLog numbers a job's pushes and keeps the newest of them, so that a client resumes after the last one that
// it saw. A number has one content for ever. What falls out of the log is announced to those who missed it as a
// gap, with the counts in it that no kept push carries. It is guarded by the job's books.
type pushLog struct {
	bound  int
	first  uint64 // number of kept[0]; numbers start at 1
	kept   []protocol.Push
	missed []missedWindow // windows in pushes that fell out, by number
}

// missedWindow is one window as a push that fell out of the log had it.
type missedWindow struct {
	number uint64
	window int64
	counts stats.Counts
}

// missedBound is how many of those are remembered, for each kept push. Past it the oldest are forgotten, and a
// gap that begins so far back understates its counts; the client sees from the totals by how much.
const missedBound = 16

func newPushLog(bound int) pushLog { return pushLog{bound: bound, first: 1} }

// last is the number of the newest push, 0 before the first.
func (l *pushLog) last() uint64 { return l.first + uint64(len(l.kept)) - 1 }

// add gives a push its number.
func (l *pushLog) add(push protocol.Push) protocol.Push {
	push.Number = l.last() + 1
	l.kept = append(l.kept, push)
	if len(l.kept) > l.bound {
		l.fallOut(l.kept[0])
		l.kept[0] = protocol.Push{} // let its windows go
		l.kept = l.kept[1:]
		l.first++
	}
	return push
}

func (l *pushLog) fallOut(push protocol.Push) {
	for _, w := range push.Windows {
		l.missed = append(l.missed, missedWindow{push.Number, w.K, w.Counts()})
	}
	if over := len(l.missed) - missedBound*l.bound; over > 0 {
		l.missed = append(l.missed[:0:0], l.missed[over:]...)
	}
}

// after returns up to most pushes with numbers over n, in order. When some of those are gone, the first is a gap
// that names them; it has the last number that it stands for.
func (l *pushLog) after(n uint64, most int) []protocol.Push {
	var out []protocol.Push
	if n+1 < l.first {
		gap := l.gap(n+1, l.first-1)
		out = append(out, protocol.Push{Job: l.kept[0].Job, Number: gap.To, Gap: &gap})
		n = gap.To
	}
	from := int(min(n+1-l.first, uint64(len(l.kept))))
	return append(out, l.kept[from:min(from+most, len(l.kept))]...)
}

// gap sums, over the windows in the lost pushes, what each had gained since the client last saw it - unless a
// kept push carries the window whole.
func (l *pushLog) gap(from, to uint64) protocol.Gap {
	newest := map[int64]missedWindow{}
	before := map[int64]stats.Counts{}
	var order []int64
	for _, w := range l.missed {
		if w.number < from {
			before[w.window] = w.counts
			continue
		}
		if _, seen := newest[w.window]; !seen {
			order = append(order, w.window)
		}
		newest[w.window] = w
	}
	for _, push := range l.kept {
		for _, w := range push.Windows {
			delete(newest, w.K)
		}
	}
	gap := protocol.Gap{From: from, To: to}
	for _, k := range order {
		w, lost := newest[k]
		if !lost {
			continue
		}
		if gained, ok := w.counts.Sub(before[k]); ok {
			gap.Counts, _ = gap.Counts.Add(gained)
		}
	}
	return gap
}
