package blocking

import (
	"context"
	"sync"

	"github.com/windtunnel/windtunnel/core"
)

// RWLock is held by any number of readers or by one writer. While a writer waits no new reader gets it, so
// writers that keep coming starve readers; and who holds it for reading must not ask for it again, since a
// writer may wait in between.
type RWLock struct {
	env core.Env

	mu        sync.Mutex //simvet:allow leaf lock: nothing waits or yields under it
	writing   bool
	reading   int
	writers   line
	newcomers line // readers that wait
}

// NewRWLock returns a lock that nobody holds.
func NewRWLock(env core.Env) *RWLock { return &RWLock{env: env} }

// Lock waits until nobody holds the lock, and takes it for writing. It returns why ctx ended when that comes
// first.
func (l *RWLock) Lock(ctx context.Context) error {
	_, err := await(ctx, l.env, "lock", []Case{writer{l}})
	return err
}

// RLock waits until no writer holds the lock or waits for it, and takes it for reading. It returns why ctx
// ended when that comes first.
func (l *RWLock) RLock(ctx context.Context) error {
	_, err := await(ctx, l.env, "read lock", []Case{reader{l}})
	return err
}

// TryLock takes the lock for writing if it can be had now.
func (l *RWLock) TryLock() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.writing || l.reading > 0 {
		return false
	}
	l.writing = true
	return true
}

// TryRLock takes the lock for reading if it can be had now.
func (l *RWLock) TryRLock() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.writing || len(l.writers.bells) > 0 {
		return false
	}
	l.reading++
	return true
}

// Unlock gives the lock back that Lock took, in any task. It panics if no writer has it.
func (l *RWLock) Unlock() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.writing {
		panic("blocking: Unlock of an RWLock that no writer holds")
	}
	l.writing = false
	l.ring()
}

// RUnlock gives the lock back that RLock took, in any task. It panics if no reader has it.
func (l *RWLock) RUnlock() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.reading == 0 {
		panic("blocking: RUnlock of an RWLock that no reader holds")
	}
	l.reading--
	l.ring()
}

// ring wakes who can have the lock now. The caller holds mu.
func (l *RWLock) ring() {
	switch {
	case l.writing:
	case len(l.writers.bells) == 0:
		l.newcomers.ring()
	case l.reading == 0:
		l.writers.ring()
	}
}

func (l *RWLock) enlist(in *line, bell core.Signal) {
	l.mu.Lock()
	defer l.mu.Unlock()
	in.enlist(bell)
}

// leave rings: the last writer that gives up lets readers in, and a reader that got in brings the next.
func (l *RWLock) leave(in *line, bell core.Signal) {
	l.mu.Lock()
	defer l.mu.Unlock()
	in.leave(bell)
	l.ring()
}

type writer struct{ lock *RWLock }

func (w writer) attempt() (bool, error)  { return w.lock.TryLock(), nil }
func (w writer) enlist(bell core.Signal) { w.lock.enlist(&w.lock.writers, bell) }
func (w writer) leave(bell core.Signal)  { w.lock.leave(&w.lock.writers, bell) }

type reader struct{ lock *RWLock }

func (r reader) attempt() (bool, error)  { return r.lock.TryRLock(), nil }
func (r reader) enlist(bell core.Signal) { r.lock.enlist(&r.lock.newcomers, bell) }
func (r reader) leave(bell core.Signal)  { r.lock.leave(&r.lock.newcomers, bell) }
