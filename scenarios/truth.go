package scenarios

import (
	"math"
	"sync"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

// Truth is what hit the target, as the engines' taps saw it: by stream and by the worker's process that
// sent it. What the system reports is judged against it, never against what the system says of itself.
type Truth struct {
	mu       sync.Mutex //simvet:allow leaf lock: nothing waits or yields under it
	streams  table[stats.Stream, Executed]
	terminal map[string]bool
}

// Executed is what one attempt really did.
type Executed struct {
	Stream    stats.Stream
	Worker    string
	Process   int             // of the worker: how often it had been restarted
	Counts    stats.Counts    // of what ended, and of what was not started
	Released  uint64          // what hit the target, ended or not
	Latencies []time.Duration // from the planned start, in the order in which the requests ended
	Last      core.Instant    // of the worker's clock: the last release
	Died      bool            // its process has, by the end of the run
}

func newTruth() *Truth { return &Truth{terminal: map[string]bool{}} }

// watch has the end of a simulated run tell which processes have died in it.
func (t *Truth) watch(world *sim.World) {
	// Scans run once more at the end, when the nodes are still as the last step left them.
	world.Every(math.MaxInt64, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		for _, e := range t.streams.order {
			node := world.Node(e.Worker)
			e.Died = !node.Up() || node.Incarnation() != e.Process
		}
	})
}

// change lets f note something of a stream.
func (t *Truth) change(s stats.Stream, worker string, process int, f func(*Executed)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.streams.of(s)
	if e.Worker == "" {
		e.Stream, e.Worker, e.Process = s, worker, process
	}
	f(e)
}

// Stream is what one attempt did so far; zero when it did nothing.
func (t *Truth) Stream(s stats.Stream) Executed {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e := t.streams.find(s); e != nil {
		return *e
	}
	return Executed{Stream: s}
}

// Streams is what all attempts did so far, in the order in which they began.
func (t *Truth) Streams() []Executed {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]Executed, len(t.streams.order))
	for i, e := range t.streams.order {
		out[i] = *e
	}
	return out
}

// ran tells whether a worker ran any load.
func (t *Truth) ran(worker string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range t.streams.order {
		if e.Worker == worker && e.Released > 0 {
			return true
		}
	}
	return false
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
