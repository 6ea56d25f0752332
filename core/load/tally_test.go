package load_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/stats"
)

func TestTallyLosesNothingBetweenGoroutinesAndCuts(t *testing.T) {
	const goroutines, each = 8, 20_000
	var tally load.Tally
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			for i := range each {
				if i%10 == 9 {
					tally.NotStarted(1)
					continue
				}
				tally.Released(1)
				sent := core.Instant(i + g)
				tally.Done(load.Sample{Sent: sent, End: sent + 5, Outcome: stats.Outcome(i % 3)})
			}
		})
	}
	ended := make(chan struct{})
	go func() {
		all.Wait()
		close(ended)
	}()
	var total stats.Tally
	for running := true; running; {
		select {
		case <-ended:
			running = false
		default:
		}
		var cut stats.Tally
		position, ok := tally.Drain(&cut)
		require.True(t, ok)
		require.True(t, total.Merge(&cut))
		require.GreaterOrEqual(t, position, total.Counts.Planned())
	}
	require.EqualValues(t, goroutines*each, total.Counts.Planned())
	require.EqualValues(t, goroutines*each/10, total.Counts.NotSent[stats.NotStarted])
	require.EqualValues(t, goroutines*each*9/10, total.Measures.Latency.Count())
	require.EqualValues(t, 5, total.Measures.Service.Max())
	position, _ := tally.Drain(&total)
	require.EqualValues(t, goroutines*each, position)
}

func TestTallyMeasuresLatencyFromThePlan(t *testing.T) {
	var tally load.Tally
	tally.Done(load.Sample{
		Planned: 0, Sent: core.Instant(time.Second), End: core.Instant(3 * time.Second), Outcome: stats.OK,
	})
	var cut stats.Tally
	tally.Drain(&cut)
	require.Equal(t, 3*time.Second, cut.Measures.Latency.Max())
	require.Equal(t, 2*time.Second, cut.Measures.Service.Max())
	require.Equal(t, time.Second, cut.Measures.SendLag.Max())
}
