package load

import (
	"sync"
	"sync/atomic"

	"github.com/windtunnel/windtunnel/core/stats"
)

// Tally is the Recorder that a worker gives to an engine and empties at every cut. It may be used from any
// number of goroutines; zero is empty. It must not be copied.
type Tally struct {
	position atomic.Uint64
	shards   [8]shard
}

// shard is counted into by one goroutine at a time.
type shard struct {
	mu    sync.Mutex //simvet:allow leaf lock: nothing waits or yields under it
	tally stats.Tally
	_     [64]byte // so that two shards' locks never share a cache line
}

// Released implements Recorder.
func (t *Tally) Released(n int) { t.position.Add(uint64(n)) }

// NotStarted implements Recorder.
func (t *Tally) NotStarted(n int) {
	t.position.Add(uint64(n))
	s := t.lock()
	s.tally.NotSent(stats.NotStarted, uint64(n))
	s.mu.Unlock()
}

// Done implements Recorder.
func (t *Tally) Done(sample Sample) {
	measured := sample.Measured()
	s := t.lock()
	s.tally.Sent(measured)
	s.mu.Unlock()
}

// lock takes the first shard that nobody else is at. A single task always gets the first, so that a run in
// simulation is one sequence; goroutines that collide spread out.
func (t *Tally) lock() *shard {
	last := len(t.shards) - 1
	for i := range last {
		if t.shards[i].mu.TryLock() {
			return &t.shards[i]
		}
	}
	t.shards[last].mu.Lock()
	return &t.shards[last]
}

// Drain moves all that was recorded since the last Drain into `into`, and returns the schedule position: how
// many arrivals of the plan were let go or not started, ever. What was drained, ever, accounts for at most
// that many; the difference is in flight. It is not ok when a count of `into` would be over 64 bits; then
// some of it stays.
func (t *Tally) Drain(into *stats.Tally) (position uint64, ok bool) {
	ok = true
	for i := range t.shards {
		s := &t.shards[i]
		s.mu.Lock()
		if into.Merge(&s.tally) {
			s.tally.Reset()
		} else {
			ok = false
		}
		s.mu.Unlock()
	}
	// After the counts: each was preceded by its arrival's position.
	return t.position.Load(), ok
}
