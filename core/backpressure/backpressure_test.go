package backpressure_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/core/backpressure"
)

func TestLevelRisesAtOnceAndFallsTenPointsLower(t *testing.T) {
	var gauge backpressure.Gauge
	for _, step := range []struct {
		fill float64
		want backpressure.Level
	}{
		{0.69, backpressure.None},
		{0.70, backpressure.Throttle},
		{0.61, backpressure.Throttle},
		{0.59, backpressure.None},
		{0.95, backpressure.Reject},
		{0.86, backpressure.Reject},
		{0.84, backpressure.Batch},
		{0.76, backpressure.Batch},
		{0.00, backpressure.None},
		{1.00, backpressure.Reject},
	} {
		require.Equal(t, step.want, gauge.Read(step.fill), "at fill %v", step.fill)
	}
}

// A fill that stays within the hysteresis of a threshold changes the level at most once.
func TestLevelDoesNotFlap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		threshold := rapid.SampledFrom([]float64{0.70, 0.85, 0.95}).Draw(t, "threshold")
		var gauge backpressure.Gauge
		gauge.Read(threshold)
		level := gauge.Level()
		for range 50 {
			fill := rapid.Float64Range(threshold-0.099, min(threshold+0.09, 1)).Draw(t, "fill")
			next := gauge.Read(fill)
			require.GreaterOrEqual(t, next, level, "fell at fill %v, threshold %v", fill, threshold)
			level = next
		}
	})
}

func TestIntervalsGrowWithTheLevel(t *testing.T) {
	base := 250 * time.Millisecond
	require.Equal(t, base, backpressure.None.Interval(base))
	require.Equal(t, 2*base, backpressure.Throttle.Interval(base))
	require.Equal(t, 5*base, backpressure.Batch.Interval(base))
	require.Equal(t, 5*base, backpressure.Reject.Interval(base))
}
