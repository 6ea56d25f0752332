package core

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"
)

// Env is one node's whole view of the world. Every method may be called from any task of that node.
//
// A context made by an Env (Context, WithCancel, WithTimeout and standard children of those) is cancelled
// synchronously; waiting under a context from elsewhere works, but is noticed later.
type Env interface {
	Clock
	Network

	// Context ends when this node is asked to stop. A crash does not end it: a crash ends the tasks.
	Context() context.Context
	// WithCancel returns a child of parent. It and WithTimeout are the only sources of cancellation in core.
	WithCancel(parent context.Context) (context.Context, context.CancelFunc)

	// Go starts a task that dies with its node. Names are stable and say what the task is for ("job/j1"); a
	// counter in a name would make recorded choices drift.
	Go(name string, f func())
	// Rand is this node's own stream of random numbers, safe for all its tasks.
	Rand() *rand.Rand
	// NewLocker returns a lock that the scheduler can see. Nothing that waits for the network or for time
	// belongs under it.
	NewLocker() sync.Locker
	// NewSignal returns a bell for one waiting task.
	NewSignal() Signal
	// Yield is a named interleaving point, free in production.
	Yield(point string)
	// Rare tells whether the program is to do what it seldom does at a point of it: keep a short queue, be
	// impatient, say things in small pieces. Whoever asks keeps every promise either way. A point is named by
	// its package and what is rare ("gate/short-push-log"), and stands at one place of the program, so that
	// the name says where. The answer is one for a run, the same for every node and every time: drawn at the
	// first question by a simulator that takes rare branches, and else false. In production it is false and
	// free. It is no interleaving point.
	Rare(point string) bool
	// Note records a fact for the trace and for invariants. In production it is free, or a debug log line.
	Note(Event)
	// Log is this node's logger.
	Log() *slog.Logger
}

// Instant is steady time in nanoseconds since this node booted. It may drift against real time but never
// jumps and never falls. It means nothing to another node and never crosses the wire.
type Instant int64

// Add returns the instant d later; it saturates at the ends of the range.
func (t Instant) Add(d time.Duration) Instant {
	sum := t + Instant(d)
	if d > 0 && sum < t {
		return Instant(1<<63 - 1)
	}
	if d < 0 && sum > t {
		return Instant(-1 << 63)
	}
	return sum
}

// Sub returns the time from u to t.
func (t Instant) Sub(u Instant) time.Duration { return time.Duration(t - u) }

// Forever is a duration that never elapses, for Signal.Wait and WithTimeout.
const Forever = time.Duration(1<<63 - 1)

// Clock is a node's sense of time.
type Clock interface {
	// Now is steady time.
	Now() Instant
	// Wall is the node's opinion of the time of day: UTC, without a monotonic part. It skews, drifts and
	// jumps both ways.
	Wall() time.Time
	// Sleep returns nil after d of steady time, or at once with why ctx ended (context.Cause). A d of zero or
	// less still is an interleaving point.
	Sleep(ctx context.Context, d time.Duration) error
	// WithTimeout returns a child of parent that ends with context.DeadlineExceeded after d of steady time.
	WithTimeout(parent context.Context, d time.Duration) (context.Context, context.CancelFunc)
}

// Signal is one task's bell. Notify may be called by any task; it is remembered until the next Wait, and two
// notifications before a Wait are one.
type Signal interface {
	Notify()
	// Wait returns nil when notified, ErrElapsed after d of steady time, or why ctx ended (context.Cause). A
	// remembered notification wins over both, so none is lost when they coincide. With d zero or less it only
	// looks. A second waiter while one waits is a mistake of the program and panics.
	Wait(ctx context.Context, d time.Duration) error
}

// Event is a typed fact about a run: what invariants subscribe to, by type switch, and what a trace shows.
type Event interface {
	// AppendText appends the fact in a few words ("level NONE -> REJECT"). The same fact appends the same
	// bytes: a trace's hash holds them.
	AppendText(b []byte) []byte
}
