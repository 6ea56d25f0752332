package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestLatencyQuantilesAreThoseOfTheShape(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		latency                Latency
		least, median, p90, p9 time.Duration
	}{
		{ConstantLatency(5 * ms), 5 * ms, 5 * ms, 5 * ms, 5 * ms},
		{UniformLatency(10*ms, 20*ms), 10 * ms, 15 * ms, 19 * ms, 19900 * time.Microsecond},
		{ExponentialLatency(10*ms, 10*ms), 10 * ms, 17 * ms, 33 * ms, 56 * ms},
		{LongTailLatency(10*ms, 10*ms), 10 * ms, 20 * ms, 100 * ms, 1000 * ms},
	} {
		quantile := func(q int) time.Duration { return c.latency.at(latencyLevels * q / 1000) }
		require.Equal(t, c.least, c.latency.at(0), c.latency)
		require.InEpsilon(t, c.median, quantile(500), 0.02, c.latency)
		require.InEpsilon(t, c.p90, quantile(900), 0.05, c.latency)
		require.InEpsilon(t, c.p9, quantile(990), 0.3, c.latency)
	}
}

func TestLatencyNeverFallsAsItsLevelRises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := Latency{
			Least:  time.Duration(rapid.Int64Range(0, int64(longestLatency)).Draw(t, "least")),
			Spread: time.Duration(rapid.Int64Range(0, int64(longestLatency)).Draw(t, "spread")),
			Shape:  Shape(rapid.IntRange(0, int(LongTailed)).Draw(t, "shape")),
		}
		require.NoError(t, l.validate("l"))
		require.Equal(t, l.Least, l.at(0))
		for level := 1; level < latencyLevels; level++ {
			require.GreaterOrEqual(t, l.at(level), l.at(level-1))
		}
	})
}
