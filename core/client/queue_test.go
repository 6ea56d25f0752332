package client

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

// windowOf is a window whose counts tell k and revision apart.
func windowOf(k int64, revision uint32) stats.Window {
	return stats.Window{K: k, Revision: revision, Parts: []stats.Part{
		{Datacenter: "dc", Workflow: "wf", Tally: stats.Tally{Counts: stats.Counts{OK: uint64(k)*100 +
			uint64(revision)}}},
	}}
}

func TestOverTheBoundTheOldestWindowsBecomeAGap(t *testing.T) {
	q := queue{bound: 2}
	require.Zero(t, q.put(protocol.Push{Number: 1, Status: &protocol.JobStatus{}}))
	require.Zero(t, q.put(protocol.Push{Number: 2, Windows: []stats.Window{windowOf(1, 1)}}))
	require.Zero(t, q.put(protocol.Push{Number: 3, Windows: []stats.Window{windowOf(2, 1)}}))
	require.Equal(t, uint64(2), q.put(protocol.Push{Number: 4, Windows: []stats.Window{windowOf(3, 1)}}))
	require.Equal(t, uint64(3), q.put(protocol.Push{Number: 5, Windows: []stats.Window{windowOf(1, 2)}}))
	require.Equal(t, uint64(2), q.dropped)
	status, _, _ := q.next()
	require.Equal(t, uint64(1), status.Number)
	gap, _, _ := q.next()
	require.Equal(t, &protocol.Gap{From: 2, To: 3, Windows: []protocol.WindowCounts{
		{K: 1, Revision: 1, Counts: stats.Counts{OK: 101}}, {K: 2, Revision: 1,
			Counts: stats.Counts{OK: 201}},
	}}, gap.Gap)
	for _, want := range []uint64{4, 5} {
		push, ok, _ := q.next()
		require.True(t, ok)
		require.Equal(t, want, push.Number)
	}
	_, ok, closed := q.next()
	require.False(t, ok || closed)
}

func TestAClosedQueueTakesNothingAndIsEmptied(t *testing.T) {
	q := queue{bound: 2}
	q.put(protocol.Push{Number: 1})
	q.closed = true
	q.put(protocol.Push{Number: 2})
	push, ok, _ := q.next()
	require.True(t, ok)
	require.Equal(t, uint64(1), push.Number)
	_, ok, closed := q.next()
	require.False(t, ok)
	require.True(t, closed)
}

// Whatever is pushed and however slowly it is taken: the queue is bounded, status and results come all,
// in order, and every number comes or is in a gap.
func TestAQueueIsBoundedAndDropsOnlyWindows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := queue{bound: rapid.IntRange(2, 4).Draw(t, "bound")}
		var words, heard []uint64 // numbers of pushes without windows: put, and taken
		number, seen, gaps := uint64(0), uint64(0), 0
		all, mine := map[int64]uint64{}, map[int64]uint64{}
		take := func() {
			p, ok, _ := q.next()
			if !ok {
				return
			}
			first := p.Number
			if p.Gap != nil {
				first, gaps = p.Gap.From, gaps+1
				for _, w := range p.Gap.Windows {
					mine[w.K] = max(mine[w.K], w.Counts.OK)
				}
			}
			require.Equal(t, seen+1, first)
			seen = p.Number
			for i := range p.Windows {
				mine[p.Windows[i].K] = max(mine[p.Windows[i].K], p.Windows[i].Counts().OK)
			}
			if p.Status != nil || p.Final != nil {
				heard = append(heard, p.Number)
			}
		}
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			switch rapid.SampledFrom([]string{"windows", "windows", "status", "final", "take"}).Draw(t,
				"step") {
			case "windows":
				number++
				k := int64(rapid.IntRange(1, 3).Draw(t, "k"))
				w := windowOf(k, uint32(number))
				all[k] = w.Counts().OK
				q.put(protocol.Push{Number: number, Windows: []stats.Window{w}})
			case "status":
				number++
				words = append(words, number)
				q.put(protocol.Push{Number: number, Status: &protocol.JobStatus{}})
			case "final":
				number++
				words = append(words, number)
				q.put(protocol.Push{Number: number, Final: &protocol.JobResult{}})
			case "take":
				take()
			}
			windows := 0
			for i := range q.pushes {
				if len(q.pushes[i].Windows) > 0 {
					windows++
				}
			}
			require.Equal(t, q.windows, windows)
			require.LessOrEqual(t, windows, q.bound)
		}
		for len(q.pushes) > 0 {
			take()
		}
		require.Equal(t, number, seen)
		require.Equal(t, words, heard)
		if gaps <= mostGaps { // more of them than that keep only their numbers
			require.Equal(t, all, mine)
		}
	})
}

func TestGapsForACallbackThatNeverReturnsAreBounded(t *testing.T) {
	q := queue{bound: 2}
	for n := uint64(1); n <= 10_000; n++ {
		q.put(protocol.Push{Number: n, Windows: []stats.Window{windowOf(int64(n), 1)}})
	}
	require.LessOrEqual(t, len(q.pushes), q.bound+mostGaps+1)
	require.Equal(t, uint64(10_000-2), q.dropped)
	require.Equal(t, uint64(1), q.pushes[0].Gap.From, "the numbers are all named")
}
