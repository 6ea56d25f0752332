package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/manager"
	"github.com/windtunnel/windtunnel/sim/check"
)

// noResidue holds every node to forget: retention + 5 s after a job has ended at the gate, after its
// manager learnt that or gave it up, after an attempt ended on its worker, and 5 s after a session is
// closed, that node says that it has forgotten the job, and none of its tasks bears the job's name - but that
// a worker is told to stop until it answers or is given up. What a node was paused, and its tasks were late,
// does not count. It looks at tasks, and so judges nothing over TCP.
type noResidue struct {
	pace
	tasks     func(node string) []string
	givenUp   func() time.Duration // after how long a worker that is silent is given up
	retention time.Duration
	jobs      table[string, fact.Planned]
	accepted  map[string]time.Duration
	kept      table[keptKey, keeping]
	left      []*keeping // what must still go, and be looked for
}

// keptKey is what a node keeps: a job, or on a worker an attempt.
type keptKey struct {
	life
	what string
}

type keeping struct {
	key       keptKey
	due       time.Duration // by when it must be gone, unless the node is delayed
	since     stopwatch
	forgotten bool
	done      bool
}

const goneAfter = 5 * time.Second

func newNoResidue(s *Stage) check.Invariant {
	return &noResidue{
		pace: s.pace(), retention: s.gateConfig().Retention, accepted: map[string]time.Duration{},
		tasks:   func(node string) []string { return s.World.Node(node).Tasks() },
		givenUp: s.givenUpAfter,
	}
}

// Name implements check.Invariant.
func (c *noResidue) Name() string { return "no residue" }

// Observe implements check.Invariant.
func (c *noResidue) Observe(o check.Observation) error {
	if !c.judged() {
		return nil
	}
	switch f := o.Event.(type) {
	case fact.Planned:
		*c.jobs.of(f.Job), c.accepted[f.Job] = f, o.At
	case fact.State:
		if f.To.Terminal() {
			c.within(o, f.Job, c.retention+goneAfter)
		}
	case fact.Allocated:
		c.within(o, f.Job, c.orphaned(f.Job)-o.At+c.retention+goneAfter)
	case fact.EndReached:
		c.within(o, f.Job, c.retention+goneAfter)
	case fact.LoadAccepted:
		c.within(o, f.Stream.String(), c.orphaned(f.Stream.Job)-o.At+c.retention+goneAfter)
	case fact.LoadEnded:
		c.within(o, f.Stream.String(), c.retention+goneAfter)
	case fact.Forgotten:
		c.within(o, f.Job, goneAfter).forgotten = true
	case fact.Followed: // once more: the session that was closed is another's, which is there to stay
		if k := c.kept.find(keptKey{life{o.Node, o.Incarnation}, "session/" + f.Job}); k != nil {
			k.done = true
		}
	case fact.Leaving:
		if f.Waits == "" {
			c.gone(life{o.Node, o.Incarnation})
		}
	case fact.Unfollowed, fact.NotFinished:
		c.within(o, sessionOf(f), goneAfter).forgotten = true
	}
	return nil
}

// gone says that a node has left: it keeps nothing any more, and says nothing of it.
func (c *noResidue) gone(l life) {
	for _, k := range c.left {
		k.done = k.done || k.key.life == l
	}
}

func sessionOf(event any) string {
	switch f := event.(type) {
	case fact.Unfollowed:
		return "session/" + f.Job
	case fact.NotFinished:
		return "session/" + f.Job
	}
	return ""
}

// orphaned is when a node that hears nothing of a job's end gives it up by itself.
func (c *noResidue) orphaned(job string) time.Duration {
	defaults := manager.DefaultConfig()
	silence := (defaults.Dead + defaults.Grace) * time.Duration(100+defaults.Margin) / 100
	return c.accepted[job] + drifted(c.jobs.of(job).Deadline+silence)
}

// within says that something must be gone from a node after so long.
func (c *noResidue) within(o check.Observation, what string, d time.Duration) *keeping {
	key := keptKey{life{o.Node, o.Incarnation}, what}
	k := c.kept.of(key)
	if k.key != key || k.done {
		c.left = append(c.left, k)
	}
	*k = keeping{key: key, due: o.At + drifted(d), since: c.start(o.Node, o.At), forgotten: k.forgotten}
	return k
}

// Scan implements check.Scanner.
func (c *noResidue) Scan() error {
	if !c.judged() {
		return nil
	}
	now := c.now()
	for _, k := range c.left {
		if now < k.due || k.done {
			continue
		}
		if err := c.look(k, now); err != nil {
			return err
		}
	}
	c.left = slices.DeleteFunc(c.left, func(k *keeping) bool { return k.done })
	return nil
}

// mayStop says that a task still tells a worker to stop, which may be silent until it is given up.
func (c *noResidue) mayStop(task string, passed time.Duration) bool {
	return strings.HasPrefix(task, "stop/") && passed < drifted(c.givenUp()+c.retention+goneAfter)
}

// look judges what must be gone by now.
func (c *noResidue) look(k *keeping, now time.Duration) error {
	if !c.lives(k.key.life) {
		k.done = true
		return nil
	}
	if now-(c.delayed(k.key.node)-k.since.delayed) < k.due {
		return nil
	}
	k.done = true
	if !k.forgotten {
		return fmt.Errorf("%s still keeps %s %v after it ended there", k.key.node, k.key.what, now-k.since.at)
	}
	for _, task := range c.tasks(k.key.node) {
		if bears(task, k.key.what) && c.mayStop(task, now-k.since.at) {
			k.done = false // it is looked at again
			continue
		}
		if bears(task, k.key.what) {
			return fmt.Errorf("%s: task %s lives %v after %s was forgotten",
				k.key.node, task, now-k.since.at, k.key.what)
		}
	}
	return nil
}

// bears says whether a task is one of a job's, an attempt's or a session's.
func bears(task, what string) bool {
	kind, of, _ := strings.Cut(task, "/")
	switch kind {
	case "job", "attempt", "run", "close", "next", "extend", "stop", "result":
		return of == what || strings.HasPrefix(of, what+"/")
	case "session":
		return task == what
	}
	return false
}

// End implements check.Invariant.
func (c *noResidue) End() error { return nil }
