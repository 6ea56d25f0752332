package scenarios

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/sim/check"
)

// callbackIsolation holds a client's subscriptions apart. No task calls the callbacks of two of them, and
// none that calls one takes pushes in: it would put the one among the causes of all that comes after it.
// The causes of a hand-over are followed back to the push's arrival, and no task of another subscription is
// among them; and it comes within an interval + 100 ms of the arrival, or of the return of the
// subscription's own callback, however long others sleep, not counting what the client was paused or its
// tasks were late. Over TCP nobody knows tasks, causes or delays: only that what is handed over has arrived
// is judged there.
type callbackIsolation struct {
	pace
	bound         time.Duration
	cause         func(id uint64) (uint64, string) // nil over TCP
	subscriptions table[subscriptionKey, handing]
	tasks         map[taskKey]*handing
	lanes         map[string]*handing
}

type taskKey struct {
	life
	task string
}

// handing is one subscription at work.
type handing struct {
	key     subscriptionKey
	calling bool
	closed  bool      // what waits is still handed over, and no more
	free    stopwatch // since its callback returned
	waiting []arrival // taken by the session, not handed over yet
}

type arrival struct {
	number uint64
	id     uint64 // of the trace's event
	since  stopwatch
}

func newCallbackIsolation(s *Stage) check.Invariant {
	c := &callbackIsolation{
		pace: s.pace(), bound: drifted(s.gateConfig().PushInterval) + 100*time.Millisecond,
		tasks: map[taskKey]*handing{}, lanes: map[string]*handing{},
	}
	if s.World != nil {
		s.World.RememberCauses(1 << 16)
		c.cause = s.World.Cause
	}
	return c
}

// Name implements check.Invariant.
func (c *callbackIsolation) Name() string { return "callback isolation" }

// Observe implements check.Invariant.
func (c *callbackIsolation) Observe(o check.Observation) error {
	session := func(job string) sessionKey { return sessionKey{life{o.Node, o.Incarnation}, job} }
	switch f := o.Event.(type) {
	case fact.Subscribed:
		key := subscriptionKey{session(f.Job), f.Subscription}
		*c.subscriptions.of(key) = handing{key: key}
	case fact.Unfollowed:
		c.close(session(f.Job))
	case fact.PushIn:
		if busy := c.tasks[taskKey{life{o.Node, o.Incarnation}, o.Task}]; busy != nil && o.Task != "" {
			return fmt.Errorf("%s: push %d of job %s is taken in by the task that calls %s",
				o.Node, f.Number, f.Job, busy.key.name)
		}
		if !f.Known && !f.Skipped {
			c.queue(session(f.Job), f.Number, o)
		}
	case fact.HandedOver:
		return c.hand(c.subscriptions.of(subscriptionKey{session(f.Job), f.Subscription}), f, o)
	case fact.CallbackEnded:
		h := c.subscriptions.of(subscriptionKey{session(f.Job), f.Subscription})
		h.calling, h.free = false, c.start(o.Node, o.At)
	}
	return nil
}

// queue notes that a push waits for all subscriptions of its session.
func (c *callbackIsolation) queue(session sessionKey, number uint64, o check.Observation) {
	for _, h := range c.subscriptions.order {
		if h.key.sessionKey == session && !h.closed {
			h.waiting = append(h.waiting, arrival{number, o.ID, c.start(o.Node, o.At)})
		}
	}
}

// close notes that a closed session's subscriptions get nothing that comes for a later session of the job.
func (c *callbackIsolation) close(session sessionKey) {
	for _, h := range c.subscriptions.order {
		if h.key.sessionKey == session {
			h.closed = true
		}
	}
}

func (c *callbackIsolation) hand(h *handing, f fact.HandedOver, o check.Observation) error {
	if err := c.own(h, o); err != nil {
		return err
	}
	if len(h.waiting) == 0 {
		return fmt.Errorf("%s: %s is handed push %d of job %s, which did not arrive",
			o.Node, h.key.name, f.Number, f.Job)
	}
	if err := c.late(h, o.At); err != nil {
		return err
	}
	oldest := h.waiting[0]
	handed := 0
	for handed < len(h.waiting) && h.waiting[handed].number <= f.Number {
		oldest = h.waiting[handed]
		handed++
	}
	h.waiting = append(h.waiting[:0], h.waiting[handed:]...)
	h.calling = true
	return c.followBack(h, oldest.id, o.ID)
}

// own binds the task that calls a subscription's callbacks to it. Real nodes do not say which task notes a
// fact.
func (c *callbackIsolation) own(h *handing, o check.Observation) error {
	if o.Task == "" {
		return nil
	}
	task := taskKey{life{o.Node, o.Incarnation}, o.Task}
	if other := c.tasks[task]; other != nil && other != h {
		return fmt.Errorf("%s: one task calls %s of job %s and %s of job %s",
			o.Node, other.key.name, other.key.job, h.key.name, h.key.job)
	}
	c.tasks[task] = h
	if c.cause != nil {
		step, _ := c.cause(o.ID)
		_, lane := c.cause(step)
		c.lanes[lane] = h
	}
	return nil
}

// followBack looks for another subscription's task between the arrival of a push and its hand-over.
func (c *callbackIsolation) followBack(h *handing, arrived, id uint64) error {
	if c.cause == nil {
		return nil
	}
	for id > arrived {
		cause, lane := c.cause(id)
		if other := c.lanes[lane]; other != nil && other != h {
			return fmt.Errorf(
				"%s: among the causes of a hand-over to %s of job %s is the callback of %s of job %s",
				h.key.node, h.key.name, h.key.job, other.key.name, other.key.job)
		}
		id = cause
	}
	return nil
}

// late says that a subscription that is free waits for too long.
func (c *callbackIsolation) late(h *handing, at time.Duration) error {
	if !c.judged() || h.calling || len(h.waiting) == 0 || !c.lives(h.key.life) {
		return nil
	}
	since := h.waiting[0].since
	if h.free.at > since.at {
		since = h.free
	}
	if taken := c.taken(since, h.key.node, at); taken > c.bound {
		return fmt.Errorf("%s: push %d of job %s waits for %s for %v, must be handed over within %v",
			h.key.node, h.waiting[0].number, h.key.job, h.key.name, taken, c.bound)
	}
	return nil
}

// Scan implements check.Scanner: a push that is never handed over is late as well.
func (c *callbackIsolation) Scan() error {
	if !c.judged() {
		return nil
	}
	for _, h := range c.subscriptions.order {
		if err := c.late(h, c.now()); err != nil {
			return err
		}
	}
	return nil
}

// End implements check.Invariant.
func (c *callbackIsolation) End() error { return nil }
