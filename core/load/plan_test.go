package load_test

import (
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/wire"
)

func rates() *rapid.Generator[load.Rate] {
	return rapid.Custom(func(t *rapid.T) load.Rate {
		per := time.Duration(rapid.Int64Range(int64(time.Millisecond), int64(24*time.Hour)).Draw(t, "per"))
		most := uint64(per) / 100 // 10,000,000 a second
		return load.Rate{Count: rapid.Uint64Range(1, most).Draw(t, "count"), Per: per}
	})
}

// smallPlans have few enough arrivals to list.
func smallPlans() *rapid.Generator[load.Plan] {
	return rapid.Custom(func(t *rapid.T) load.Plan {
		rate := rates().Draw(t, "rate")
		longest := min(uint64(load.MaxDuration), 1+uint64(rate.Per)/rate.Count*300)
		duration := rapid.Uint64Range(1, longest).Draw(t, "duration")
		return load.Plan{Rate: rate, Duration: time.Duration(duration)}
	})
}

func weights() *rapid.Generator[[]uint32] {
	return rapid.SliceOfN(rapid.Uint32Range(1, 40), 1, 6)
}

func instants(p load.Plan) []time.Duration {
	all := make([]time.Duration, p.Arrivals())
	for i := range all {
		all[i] = p.At(uint64(i))
	}
	return all
}

func TestPlanOfWholeSecondsHasRateTimesDurationArrivals(t *testing.T) {
	for _, c := range []struct {
		rate     load.Rate
		duration time.Duration
		arrivals uint64
		last     time.Duration
	}{
		{load.PerSecond(200), 10 * time.Second, 2000, 9995 * time.Millisecond},
		{load.PerSecond(3), time.Second, 3, 666_666_666},
		{load.PerSecond(1), time.Nanosecond, 1, 0},
		{load.Rate{Count: 1, Per: 3 * time.Second}, 10 * time.Second, 4, 9 * time.Second},
		{load.PerSecond(load.MaxRate), load.MaxDuration, 25_920_000_000_000, load.MaxDuration - 100},
	} {
		p := load.Plan{Rate: c.rate, Duration: c.duration}
		require.NoError(t, p.Validate())
		require.Equal(t, c.arrivals, p.Arrivals(), "%v for %v", c.rate, c.duration)
		require.Equal(t, c.last, p.At(c.arrivals-1), "%v for %v", c.rate, c.duration)
	}
}

func TestArrivalsNeverDriftFromTheirRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := load.Plan{Rate: rates().Draw(t, "rate"), Duration: load.MaxDuration}
		i := rapid.Uint64Range(0, p.Arrivals()-1).Draw(t, "i")
		exact := new(big.Int).Mul(new(big.Int).SetUint64(i), big.NewInt(int64(p.Rate.Per)))
		exact.Div(exact, new(big.Int).SetUint64(p.Rate.Count))
		require.Equal(t, exact.Int64(), int64(p.At(i)))
		require.Less(t, p.At(p.Arrivals()-1), p.Duration)
		require.GreaterOrEqual(t, p.At(p.Arrivals()), p.Duration)
	})
}

func TestPositionCountsWhatIsPlannedUntilThen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := smallPlans().Draw(t, "plan")
		parts, err := p.Split(weights().Draw(t, "weights"))
		require.NoError(t, err)
		p = rapid.SampledFrom(append(parts, p)).Draw(t, "part")
		all := instants(p)
		elapsed := time.Duration(rapid.Int64Range(-1, int64(p.Duration)+1).Draw(t, "elapsed"))
		if len(all) > 0 && rapid.Bool().Draw(t, "on the instant") {
			elapsed = rapid.SampledFrom(all).Draw(t, "instant")
		}
		due := uint64(0)
		for _, at := range all {
			if at <= elapsed {
				due++
			}
		}
		require.Equal(t, due, p.Due(elapsed))
	})
}

func TestPartsOfASplitAreExactlyThePlan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := smallPlans().Draw(t, "plan")
		datacenters, err := p.Split(weights().Draw(t, "datacenters"))
		require.NoError(t, err)
		var union []time.Duration
		for _, d := range datacenters {
			shards, err := d.Split(weights().Draw(t, "cores"))
			require.NoError(t, err)
			for _, s := range shards {
				require.NoError(t, s.Validate())
				all := instants(s)
				require.True(t, slices.IsSorted(all))
				union = append(union, all...)
			}
		}
		slices.Sort(union)
		require.Equal(t, instants(p), append([]time.Duration{}, union...))
	})
}

func TestPartGetsArrivalsInProportionToItsWeight(t *testing.T) {
	p := load.Plan{Rate: load.PerSecond(1000), Duration: 10 * time.Second}
	parts, err := p.Split([]uint32{1, 2, 4})
	require.NoError(t, err)
	var got []uint64
	for _, part := range parts {
		got = append(got, part.Arrivals())
	}
	// 10,000 arrivals are 1,428 rounds of 7, and 4 arrivals that fall to those who come first.
	require.Equal(t, []uint64{1429, 2858, 5713}, got)
}

func TestPlanOutOfBoundsNamesItsField(t *testing.T) {
	require.Zero(t, load.Plan{}.Arrivals())
	good := load.Plan{Rate: load.PerSecond(1), Duration: time.Second}
	require.NoError(t, good.Validate())
	for _, c := range []struct {
		field string
		spoil func(*load.Plan)
	}{
		{"rate.count", func(p *load.Plan) { p.Rate.Count = 0 }},
		{"rate.count", func(p *load.Plan) { p.Rate.Count = load.MaxRate + 1 }},
		{"rate.per", func(p *load.Plan) { p.Rate.Per = 0 }},
		{"rate.per", func(p *load.Plan) { p.Rate.Per = 25 * time.Hour }},
		{"duration", func(p *load.Plan) { p.Duration = 0 }},
		{"duration", func(p *load.Plan) { p.Duration = load.MaxDuration + 1 }},
		{"shares", func(p *load.Plan) { p.Shares = make([]load.Share, load.MaxShares+1) }},
		{"share.of", func(p *load.Plan) { p.Shares = []load.Share{{}} }},
		{"share", func(p *load.Plan) { p.Shares = []load.Share{{First: 0, Width: 0, Of: 1}} }},
		{"share", func(p *load.Plan) { p.Shares = []load.Share{{First: 1<<32 - 1, Width: 2, Of: 2}} }},
	} {
		p := good
		c.spoil(&p)
		var field *load.FieldError
		require.ErrorAs(t, p.Validate(), &field)
		require.Equal(t, c.field, field.Field)
	}
}

func TestPlanThatIsValidHasArrivalsWithinIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.OneOf(rapid.Uint32(), rapid.Uint32Range(0, 4))
		p := load.Plan{
			Rate:     rapid.OneOf(rates(), rapid.Just(load.PerSecond(1<<63))).Draw(t, "rate"),
			Duration: time.Duration(rapid.Int64Range(-1, int64(load.MaxDuration)+1).Draw(t, "duration")),
		}
		for range rapid.IntRange(0, 5).Draw(t, "depth") {
			p.Shares = append(p.Shares, load.Share{
				First: number.Draw(t, "first"), Width: number.Draw(t, "width"), Of: number.Draw(t, "of"),
			})
		}
		if p.Validate() != nil {
			return
		}
		require.Equal(t, p.Arrivals(), p.Due(p.Duration-1))
		require.Equal(t, p.Arrivals(), p.Due(1<<63-1))
		if n := p.Arrivals(); n > 0 {
			require.Less(t, p.At(n-1), p.Duration)
			require.Equal(t, n, p.Due(p.At(n-1)))
		}
	})
}

func TestSplitRefusesWhatItCannotDivide(t *testing.T) {
	p := load.Plan{Rate: load.PerSecond(1), Duration: time.Second}
	for _, w := range [][]uint32{nil, {0}, {1, 0}, {load.MaxWeight, 1}, {1<<32 - 1, 1<<32 - 1}} {
		_, err := p.Split(w)
		require.Error(t, err, "%v", w)
	}
	for range load.MaxShares {
		parts, err := p.Split([]uint32{1, 1})
		require.NoError(t, err)
		p = parts[1]
	}
	_, err := p.Split([]uint32{1})
	require.Error(t, err)
}

func TestPlanAndTargetSurviveTheWire(t *testing.T) {
	p := load.Plan{
		Rate: load.Rate{Count: 7, Per: 2 * time.Second}, Duration: time.Minute,
		Shares: []load.Share{{0, 1, 3}, {2, 4, 6}},
	}
	var gotPlan load.Plan
	require.NoError(t, wire.Unmarshal(wire.Marshal(&p), &gotPlan))
	require.Equal(t, p, gotPlan)

	target := load.Target{
		Method: "POST", URL: "http://h/x", Headers: []load.Header{{"A", "1"}, {"A", ""}},
		Body: []byte("b"), Timeout: time.Second,
	}
	var gotTarget load.Target
	require.NoError(t, wire.Unmarshal(wire.Marshal(&target), &gotTarget))
	require.Equal(t, target, gotTarget)
}
