package gate

import (
	"slices"

	"github.com/windtunnel/windtunnel/core/protocol"
)

// pushLog numbers a job's pushes and keeps the newest of them, so that a client resumes after the last
// one that it saw. A number has one content for ever. What falls out of the log is announced to those
// who missed it as a gap, with the counts in it that no kept push carries. It is guarded by the job's
// books.
type pushLog struct {
	bound  int
	first  uint64 // number of kept[0]; numbers start at 1
	kept   []protocol.Push
	missed []missedWindow // windows in pushes that fell out, by number
}

// missedWindow is one window as a push that fell out of the log had it.
type missedWindow struct {
	number uint64
	protocol.WindowCounts
}

// How many windows are remembered, in one revision each: for each kept push, and at least. Past it the oldest
// are forgotten, and a gap that begins so far back understates its counts; the client sees from the totals by
// how much.
const (
	missedBound  = 16
	fewestMissed = 1024
)

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

// fallOut remembers a push's windows.
func (l *pushLog) fallOut(push protocol.Push) {
	for i := range push.Windows {
		w := &push.Windows[i]
		l.missed = append(l.missed, missedWindow{push.Number, protocol.WindowCounts{
			K: w.K, Revision: w.Revision, Counts: w.Counts(),
		}})
	}
	if most := max(fewestMissed, missedBound*l.bound); len(l.missed) > 2*most {
		newest := l.newest()
		l.missed = slices.DeleteFunc(l.missed, func(m missedWindow) bool { return m.number < newest[m.K] })
		l.missed = l.missed[max(0, len(l.missed)-most):]
	}
}

// newest is the last number by which each window fell out. What fell out earlier says nothing beside it: who
// lacks the earlier push lacks this one, too.
func (l *pushLog) newest() map[int64]uint64 {
	newest := map[int64]uint64{}
	for _, m := range l.missed {
		newest[m.K] = m.number
	}
	return newest
}

// after returns up to most pushes with numbers over n, in order. When some of those are gone, the first
// is a gap that names them; it has the last number that it stands for.
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

// gap lists the newest revision of each window in the lost pushes, unless a kept push carries a newer one.
func (l *pushLog) gap(from, to uint64) protocol.Gap {
	newest := l.newest()
	for i := range l.kept {
		for j := range l.kept[i].Windows {
			delete(newest, l.kept[i].Windows[j].K)
		}
	}
	gap := protocol.Gap{From: from, To: to}
	for _, m := range l.missed {
		if number, lost := newest[m.K]; lost && m.number == number && number >= from {
			gap.Windows = append(gap.Windows, m.WindowCounts)
		}
	}
	return gap
}
