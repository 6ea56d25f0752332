package scenarios

import (
	"fmt"

	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/sim/check"
)

// clientOrder holds what clients see to the order in which the gate said it. At the gate: push numbers rise by one and
// have one content for ever, totals never fall, a window's revisions rise by one. At a session: every number comes
// with that content, each once and in order, and what is left out is announced as a gap. At a subscription the
// same, and only window pushes are ever dropped.
type clientOrder struct {
	jobs          table[string, saidOfJob]
	windows       map[windowKey]uint64 // revisions
	sessions      table[sessionKey, uint64]
	subscriptions table[subscriptionKey, handed]
}

type windowKey struct {
	job string
	k   int64
}

// saidOfJob is what the gate has pushed of a job.
type saidOfJob struct {
	pushes []fact.Pushed // by number, from 1
	totals stats.Counts
	gaps   map[uint64]bool // numbers within gaps that the gate announced to somebody
}

// life is one life of a node, from boot to crash.
type life struct {
	node        string
	incarnation int
}

type sessionKey struct {
	life
	job string
}

type subscriptionKey struct {
	sessionKey
	name string
}

// handed is how far a subscription was handed the pushes; dropped is the end of a gap that it is about to be told.
type handed struct{ last, dropped uint64 }

func newClientOrder() check.Invariant { return &clientOrder{windows: map[windowKey]uint64{}} }

// Name implements check.Invariant.
func (c *clientOrder) Name() string { return "client order" }

// Observe implements check.Invariant.
func (c *clientOrder) Observe(o check.Observation) error {
	session := func(job string) sessionKey { return sessionKey{life{o.Node, o.Incarnation}, job} }
	switch f := o.Event.(type) {
	case fact.Pushed:
		return c.said(f)
	case fact.WindowTaken:
		key := windowKey{f.Job, f.Window}
		if f.Revision != c.windows[key]+1 {
			return fmt.Errorf("window %d of %s was taken at revision %d after %d",
				f.Window, f.Job, f.Revision, c.windows[key])
		}
		c.windows[key] = f.Revision
	case fact.Followed:
		*c.sessions.of(session(f.Job)) = 0
	case fact.PushIn:
		return c.arrive(session(f.Job), f)
	case fact.Subscribed:
		key := session(f.Job)
		*c.subscriptions.of(subscriptionKey{key, f.Subscription}) = handed{last: *c.sessions.of(key)}
	case fact.PushesDropped:
		return c.drop(subscriptionKey{session(f.Job), f.Subscription}, f)
	case fact.HandedOver:
		return c.hand(subscriptionKey{session(f.Job), f.Subscription}, f)
	}
	return nil
}

// said takes what the gate gave a number.
func (c *clientOrder) said(f fact.Pushed) error {
	j := c.jobs.of(f.Job)
	if last := uint64(len(j.pushes)); f.Number != last+1 {
		return fmt.Errorf("push %d of job %s was given a content after push %d", f.Number, f.Job, last)
	}
	j.pushes = append(j.pushes, f)
	if !f.Status {
		return nil
	}
	if _, ok := f.Totals.Sub(j.totals); !ok {
		return fmt.Errorf("push %d of job %s says totals of %v, an earlier one said %v",
			f.Number, f.Job, f.Totals, j.totals)
	}
	j.totals = f.Totals
	return nil
}

// arrive judges a push at a session.
func (c *clientOrder) arrive(key sessionKey, f fact.PushIn) error {
	last := c.sessions.of(key)
	j := c.jobs.of(f.Job)
	if f.Number == 0 || f.Number > uint64(len(j.pushes)) {
		return fmt.Errorf("%s: push %d of job %s, the gate has made %d", key.node, f.Number, f.Job, len(j.pushes))
	}
	if said := j.pushes[f.Number-1]; !f.Gap && said.Digest != f.Digest {
		return fmt.Errorf("%s: push %d of job %s has digest %x, the gate gave the number to %x",
			key.node, f.Number, f.Job, f.Digest, said.Digest)
	}
	known, ahead := f.Number <= *last, f.From > *last+1
	switch {
	case known != f.Known, !known && ahead != f.Skipped:
		return fmt.Errorf("%s: push %d of job %s, from %d, came after %d: known %v, left to come again %v",
			key.node, f.Number, f.Job, f.From, *last, f.Known, f.Skipped)
	case known || ahead:
		return nil
	}
	if f.Gap {
		j.announce(f.From, f.Number)
	}
	*last = f.Number
	return nil
}

func (j *saidOfJob) announce(from, to uint64) {
	if j.gaps == nil {
		j.gaps = map[uint64]bool{}
	}
	for n := from; n <= to; n++ {
		j.gaps[n] = true
	}
}

// drop judges a gap that a subscription is about to be told: of the gate, or of its own queue.
func (c *clientOrder) drop(key subscriptionKey, f fact.PushesDropped) error {
	s, j := c.subscriptions.of(key), c.jobs.of(f.Job)
	if f.From > s.last+1 || f.To <= s.last {
		return fmt.Errorf("%s: subscription %s is told of a gap %d-%d of job %s, it had %d",
			key.node, key.name, f.From, f.To, f.Job, s.last)
	}
	for n := max(f.From, s.last+1); n <= f.To; n++ {
		if !j.gaps[n] && j.pushes[n-1].Windows == 0 {
			return fmt.Errorf("%s: push %d of job %s was dropped from the queue of %s, it has no windows",
				key.node, n, f.Job, key.name)
		}
	}
	s.dropped = f.To
	return nil
}

// hand judges what a subscription is handed: the next push, or one that announces a gap.
func (c *clientOrder) hand(key subscriptionKey, f fact.HandedOver) error {
	s := c.subscriptions.of(key)
	if f.Number != s.last+1 && f.Number != s.dropped {
		return fmt.Errorf("%s: subscription %s is handed push %d of job %s after %d",
			key.node, key.name, f.Number, f.Job, s.last)
	}
	s.last, s.dropped = f.Number, 0
	return nil
}

// End implements check.Invariant.
func (c *clientOrder) End() error { return nil }
