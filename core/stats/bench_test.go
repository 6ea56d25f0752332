package stats

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/DataDog/sketches-go/ddsketch"
	"github.com/DataDog/sketches-go/ddsketch/mapping"
	"github.com/DataDog/sketches-go/ddsketch/store"
	"github.com/windtunnel/windtunnel/core/wire"
)

func BenchmarkSketchAdd(b *testing.B) {
	values := durations(1<<12, 50*time.Millisecond)
	var s Sketch
	for i := 0; b.Loop(); i++ {
		s.Add(values[i&(1<<12-1)])
	}
}

func BenchmarkSketchMerge50Bins(b *testing.B) {
	o := sketchOf(50)
	s := o.Clone()
	for b.Loop() {
		s.Merge(&o)
	}
}

func BenchmarkSketchMerge50BinsOfTheLibrary(b *testing.B) {
	m, _ := mapping.NewCubicallyInterpolatedMapping(RelativeError)
	of := func() *ddsketch.DDSketch {
		return ddsketch.NewDDSketch(m, store.NewCollapsingLowestDenseStore(MaxBins),
			store.NewCollapsingLowestDenseStore(MaxBins))
	}
	s, o := of(), of()
	for i := range 50 {
		_ = o.Add(m.Value(700 + i))
		_ = s.Add(m.Value(700 + i))
	}
	for b.Loop() {
		_ = s.MergeWith(o)
	}
}

func BenchmarkSketchEncode50Bins(b *testing.B) {
	s, buffer := sketchOf(50), make([]byte, 0, 1024)
	for b.Loop() {
		buffer, _ = s.AppendBinary(buffer[:0])
	}
	b.ReportMetric(float64(len(buffer)), "bytes")
}

func BenchmarkSketchDecode50Bins(b *testing.B) {
	s := sketchOf(50)
	bytes, _ := s.AppendBinary(nil)
	for b.Loop() {
		var d Sketch
		_ = d.UnmarshalBinary(bytes)
	}
}

// Entries of 900 streams, four windows a second, as they come to a gate: stream after stream.
func BenchmarkCollectorApply(b *testing.B) {
	for _, bins := range []int{0, 50} {
		b.Run(fmt.Sprintf("bins=%d", bins), func(b *testing.B) {
			feed := newFeed(b, bins)
			for b.Loop() {
				feed.next()
			}
		})
	}
	b.Run("bins=50/plain-merging", func(b *testing.B) {
		feed := newFeed(b, 50)
		windows := make([]Measures, 3)
		for i := 0; b.Loop(); i++ {
			windows[i/len(feed.entries)%len(windows)].Merge(&feed.entries[i%len(feed.entries)].Measures)
		}
	})
}

func BenchmarkEntryDecode50Bins(b *testing.B) {
	feed := newFeed(b, 50)
	bytes := wire.Marshal(&feed.entries[7])
	for b.Loop() {
		var e Entry
		if err := wire.Unmarshal(bytes, &e); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(bytes)), "bytes")
}

func BenchmarkTakeOneClosedWindow(b *testing.B) {
	for _, open := range []int{10, 4000} {
		b.Run(fmt.Sprintf("open=%d", open), func(b *testing.B) {
			c := collectorWithOpen(b, open)
			late := Entry{Stream: testStream(1), Measures: Measures{}, Delta: Counts{OK: 1}}
			now := c.now
			for n := uint64(1); b.Loop(); n++ {
				late.N, late.Cumulative.OK, late.Position = n, n, n
				late.K = c.closedThrough
				if r := c.Apply(&late, testSource, now); r.Result != AppliedLate {
					b.Fatal(r)
				}
				if len(c.TakeClosed(now)) != 1 {
					b.Fatal("not one window")
				}
			}
		})
	}
}

// feed makes each of 900 streams send an entry a window, for ever.
type feed struct {
	collector *Collector
	entries   []Entry
	now       Time
	i         int
}

func newFeed(tb testing.TB, bins int) *feed {
	f := &feed{now: testStart, collector: newTestCollector(tb, testStart)}
	for i := range 900 {
		e := Entry{Stream: testStream(uint32(i)), N: 1, K: f.collector.config.Index(testStart)}
		e.Delta.OK = uint64(bins)
		if bins == 0 {
			e.Delta.OK = 50
		} else {
			e.Measures = Measures{sketchOf(bins), sketchOf(bins), sketchOf(bins)}
		}
		e.Cumulative, e.Position = e.Delta, e.Delta.OK
		f.entries = append(f.entries, e)
		if err := f.collector.Open(e.Stream, testSource, testStart); err != nil {
			tb.Fatal(err)
		}
	}
	return f
}

func (f *feed) next() {
	e := &f.entries[f.i]
	if r := f.collector.Apply(e, testSource, f.now); r.Result != Applied {
		panic(fmt.Sprint(r))
	}
	e.N++
	e.K++
	e.Cumulative.OK += e.Delta.OK
	e.Position += e.Delta.OK
	if f.i++; f.i == len(f.entries) {
		f.i = 0
		f.now = f.now.Add(f.collector.config.Size)
		for _, w := range f.collector.TakeClosed(f.now) {
			f.collector.Logged(w.K, w.Revision)
		}
		f.collector.Drop(f.now)
	}
}

func collectorWithOpen(tb testing.TB, open int) *Collector {
	config := DefaultConfig()
	config.MaximumAge = 10 * time.Minute
	config.Size = 50 * time.Millisecond
	c, err := NewCollector("job", config, testStart)
	if err != nil {
		tb.Fatal(err)
	}
	for i := range uint32(2) {
		if err := c.Open(testStream(i), testSource, testStart); err != nil {
			tb.Fatal(err)
		}
	}
	for n := uint64(1); n <= uint64(open); n++ {
		e := Entry{Stream: testStream(0), N: n, K: config.Index(testStart) + int64(n)}
		e.Delta.OK, e.Cumulative.OK, e.Position = 1, n, n
		if r := c.Apply(&e, testSource, testStart); r.Result != Applied {
			tb.Fatal(r)
		}
	}
	return c
}

func sketchOf(bins int) (s Sketch) {
	for i := range bins {
		s.Add(time.Duration(index.Value(700 + i)))
	}
	return s
}

// durations are log-normal around median, the same ones in every run.
func durations(n int, median time.Duration) []time.Duration {
	random := rand.New(rand.NewPCG(1, 2))
	list := make([]time.Duration, n)
	for i := range list {
		factor := 1.0
		for range 12 {
			factor *= 0.8 + random.Float64()*0.45
		}
		list[i] = time.Duration(float64(median) * factor)
	}
	return list
}
