package blocking

import (
	"context"
	"slices"
	"sync"

	"github.com/windtunnel/windtunnel/core"
)

// Cond is a condition over what a lock guards. Tasks that wait for it look again each time that they are
// woken, in a loop:
//
//	lock.Lock()
//	defer lock.Unlock()
//	for !ready {
//		if err := cond.Wait(ctx); err != nil {
//			return err
//		}
//	}
type Cond struct {
	env    core.Env
	locker sync.Locker

	mu      sync.Mutex //simvet:allow leaf lock: nothing waits or yields under it
	waiting []core.Signal
}

// NewCond returns a condition over what locker guards, which is one of env.NewLocker.
func NewCond(env core.Env, locker sync.Locker) *Cond { return &Cond{env: env, locker: locker} }

// Wait unlocks, waits for Signal or Broadcast, and locks again before it returns, whatever it returns. A
// Signal that comes after the unlocking is never missed. It returns why ctx ended when that comes first, and
// then it has used no Signal up. The caller holds the lock; if it is not locked, unlocking it panics or ends
// the process.
func (c *Cond) Wait(ctx context.Context) error {
	bell := c.env.NewSignal()
	c.mu.Lock()
	c.waiting = append(c.waiting, bell)
	c.mu.Unlock()
	c.locker.Unlock()
	defer c.locker.Lock() // also when the task dies meanwhile: its caller has deferred an Unlock
	err := bell.Wait(ctx, core.Forever)
	if err != nil && !c.withdraw(bell) {
		return nil // it was chosen, and nobody else was
	}
	return err
}

// withdraw takes a waiter off the list, and tells whether it was still there.
func (c *Cond) withdraw(bell core.Signal) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.Index(c.waiting, bell)
	if i < 0 {
		return false
	}
	c.waiting = slices.Delete(c.waiting, i, i+1)
	return true
}

// Signal wakes the task that waits longest, if there is one. The caller may hold the lock, and need not.
func (c *Cond) Signal() { c.wake(1) }

// Broadcast wakes all tasks that wait now.
func (c *Cond) Broadcast() { c.wake(-1) }

// wake wakes n tasks, or with -1 all.
func (c *Cond) wake(n int) {
	c.mu.Lock()
	if n < 0 || n > len(c.waiting) {
		n = len(c.waiting)
	}
	woken := slices.Clone(c.waiting[:n])
	c.waiting = slices.Delete(c.waiting, 0, n)
	c.mu.Unlock()
	for _, bell := range woken {
		bell.Notify()
	}
}
