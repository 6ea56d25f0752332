package scenarios

import (
	"sync"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/sim/check"
)

// Truth is what hit the target, as the engines' taps saw it: by stream and by the worker's process that sent it. What
// the system reports is judged against it, never against what the system says of itself.
type Truth struct {
	mu       sync.Mutex //simvet:allow leaf lock: nothing waits or yields under it
	streams  map[stats.Stream]*Executed
	order    []stats.Stream
	terminal map[string]bool
}

// Executed is what one attempt really did.
type Executed struct {
	Worker    string
	Counts    stats.Counts // of what ended, and of what was not started
	Released  uint64       // what hit the target, ended or not
	Latencies stats.Sketch // from the planned start
	Last      core.Instant // of the worker's clock: the last release
}

func newTruth() *Truth {
	return &Truth{streams: map[stats.Stream]*Executed{}, terminal: map[string]bool{}}
}

// of is the tap of one worker's engine.
func (t *Truth) of(worker string) load.Tap { return tap{t, worker} }

type tap struct {
	truth  *Truth
	worker string
}

func (t tap) Released(s stats.Stream, n int, now core.Instant) {
	t.truth.change(s, t.worker, func(e *Executed) { e.Released, e.Last = e.Released+uint64(n), now })
}

func (t tap) NotStarted(s stats.Stream, n int) {
	t.truth.change(s, t.worker, func(e *Executed) { e.Counts.NotSent[stats.NotStarted] += uint64(n) })
}

func (t tap) Executed(s stats.Stream, sample load.Sample) {
	t.truth.change(s, t.worker, func(e *Executed) {
		measured := sample.Measured()
		switch measured.Outcome {
		case stats.OK:
			e.Counts.OK++
		case stats.Failed:
			e.Counts.Failed++
		default:
			e.Counts.Unknown++
		}
		e.Latencies.Add(measured.Latency)
	})
}

func (t *Truth) change(s stats.Stream, worker string, f func(*Executed)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.streams[s]
	if e == nil {
		e = &Executed{Worker: worker}
		t.streams[s] = e
		t.order = append(t.order, s)
	}
	f(e)
}

// Stream is what one attempt did so far.
func (t *Truth) Stream(s stats.Stream) (e Executed, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if found := t.streams[s]; found != nil {
		e = *found
		e.Latencies = found.Latencies.Clone()
		return e, true
	}
	return e, false
}

// Streams lists the attempts that did anything, in the order in which they began.
func (t *Truth) Streams() []stats.Stream {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]stats.Stream(nil), t.order...)
}

// Observe takes what the gate notes of jobs' states; it never objects.
func (t *Truth) Observe(o check.Observation) error {
	if f, ok := o.Event.(fact.State); ok && f.To.Terminal() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.terminal[f.Job] = true
	}
	return nil
}

// Name implements check.Invariant.
func (t *Truth) Name() string { return "truth" }

// End implements check.Invariant.
func (t *Truth) End() error { return nil }

// ended tells whether a job has reached a terminal state.
func (t *Truth) ended(job string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.terminal[job]
}
