package stats

import (
	"math"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// anyDuration covers every magnitude evenly, 0 and what is beyond the bins included.
func anyDuration() *rapid.Generator[time.Duration] {
	return rapid.Custom(func(t *rapid.T) time.Duration {
		bits := rapid.IntRange(0, 62).Draw(t, "bits")
		return time.Duration(rapid.Int64Range(0, 1<<bits).Draw(t, "duration"))
	})
}

func anySketch() *rapid.Generator[Sketch] {
	return rapid.Custom(func(t *rapid.T) (s Sketch) {
		for _, d := range rapid.SliceOfN(anyDuration(), 0, 30).Draw(t, "durations") {
			s.Add(d)
		}
		return s
	})
}

func bytesOf(t require.TestingT, s *Sketch) []byte {
	b, err := s.AppendBinary(nil)
	require.NoError(t, err)
	return b
}

func TestSketchBytesDoNotDependOnTheOrderOrTreeOfMerging(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(anyDuration(), 0, 60).Draw(t, "all")
		var whole Sketch
		parts := make([]Sketch, 6)
		for _, d := range all {
			whole.Add(d)
			parts[rapid.IntRange(0, len(parts)-1).Draw(t, "part")].Add(d)
		}
		for len(parts) > 1 { // merge any two until one is left
			i := rapid.IntRange(0, len(parts)-2).Draw(t, "from")
			j := rapid.IntRange(i+1, len(parts)-1).Draw(t, "into")
			require.True(t, parts[j].Merge(&parts[i]))
			parts = slices.Delete(parts, i, i+1)
		}
		require.Equal(t, bytesOf(t, &whole), bytesOf(t, &parts[0]))
		require.EqualValues(t, len(all), parts[0].Count())
	})
}

func TestSketchQuantilesAreWithinTheirError(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) time.Duration {
			return min(anyDuration().Draw(t, "d"), 10*365*24*time.Hour)
		}), 1, 50).Draw(t, "all")
		var s Sketch
		sum := new(big.Int)
		for _, d := range all {
			s.Add(d)
			sum.Add(sum, big.NewInt(int64(d)))
		}
		slices.Sort(all)
		q := rapid.Float64Range(0, 1).Draw(t, "q")
		truth := all[int(math.Floor(q*float64(len(all)-1)))]
		// Rounded to whole nanoseconds, so half of one is allowed on top.
		require.InDelta(t, float64(truth), float64(s.Quantile(q)), RelativeError*float64(truth)+0.5)
		require.Equal(t, all[0], s.Min())
		require.Equal(t, all[len(all)-1], s.Max())
		high, low := s.Sum()
		got := new(big.Int).SetUint64(high)
		got.Lsh(got, 64).Add(got, new(big.Int).SetUint64(low))
		require.Zero(t, sum.Cmp(got))
		require.Equal(t, sum.Div(sum, big.NewInt(int64(len(all)))).Int64(), int64(s.Mean()))
	})
}

func TestSketchQuantileOutsideItsRangeIsTheNearerBound(t *testing.T) {
	var s Sketch
	require.Zero(t, s.Quantile(0.5))
	s.Add(time.Second)
	s.Add(-time.Second) // a negative one counts as 0
	for q, want := range map[float64]time.Duration{-1: 0, 2: time.Second, 0.5: 0, 1: time.Second} {
		require.Equal(t, want, s.Quantile(q), "q %v", q)
	}
	require.Zero(t, s.Quantile(math.NaN()))
}

func TestSketchSumDoesNotOverflow(t *testing.T) {
	var s Sketch
	s.Add(math.MaxInt64)
	for range 62 { // doubles
		c := s.Clone()
		require.True(t, s.Merge(&c))
	}
	require.Equal(t, time.Duration(math.MaxInt64), s.Mean())
	var back Sketch
	require.NoError(t, back.UnmarshalBinary(bytesOf(t, &s)))
	require.Equal(t, s, back)
	c := s.Clone()
	require.True(t, s.Merge(&c))
	require.False(t, s.Merge(&s), "2^64 do not fit")
}

func TestSketchSurvivesItsEncoding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anySketch().Draw(t, "sketch")
		used := anySketch().Draw(t, "used")
		require.NoError(t, used.UnmarshalBinary(bytesOf(t, &s)))
		require.Equal(t, bytesOf(t, &s), bytesOf(t, &used))
		require.Equal(t, s.Count(), used.Count())
		require.Equal(t, s.Quantile(0.9), used.Quantile(0.9))
		more := anyDuration().Draw(t, "more")
		s.Add(more)
		used.Add(more)
		require.Equal(t, bytesOf(t, &s), bytesOf(t, &used))
	})
}

func TestSketchResetKeepsNothingButMemory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anySketch().Draw(t, "sketch")
		s.Reset()
		var fresh Sketch
		for _, d := range rapid.SliceOfN(anyDuration(), 0, 10).Draw(t, "durations") {
			s.Add(d)
			fresh.Add(d)
		}
		require.Equal(t, bytesOf(t, &fresh), bytesOf(t, &s))
	})
}

func FuzzSketchDecodesOnlyWhatASketchWrites(f *testing.F) {
	for _, d := range [][]time.Duration{{}, {0}, {1}, {5, 1 << 40}, {0, 7, 7, 9, math.MaxInt64}} {
		var s Sketch
		for _, x := range d {
			s.Add(x)
		}
		b, _ := s.AppendBinary(nil)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var s Sketch
		if s.UnmarshalBinary(b) != nil {
			return
		}
		again := bytesOf(t, &s)
		var back Sketch
		require.NoError(t, back.UnmarshalBinary(again))
		require.Equal(t, again, bytesOf(t, &back))
		require.LessOrEqual(t, len(s.bins), MaxBins)
		for _, q := range []float64{0, 0.5, 0.999, 1} {
			v := s.Quantile(q)
			require.GreaterOrEqual(t, v, s.Min())
			require.LessOrEqual(t, v, s.Max())
		}
		s.Mean()
		var into Sketch
		into.Add(time.Second)
		if into.Merge(&s) {
			require.Equal(t, s.Count()+1, into.Count())
		}
	})
}
