package load_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/stats"
)

func BenchmarkTally(b *testing.B) {
	var tally load.Tally
	b.RunParallel(func(pb *testing.PB) {
		for at := core.Instant(0); pb.Next(); at += 1000 {
			tally.Released(1)
			tally.Done(load.Sample{Planned: at, Sent: at, End: at + 1_000_000})
		}
	})
}

// BenchmarkScripted reports what a scripted request costs, and how many times faster than real time one core
// plays a thousand requests a second, drained at every window of 250 ms.
func BenchmarkScripted(b *testing.B) {
	script := load.Script{Latency: 20 * ms, Tail: 5 * ms, Failed: 100, Unknown: 10}
	e, err := load.NewScripted(load.ScriptedConfig{Script: script})
	require.NoError(b, err)
	const seconds = 10
	var tally load.Tally
	for b.Loop() {
		w := newWorld(1)
		var window stats.Tally
		for at := 250 * ms; at <= seconds*time.Second; at += 250 * ms {
			w.at(core.Instant(at), func() {
				window.Reset()
				tally.Drain(&window)
			})
		}
		require.NoError(b, e.Run(context.Background(), w, assignment(1000, seconds*time.Second), &tally))
	}
	virtual := float64(b.N) * seconds
	b.ReportMetric(virtual/b.Elapsed().Seconds(), "virtual/real")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/(virtual*1000), "ns/request")
}

func BenchmarkPacer(b *testing.B) {
	plan := load.Plan{Rate: load.PerSecond(100_000), Duration: load.MaxDuration}
	for range 2 {
		parts, err := plan.Split([]uint32{3, 5})
		require.NoError(b, err)
		plan = parts[1]
	}
	pacer := load.NewPacer(plan, 0)
	for b.Loop() {
		pacer.Take()
	}
}
