package scenarios

import (
	"fmt"

	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/sim/check"
)

// clientOrder holds what clients see to the order in which the gate said it. At the gate: push numbers
// rise by one and have one content for ever, totals never fall, a window's revisions rise by one. At a
// session: every number comes with that content, each once and in order, what is left out is announced as
// a gap, and result revisions rise; nor is a client that never had another session sent anything beyond a
// hole. One that begins in the middle begins where it was told to, and nothing from before comes. At a
// subscription the same, and only window pushes are ever dropped.
type clientOrder struct {
	jobs          table[string, saidOfJob]
	windows       map[windowKey]uint64 // revisions
	sessions      table[sessionKey, uint64]
	results       table[sessionKey, uint64] // revisions
	subscriptions table[subscriptionKey, handed]
	resumes       map[string]uint64   // by job: where a client that follows nothing else is to begin
	fresh         map[sessionKey]bool // sessions of such clients that nothing has come for
	followed      map[sessionKey]int  // how often a session was opened
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

type sessionKey struct {
	life
	job string
}

type subscriptionKey struct {
	sessionKey
	name string
}

// handed is how far a subscription was handed the pushes, and what its queue has dropped since.
type handed struct {
	last    uint64
	dropped map[uint64]bool
}

func newClientOrder(s *Stage) check.Invariant {
	s.order = &clientOrder{
		windows: map[windowKey]uint64{}, resumes: map[string]uint64{}, fresh: map[sessionKey]bool{},
		followed: map[sessionKey]int{},
	}
	return s.order
}

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
		*c.sessions.of(session(f.Job)), *c.results.of(session(f.Job)) = f.After, 0
		c.followed[session(f.Job)]++
		if after, resumes := c.resumes[f.Job]; resumes {
			delete(c.resumes, f.Job)
			c.fresh[session(f.Job)] = true
			if f.After != after {
				return fmt.Errorf("%s: follows job %s after push %d, was to after %d", o.Node, f.Job, f.After,
					after)
			}
		}
	case fact.Learned:
		last := c.results.of(session(f.Job))
		if f.Revision <= *last {
			return fmt.Errorf("%s: result of job %s has revision %d after %d",
				o.Node, f.Job, f.Revision, *last)
		}
		*last = f.Revision
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
		return fmt.Errorf("%s: push %d of job %s, the gate has made %d",
			key.node, f.Number, f.Job, len(j.pushes))
	}
	if said := j.pushes[f.Number-1]; !f.Gap && said.Digest != f.Digest {
		return fmt.Errorf("%s: push %d of job %s has digest %x, the gate gave the number to %x",
			key.node, f.Number, f.Job, f.Digest, said.Digest)
	}
	known, ahead := f.Number <= *last, f.From > *last+1
	only := key.incarnation == 0 && c.followed[key] == 1
	fresh := c.fresh[key]
	delete(c.fresh, key)
	switch {
	case fresh && known:
		return fmt.Errorf("%s: push %d of job %s is the first that comes, it was to go on after %d",
			key.node, f.Number, f.Job, *last)
	case only && ahead && !known:
		return fmt.Errorf("%s: push %d of job %s, from %d, came after %d, and nothing explains the hole",
			key.node, f.Number, f.Job, f.From, *last)
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

// drop judges what a subscription's queue lets go of.
func (c *clientOrder) drop(key subscriptionKey, f fact.PushesDropped) error {
	s, j := c.subscriptions.of(key), c.jobs.of(f.Job)
	if s.dropped == nil {
		s.dropped = map[uint64]bool{}
	}
	for n := f.From; n <= f.To; n++ {
		if n <= s.last || n > uint64(len(j.pushes)) {
			return fmt.Errorf("%s: push %d of job %s was dropped for %s, which had %d",
				key.node, n, f.Job, key.name, s.last)
		}
		if j.pushes[n-1].Windows == 0 {
			return fmt.Errorf("%s: push %d of job %s was dropped for %s, it has no windows",
				key.node, n, f.Job, key.name)
		}
		s.dropped[n] = true
	}
	return nil
}

// hand judges what a subscription is handed: the next push, or a gap of pushes that were dropped on their
// way.
func (c *clientOrder) hand(key subscriptionKey, f fact.HandedOver) error {
	s, j := c.subscriptions.of(key), c.jobs.of(f.Job)
	if f.From > s.last+1 || f.Number <= s.last {
		return fmt.Errorf("%s: subscription %s is handed pushes %d-%d of job %s, it had %d",
			key.node, key.name, f.From, f.Number, f.Job, s.last)
	}
	for n := s.last + 1; f.From < f.Number && n <= f.Number; n++ {
		if !s.dropped[n] && !j.gaps[n] {
			return fmt.Errorf("%s: subscription %s is told that push %d of job %s was dropped, it was not",
				key.node, key.name, n, f.Job)
		}
	}
	for n := s.last + 1; n <= f.Number; n++ {
		delete(s.dropped, n)
	}
	s.last = f.Number
	return nil
}

// End implements check.Invariant.
func (c *clientOrder) End() error { return nil }
