package core

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Latch opens once and stays open. Any number of tasks wait for it.
type Latch struct {
	env Env

	mu    sync.Mutex //simvet:allow leaf lock: nothing waits or yields under it
	open  bool
	bells []Signal
}

// NewLatch returns a closed latch.
func NewLatch(env Env) *Latch { return &Latch{env: env} }

// Open lets every present and future waiter pass. Opening again does nothing.
func (l *Latch) Open() {
	l.mu.Lock()
	bells := l.bells
	l.open, l.bells = true, nil
	l.mu.Unlock()
	for _, bell := range bells {
		bell.Notify()
	}
}

// IsOpen tells without waiting.
func (l *Latch) IsOpen() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open
}

// Wait returns nil once the latch is open, ErrElapsed after d, or why ctx ended. An open latch wins over
// both.
func (l *Latch) Wait(ctx context.Context, d time.Duration) error {
	bell := l.env.NewSignal()
	l.mu.Lock()
	if l.open {
		l.mu.Unlock()
		return nil
	}
	l.bells = append(l.bells, bell)
	l.mu.Unlock()
	err := bell.Wait(ctx, d)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open {
		return nil
	}
	l.bells = slices.DeleteFunc(l.bells, func(b Signal) bool { return b == bell })
	return err
}
