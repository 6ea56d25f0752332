package main

import (
	"time"

	"github.com/DataDog/sketches-go/ddsketch"
	"github.com/DataDog/sketches-go/ddsketch/mapping"
	"github.com/DataDog/sketches-go/ddsketch/store"

	"github.com/windtunnel/windtunnel/core/stats"
)

// mergeLibrary merges what mergeSketches does by the library whose mapping ours has: three sketches an
// entry, of as many streams, into three windows.
func mergeLibrary(n int) (time.Duration, error) {
	m, err := mapping.NewCubicallyInterpolatedMapping(stats.RelativeError)
	if err != nil {
		return 0, err
	}
	entries := make([][3]*ddsketch.DDSketch, streams)
	for i := range entries {
		for j := range entries[i] {
			if entries[i][j], err = librarySketch(m); err != nil {
				return 0, err
			}
		}
	}
	var windows [3][3]*ddsketch.DDSketch
	for i := range windows {
		for j := range windows[i] {
			windows[i][j] = entries[0][j].Copy()
		}
	}
	began := time.Now()
	for i := range n {
		window, e := &windows[i/streams%len(windows)], &entries[i%streams]
		for j := range window {
			if err := window[j].MergeWith(e[j]); err != nil {
				return 0, err
			}
		}
	}
	return time.Since(began), nil
}

// librarySketch has one value in each of as many buckets as sketchOf.
func librarySketch(m mapping.IndexMapping) (*ddsketch.DDSketch, error) {
	s := ddsketch.NewDDSketch(m, store.NewCollapsingLowestDenseStore(stats.MaxBins),
		store.NewCollapsingLowestDenseStore(stats.MaxBins))
	first := m.Index(float64(time.Millisecond))
	for i := range bins {
		if err := s.Add(m.Value(first + i)); err != nil {
			return nil, err
		}
	}
	return s, nil
}
