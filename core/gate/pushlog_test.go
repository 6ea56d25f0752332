package gate

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

func TestPushesAreNumberedFromOneWithoutHoles(t *testing.T) {
	l := newPushLog(2)
	require.Zero(t, l.last())
	require.Empty(t, l.after(0, 10))
	for n := uint64(1); n <= 5; n++ {
		require.Equal(t, n, l.add(protocol.Push{Job: "j"}).Number)
		require.Equal(t, n, l.last())
	}
	require.Len(t, l.kept, 2)
}

func TestAGapStandsForWhatFellOut(t *testing.T) {
	l := newPushLog(2)
	for _, w := range []stats.Window{windowOf(1, 1), windowOf(2, 1), windowOf(1, 2), windowOf(3, 1),
		windowOf(2, 2)} {
		l.add(protocol.Push{Job: "j", Windows: []stats.Window{w}})
	}
	got := l.after(0, 10)
	require.Len(t, got, 3)
	require.Equal(t, protocol.Push{Job: "j", Number: 3,
		Gap: &protocol.Gap{From: 1, To: 3, Windows: []protocol.WindowCounts{
			{K: 1, Revision: 2, Counts: stats.Counts{OK: 102}}, // 1.1 is older, 2.2 is kept
		}}}, got[0])
	require.Equal(t, uint64(4), got[1].Number)
	require.Equal(t, uint64(5), got[2].Number)
	require.Equal(t, uint64(3), l.after(2, 10)[0].Gap.From, "a client that saw more misses less")
	require.Nil(t, l.after(3, 10)[0].Gap)
	require.Empty(t, l.after(5, 10))
	require.Empty(t, l.after(99, 10), "a client that claims more than there is waits")
}

// Wherever a subscriber stands and however much it takes at a time, it gets every number once and in
// order, or a gap that names it; and books that it keeps of windows are those of one that saw all.
func TestEverySubscriberGetsEveryNumberOnceOrAGap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bound := rapid.IntRange(1, 6).Draw(t, "bound")
		l := newPushLog(bound)
		all, mine := map[int64]uint64{}, map[int64]uint64{}
		revisions := map[int64]uint32{}
		seen := uint64(0)
		take := func(most int) {
			before := seen
			for _, p := range l.after(seen, most) {
				first := p.Number
				if p.Gap != nil {
					first = p.Gap.From
					require.Equal(t, p.Number, p.Gap.To)
					require.Equal(t, before, seen, "a gap can only come first")
					for _, w := range p.Gap.Windows {
						mine[w.K] = w.Counts.OK
					}
				}
				require.Equal(t, seen+1, first)
				seen = p.Number
				for i := range p.Windows {
					mine[p.Windows[i].K] = p.Windows[i].Counts().OK
				}
			}
		}
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "push") {
				var push protocol.Push
				k := int64(rapid.IntRange(1, 5).Draw(t, "k"))
				if rapid.Bool().Draw(t, "with a window") {
					revisions[k]++
					push.Windows = []stats.Window{windowOf(k, revisions[k])}
					all[k] = push.Windows[0].Counts().OK
				}
				l.add(push)
			} else {
				take(rapid.IntRange(1, 3).Draw(t, "most"))
			}
			require.LessOrEqual(t, len(l.kept), bound)
			require.LessOrEqual(t, len(l.missed), 2*fewestMissed)
		}
		for seen < l.last() {
			take(3)
		}
		require.Equal(t, all, mine)
	})
}

func TestWhatIsRememberedOfLostPushesIsBounded(t *testing.T) {
	l := newPushLog(1)
	for k := int64(1); k <= 2*fewestMissed+2; k++ { // one is kept, and one is one too many
		l.add(protocol.Push{Windows: []stats.Window{windowOf(k, 1)}})
	}
	gap := l.after(0, 1)[0].Gap
	require.Equal(t, uint64(1), gap.From, "the numbers are all named")
	require.Len(t, gap.Windows, fewestMissed)
	require.Equal(t, int64(2*fewestMissed+1), gap.Windows[fewestMissed-1].K, "the newest are remembered")
}

// Revisions are many where entries come one by one: they must not push other windows out.
func TestRevisionsOfOneWindowAreRememberedOnce(t *testing.T) {
	l := newPushLog(1)
	for k := int64(1); k <= 3; k++ {
		l.add(protocol.Push{Windows: []stats.Window{windowOf(k, 1)}})
	}
	for revision := range uint32(3 * fewestMissed) {
		l.add(protocol.Push{Windows: []stats.Window{windowOf(4, revision)}})
	}
	gap := l.after(0, 1)[0].Gap
	require.Len(t, gap.Windows, 3, "the fourth is in a kept push")
	require.Equal(t, int64(1), gap.Windows[0].K)
}
