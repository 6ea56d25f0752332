package main

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core/stats"
)

const (
	streams = 900
	bins    = 50 // of each of an entry's three sketches
)

// measureCollector feeds one job's collector entries of 900 streams, four windows a second, as they come
// to a gate: stream after stream, window after window, closed ones taken and dropped.
func measureCollector(s settings) ([]figure, error) {
	results, err := takeTurns(s,
		contestant{name: "without sketches", run: feeding(0)},
		contestant{name: "with sketches", run: feeding(bins)},
		contestant{name: "merging", run: mergeSketches},
		contestant{name: "the library's merging", run: mergeLibrary},
	)
	if err != nil {
		return nil, err
	}
	bare, sketched, merged, library := results[0], results[1], results[2], results[3]
	figures := []figure{
		rate("entries a second a core, without sketches", bare, atLeast(2e6, "")),
		rate("entries a second a core, with three sketches of 50 buckets", sketched, goal{}),
		versus(sketched, library, "merging such sketches alone by sketches-go", atMost(1.2, "×")),
		versus(sketched, merged, "merging them alone by our own code", atMost(1.2, "×")),
	}
	results, err = takeTurns(s,
		contestant{name: "few open", run: func(n int) (time.Duration, error) { return takeOne(n, 10) }},
		contestant{name: "many open", run: func(n int) (time.Duration, error) { return takeOne(n, 4000) }},
	)
	if err != nil {
		return nil, err
	}
	return append(figures,
		versus(results[1], results[0], "taking it beside 10 open windows: a closed one beside 4,000",
			atMost(1.2, "×")),
	), nil
}

var (
	start  = stats.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	source = stats.Source{Worker: "w1", Incarnation: 1}
)

func streamOf(shard int) stats.Stream {
	return stats.Stream{Job: "job", Datacenter: "east", Workflow: "browse", Shard: uint32(shard), Attempt: 1}
}

// entriesOf is the first entry of each stream.
func entriesOf(config stats.Config, sketched int) []stats.Entry {
	entries := make([]stats.Entry, streams)
	for i := range entries {
		e := entryOf(sketched)
		e.Stream, e.N, e.K = streamOf(i), 1, config.Index(start)
		e.Cumulative, e.Position = e.Delta, e.Delta.OK
		entries[i] = e
	}
	return entries
}

// entryOf counts 50 requests, with sketches of so many buckets or without.
func entryOf(sketched int) stats.Entry {
	e := stats.Entry{Delta: stats.Counts{OK: bins}}
	if sketched > 0 {
		e.Measures = stats.Measures{Latency: sketchOf(bins), Service: sketchOf(bins), SendLag: sketchOf(bins)}
	}
	return e
}

// sketchOf has one value in each of about so many neighbouring buckets.
func sketchOf(bins int) (s stats.Sketch) {
	value := float64(time.Millisecond)
	for range bins {
		s.Add(time.Duration(value))
		value *= (1 + stats.RelativeError) / (1 - stats.RelativeError)
	}
	return s
}

func feeding(sketched int) func(n int) (time.Duration, error) {
	return func(n int) (time.Duration, error) { return feedCollector(n, sketched) }
}

func feedCollector(n, sketched int) (time.Duration, error) {
	config := stats.DefaultConfig()
	collector, err := stats.NewCollector("job", config, start)
	if err != nil {
		return 0, err
	}
	entries := entriesOf(config, sketched)
	for i := range entries {
		if err := collector.Open(entries[i].Stream, source, start); err != nil {
			return 0, err
		}
	}
	began, now := time.Now(), start
	for i := range n {
		e := &entries[i%streams]
		if r := collector.Apply(e, source, now); r.Result != stats.Applied {
			return 0, fmt.Errorf("entry %d: %v %w", e.N, r.Result, r.Err)
		}
		e.N++
		e.K++
		e.Cumulative.OK += e.Delta.OK
		e.Position += e.Delta.OK
		if (i+1)%streams == 0 {
			now = now.Add(config.Size)
			for _, w := range collector.TakeClosed(now) {
				collector.Logged(w.K, w.Revision)
			}
			collector.Drop(now)
		}
	}
	return time.Since(began), nil
}

// mergeSketches does no more than to merge the same entries' sketches into windows.
func mergeSketches(n int) (time.Duration, error) {
	entries := entriesOf(stats.DefaultConfig(), bins)
	windows := make([]stats.Measures, 3)
	began := time.Now()
	for i := range n {
		windows[i/streams%len(windows)].Merge(&entries[i%streams].Measures)
	}
	return time.Since(began), nil
}

// takeOne has so many windows open, and n times a late entry for a closed one, which is then taken.
func takeOne(n, open int) (time.Duration, error) {
	config := stats.DefaultConfig()
	config.MaximumAge, config.Size = 10*time.Minute, 50*time.Millisecond
	collector, err := stats.NewCollector("job", config, start)
	if err != nil {
		return 0, err
	}
	for i := range 2 {
		if err := collector.Open(streamOf(i), source, start); err != nil {
			return 0, err
		}
	}
	for i := range open {
		at := uint64(i + 1)
		e := stats.Entry{Stream: streamOf(0), N: at, K: config.Index(start) + int64(at), Position: at}
		e.Delta.OK, e.Cumulative.OK = 1, at
		if r := collector.Apply(&e, source, start); r.Result != stats.Applied {
			return 0, fmt.Errorf("open window %d: %v %w", i, r.Result, r.Err)
		}
	}
	late := stats.Entry{Stream: streamOf(1), K: config.Index(start) - 100, Delta: stats.Counts{OK: 1}}
	began := time.Now()
	for i := range n {
		at := uint64(i + 1)
		late.N, late.Cumulative.OK, late.Position = at, at, at
		if r := collector.Apply(&late, source, start); r.Result != stats.AppliedLate {
			return 0, fmt.Errorf("late entry: %v %w", r.Result, r.Err)
		}
		if got := len(collector.TakeClosed(start)); got != 1 {
			return 0, fmt.Errorf("%d windows taken, must be 1", got)
		}
	}
	return time.Since(began), nil
}
