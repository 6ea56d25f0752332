package sim

import (
	"fmt"
	"strings"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/choice"
)

// locker is a lock that the schedule can see. Whoever unlocks makes all waiters ready: which one gets it is a
// choice, and a task that comes by may be faster than all of them, as with sync.Mutex.
type locker struct {
	env     *env
	locked  bool
	owner   *task // who locked it; nil when that was outside the tasks
	waiters []*task
	thing   choice.Touched
}

func (l *locker) Lock() {
	t, w := l.env.enter(), l.env.world
	t.yield()
	for l.locked {
		w.touch(w.mark(&l.thing))
		l.waiters = append(l.waiters, t)
		t.lock = l
		if cycle := lockCycle(t); cycle != "" {
			w.Fail(KeyLockCycle, "sim: "+cycle)
		}
		t.park(waitLock, "", core.Forever, 0)
		t.lock = nil
	}
	l.locked, l.owner = true, t
	w.touch(w.mark(&l.thing))
}

func (l *locker) Unlock() {
	l.env.check()
	if !l.locked {
		panic("sim: unlock of a lock that is not locked")
	}
	w := l.env.world
	w.touch(w.mark(&l.thing))
	l.locked, l.owner = false, nil
	waiters := l.waiters
	l.waiters = nil
	for _, t := range waiters {
		w.wake(t, w.event)
	}
}

// lockCycle follows from a task to the owner of the lock that it waits for, and on. It tells the whole
// circle if that leads back.
func lockCycle(from *task) string {
	var b strings.Builder
	for t := from; t.lock != nil && t.lock.owner != nil; {
		owner := t.lock.owner
		fmt.Fprintf(&b, "%s waits for a lock that %s holds; ", t.lane.Name(), owner.lane.Name())
		if owner == from {
			return strings.TrimSuffix(b.String(), "; ")
		}
		t = owner
	}
	return ""
}
