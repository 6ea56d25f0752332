package stats

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/windtunnel/windtunnel/core/wire"
	"pgregory.net/rapid"
)

func anyCounts(most uint64) *rapid.Generator[Counts] {
	return rapid.Custom(func(t *rapid.T) Counts {
		n := rapid.OneOf(rapid.Uint64Range(0, min(most, 5)), rapid.Uint64Range(0, most))
		c := Counts{OK: n.Draw(t, "ok"), Failed: n.Draw(t, "failed"), Unknown: n.Draw(t, "unknown")}
		for i := range c.NotSent {
			c.NotSent[i] = n.Draw(t, Reason(i).String())
		}
		return c
	})
}

func exact(counts ...Counts) *big.Int {
	sum := new(big.Int)
	add := func(v uint64) { sum.Add(sum, new(big.Int).SetUint64(v)) }
	for _, c := range counts {
		add(c.OK)
		add(c.Failed)
		add(c.Unknown)
		for _, v := range c.NotSent {
			add(v)
		}
	}
	return sum
}

func TestCountsAddRefusesWhatDoesNotFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyCounts(math.MaxUint64).Draw(t, "a"), anyCounts(math.MaxUint64>>3).Draw(t, "b")
		if rapid.Bool().Draw(t, "small") {
			a = anyCounts(math.MaxUint64>>4).Draw(t, "a small")
		}
		sum, ok := a.Add(b)
		truth := exact(a, b)
		require.Equal(t, truth.IsUint64(), ok)
		if ok {
			require.Equal(t, truth.Uint64(), sum.Planned())
			back, ok := sum.Sub(b)
			require.True(t, ok)
			require.Equal(t, a, back)
		}
	})
}

func TestCountsSubRefusesAFall(t *testing.T) {
	a := Counts{OK: 5, NotSent: [Reasons]uint64{CutOff: 1}}
	_, ok := a.Sub(Counts{OK: 5, NotSent: [Reasons]uint64{CutOff: 2}})
	require.False(t, ok)
	_, ok = a.Sub(Counts{Failed: 1})
	require.False(t, ok)
	rest, ok := a.Sub(Counts{OK: 2})
	require.True(t, ok)
	require.Equal(t, Counts{OK: 3, NotSent: [Reasons]uint64{CutOff: 1}}, rest)
	require.Equal(t, "ok 3, failed 0, unknown 0, cut_off 1", rest.String())
}

func TestCountsSurviveTheirEncoding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := anyCounts(math.MaxUint64).Draw(t, "a")
		b := anyCounts(9).Draw(t, "used")
		require.NoError(t, wire.Unmarshal(wire.Marshal(&a), &b))
		require.Equal(t, a, b)
	})
}

func TestStreamsAreOrderedAndValidated(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching("[ab]{0,2}")
		draw := func(label string) Stream {
			return Stream{
				name.Draw(t, label), name.Draw(t, label), name.Draw(t, label),
				rapid.Uint32Range(0, 2).Draw(t, label), rapid.Uint32Range(0, 2).Draw(t, label),
			}
		}
		a, b := draw("a"), draw("b")
		require.Equal(t, a == b, a.Compare(b) == 0)
		require.Equal(t, a.Compare(b), -b.Compare(a))
		valid := a.Job != "" && a.Datacenter != "" && a.Workflow != "" && a.Attempt != 0
		require.Equal(t, valid, a.Validate() == nil)
		require.NoError(t, wire.Unmarshal(wire.Marshal(&a), &b))
		require.Equal(t, a, b)
	})
	long := testStream(0)
	long.Job = string(make([]byte, MaxName+1))
	require.ErrorIs(t, long.Validate(), ErrInvalid)
	require.ErrorContains(t, long.Validate(), "job has 257 bytes")
}

func TestATallyIsEmptiedAndMergedAsAWhole(t *testing.T) {
	var a, b Tally
	a.Sent(Sample{Outcome: Unknown, Latency: 3, Service: 2, SendLag: 1})
	a.NotSent(NotStarted, 4)
	require.False(t, a.IsZero())
	require.True(t, b.Merge(&a))
	require.True(t, b.Merge(&a))
	c := b.Clone()
	b.Reset()
	require.True(t, b.IsZero())
	require.Equal(t, Counts{Unknown: 2, NotSent: [Reasons]uint64{NotStarted: 8}}, c.Counts)
	require.EqualValues(t, 2, c.Measures.Service.Count())
	full := Tally{Counts: Counts{OK: math.MaxUint64}}
	require.False(t, full.Merge(&a))
	require.Zero(t, full.Measures.Latency.Count(), "nothing of it")
}

func TestEveryKindHasItsName(t *testing.T) {
	seen := map[string]bool{}
	for r := range Reasons + 1 {
		seen[r.String()] = true
	}
	for r := range Results + 1 {
		seen[r.String()] = true
		require.Equal(t, r == Applied || r == AppliedLate || r == AppliedUnwindowed, r.Taken())
	}
	for u := range UnwindowedReasons + 1 {
		seen[u.String()] = true
	}
	require.Len(t, seen, int(Reasons)+int(Results)+int(UnwindowedReasons)+3)
	require.Equal(t, "job/east/browse/7#1", testStream(7).String())
}
