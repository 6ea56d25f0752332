package load_test

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/stats"
)

// world is an Env for one task: its clock stands still but in Sleep, and what is planned happens in between.
// Methods that an engine must not need are left nil.
type world struct {
	core.Env
	now    core.Instant
	random *rand.Rand
	events []event
	sleeps int
	late   time.Duration // by how much every sleep is too long
}

type event struct {
	at core.Instant
	do func()
}

func newWorld(seed uint64) *world { return &world{random: rand.New(rand.NewPCG(seed, 0))} }

func (w *world) Now() core.Instant { return w.now }
func (w *world) Rand() *rand.Rand  { return w.random }

func (w *world) at(t core.Instant, do func()) {
	w.events = append(w.events, event{t, do})
	slices.SortStableFunc(w.events, func(a, b event) int { return cmp.Compare(a.at, b.at) })
}

// Sleep ends early when an event ends ctx.
func (w *world) Sleep(ctx context.Context, d time.Duration) error {
	w.sleeps++
	until := w.now.Add(max(d, 0) + w.late)
	for ctx.Err() == nil {
		if len(w.events) == 0 || w.events[0].at > until {
			w.now = max(w.now, until)
			return nil
		}
		next := w.events[0]
		w.events = w.events[1:]
		w.now = max(w.now, next.at)
		next.do()
	}
	return context.Cause(ctx)
}

// log is a recorder and a tap that keeps everything.
type log struct {
	now        func() core.Instant
	released   []core.Instant
	recorded   int // released, says the recorder
	notStarted int
	samples    []load.Sample
	doneAt     []core.Instant
}

func (l *log) recorder() load.Recorder { return recorder{l} }

// Released implements load.Tap.
func (l *log) Released(_ stats.Stream, n int, now core.Instant) {
	for range n {
		l.released = append(l.released, now)
	}
}

// NotStarted implements load.Tap.
func (l *log) NotStarted(_ stats.Stream, n int) { l.notStarted += n }

// Executed implements load.Tap.
func (l *log) Executed(_ stats.Stream, s load.Sample) {
	l.samples = append(l.samples, s)
	l.doneAt = append(l.doneAt, l.now())
}

// recorder checks that the recorder is told what the tap was told just before.
type recorder struct{ tap *log }

func (r recorder) Released(n int) {
	r.tap.recorded += n
	if r.tap.recorded != len(r.tap.released) {
		panic("recorder and tap disagree on what was released")
	}
}

func (r recorder) NotStarted(int) {}

func (r recorder) Done(s load.Sample) {
	if s != r.tap.samples[len(r.tap.samples)-1] {
		panic("recorder and tap disagree on a sample")
	}
}

func (l *log) count(o stats.Outcome) (n int) {
	for _, s := range l.samples {
		if s.Outcome == o {
			n++
		}
	}
	return n
}
