package stats

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestWhatWasExecutedIsAppliedOrRefusedWhateverTheNetworkDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(t)
		t.Repeat(map[string]func(*rapid.T){
			"execute": m.execute, "cut": m.cut, "send": m.send, "arrive": m.arrive, "answer": m.answer,
			"hint": m.hint, "push": m.push, "close": m.closeOne, "end": m.end, "pass": m.pass,
			"flow": m.flow, "work": m.flow,
			"reconnect": func(t *rapid.T) { m.worker(t).box.Reconnected(m.now) },
			"":          func(t *rapid.T) { m.balance(t, false) },
		})
		m.calm(t)
		m.balance(t, true)
	})
}

// balance compares everybody's view with the truth. At rest nothing may be missing.
func (m *model) balance(t require.TestingT, rest bool) {
	if rest {
		m.show(t, m.owner.TakeAll(m.clock.At(m.now)))
	}
	books := m.owner.Books()
	var sum Counts
	for i, w := range m.workers {
		a := books.Accounts[i]
		require.Equal(t, w.stream, a.Stream)
		_, ok := w.truth.Counts.Sub(a.Applied)
		require.True(t, ok, "%v: applied %v of %v", w.stream, a.Applied, w.truth.Counts)
		sum, _ = sum.Add(a.Applied)
		if a.Closed && !a.Final && !a.Answered {
			require.LessOrEqual(t, w.atClose, a.Applied.Planned()+a.Unknown, "the bound")
		}
		if rest {
			// A closed stream's worker was told, if it had anything left to say.
			whole, _ := a.Applied.Add(a.Refused)
			require.Equal(t, w.truth.Counts, whole, "%v: %+v", w.stream, a)
		}
		require.LessOrEqual(t, a.Covered, a.Last)
	}
	require.Equal(t, books.Applied, sum)
	if !rest {
		return
	}
	m.windowsBalance(t, &books)
	m.measuresBalance(t)
	shared := &Shared{}
	shared.Merge(m.owner.TakeSlots())
	require.Equal(t, books.Applied, shared.Snapshot().Total())
	require.Empty(t, m.owner.TakeSlots())
}

func (m *model) windowsBalance(t require.TestingT, books *Books) {
	sum := books.UnwindowedTotal()
	for _, w := range m.client {
		sum, _ = sum.Add(w.Counts())
	}
	require.Equal(t, books.Applied, sum, "the windows' newest revisions and unwindowed")
	require.Equal(t, books.Late, books.Lateness.Count())
	var outside Counts
	for _, total := range m.owner.Totals() {
		outside, _ = outside.Add(total.Unwindowed)
	}
	require.Equal(t, books.UnwindowedTotal(), outside)
	m.owner.End(m.clock.At(m.now))
	m.owner.Drop(m.clock.At(m.now))
	held, open := m.owner.Held()
	require.Zero(t, held+open, "all is logged and the job has ended")
}

// measuresBalance compares the sketches with the tapped samples, byte for byte, where no stream was
// closed early.
func (m *model) measuresBalance(t require.TestingT) {
	truth := map[string]*Tally{"east": {}, "west": {}}
	for i, w := range m.workers {
		if a := m.owner.Books().Accounts[i]; !a.Refused.IsZero() {
			return
		}
		truth[w.stream.Datacenter].Merge(&w.truth)
	}
	for _, total := range m.owner.Totals() {
		want := truth[total.Datacenter]
		require.Equal(t, want.Counts, total.Tally.Counts)
		require.Equal(t, bytesOf(t, &want.Measures.Latency), bytesOf(t, &total.Tally.Measures.Latency))
		require.Equal(t, bytesOf(t, &want.Measures.Service), bytesOf(t, &total.Tally.Measures.Service))
		require.Equal(t, bytesOf(t, &want.Measures.SendLag), bytesOf(t, &total.Tally.Measures.SendLag))
	}
}
