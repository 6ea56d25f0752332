package scenarios

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/core/worker"
	"github.com/windtunnel/windtunnel/sim/check"
)

// liveness says that things end: once faults stop, a job is terminal within its deadline, with what that was
// put off by, + dead + grace + its result wait + 10 s, unless its gate has gone; and every client that
// follows it learns the end soon after - or, where faults kept it away for longer than the gate keeps a job,
// that nobody knows it any more. A deadline is put off for progress only. Every attempt is cared for. What a
// scenario expects of a job is so. And a node that was asked to stop is gone in time. It is about durations:
// over TCP it judges nothing.
type liveness struct {
	pace
	silence  time.Duration // dead + grace
	jobs     table[string, running]
	follows  table[sessionKey, following]
	leaving  table[life, departure]
	attempts careOf
	next     time.Duration // no look is due before
}

// lookEvery is how often liveness looks, in virtual time: its bounds are seconds. What a look costs grows
// with the cluster; a look every so many steps would cost its square.
const lookEvery = 100 * time.Millisecond

// departure is a node that was asked to stop.
type departure struct {
	life  life
	since stopwatch
	done  bool // it waits for nothing more
}

// goneWithin is how long it may take: what a role does at most by default, and a little to say so.
const goneWithin = 30*time.Second + 5*time.Second

type running struct {
	job      string
	since    time.Duration // acceptance, then the end
	bound    time.Duration
	terminal bool
	result   bool // it is there to be pushed
	progress bool // something was counted since its deadline was put off last
	complete bool // nothing keeps it from that, its scenario says
	gate     life
	delayed  time.Duration // of its gate, at its acceptance
}

type following struct {
	key     sessionKey
	job     *running
	learned bool
	gone    bool // closed, or told that nobody knows the job
}

// learnWithin is how long after the end, and after the last fault, a client that lives may take to learn
// it: it notices a broken connection by its call's timeout or by silence, 5 s each, and tries again after
// at most 2 s; the same again where a fault left a connection half-open.
const learnWithin = 30 * time.Second

func newLiveness(s *Stage) check.Invariant {
	defaults := worker.DefaultConfig()
	c := &liveness{pace: s.pace(), silence: defaults.Dead + defaults.Grace}
	c.attempts = careOf{pace: c.pace, stage: s}
	s.lives = c
	return c
}

// completes has a job that is accepted end COMPLETED: its script knows that nothing keeps it from that.
func (s *Stage) completes(job string) { s.lives.jobs.of(job).complete = true }

// endsWithin has a job that is accepted end so soon after that.
func (s *Stage) endsWithin(job string, d time.Duration) { s.lives.jobs.of(job).bound = drifted(d) }

// Name implements check.Invariant.
func (c *liveness) Name() string { return "liveness" }

// Observe implements check.Invariant.
func (c *liveness) Observe(o check.Observation) error {
	if !c.judged() {
		return nil
	}
	c.attempts.observe(o)
	switch f := o.Event.(type) {
	case fact.Planned:
		*c.jobs.of(f.Job) = running{
			job: f.Job, since: o.At, gate: life{o.Node, o.Incarnation}, delayed: c.delayed(o.Node),
			bound: drifted(f.Deadline + c.silence + f.ResultWait + 10*time.Second),
		}
	case fact.Applied:
		j := c.jobs.of(f.Stream.Job)
		j.progress = j.progress || f.Delta.Planned() > 0
	case fact.Extended:
		return c.extend(f)
	case fact.Leaving:
		d := c.leaving.of(life{o.Node, o.Incarnation})
		if d.life.node == "" {
			*d = departure{life: life{o.Node, o.Incarnation}, since: c.start(o.Node, o.At)}
		}
		if d.done = f.Waits == ""; d.done {
			return c.leftInOrder(d.life)
		}
	case fact.State:
		if j := c.jobs.of(f.Job); f.To.Terminal() {
			j.terminal, j.since = true, o.At
			if j.complete && f.To != protocol.JobCompleted {
				return fmt.Errorf("job %s ended %v, and nothing kept it from completing", f.Job, f.To)
			}
		}
	case fact.Ended:
		c.jobs.of(f.Job).result = true
		lacks := f.Totals.NotSent[stats.Cancelled] + f.LostAtMost + f.Missing
		j := c.jobs.of(f.Job)
		if j.result = true; j.complete && lacks > 0 {
			return fmt.Errorf("result %d of job %s lacks %d arrivals, and nothing kept it from completing",
				f.Revision, f.Job, lacks)
		}
	case fact.Followed:
		key := sessionKey{life{o.Node, o.Incarnation}, f.Job}
		*c.follows.of(key) = following{key: key, job: c.jobs.of(f.Job)}
	case fact.Learned:
		c.session(o, f.Job).learned = true
	case fact.Unfollowed:
		c.session(o, f.Job).gone = true
	case fact.NotFinished:
		return c.lost(c.session(o, f.Job), o.At)
	}
	return nil
}

// extend judges that a deadline is put off.
func (c *liveness) extend(f fact.Extended) error {
	j := c.jobs.of(f.Job)
	j.bound += drifted(f.By)
	if !j.progress {
		return fmt.Errorf("the deadline of %s was put off for the %d. time, and nothing was counted since "+
			"the last", f.Job, f.Count)
	}
	j.progress = false
	return nil
}

func (c *liveness) session(o check.Observation, job string) *following {
	return c.follows.of(sessionKey{life{o.Node, o.Incarnation}, job})
}

// lost judges a client that learnt that nobody knows its job. Only a fault may have kept it from the job's
// end.
func (c *liveness) lost(f *following, at time.Duration) error {
	f.gone = true
	switch {
	case f.learned, f.job.gate.node != "" && !c.lives(f.job.gate):
		return nil
	case !f.job.terminal:
		return fmt.Errorf("%s is told that nobody knows job %s, which runs", f.key.node, f.key.job)
	case f.job.since > c.calm()+learnWithin && c.delayed(f.key.node) == 0:
		return fmt.Errorf("%s is told at +%v that nobody knows job %s, whose end at +%v it never learnt",
			f.key.node, at, f.key.job, f.job.since)
	}
	return nil
}

// Scan implements check.Scanner.
func (c *liveness) Scan() error {
	if !c.judged() {
		return nil
	}
	now, calm := c.now(), c.calm()
	if now < c.next {
		return nil
	}
	c.next = now + lookEvery
	if err := c.attempts.scan(now, calm); err != nil {
		return err
	}
	for _, j := range c.jobs.order {
		if j.terminal || !c.lives(j.gate) {
			continue
		}
		if over := now - max(j.since, calm) - (c.delayed(gateName) - j.delayed); over > j.bound {
			return fmt.Errorf(
				"job %s is not terminal %v after its acceptance and the last fault, must be after %v",
				j.job, over, j.bound)
		}
	}
	for _, f := range c.follows.order {
		if f.learned || f.gone || !f.job.terminal || !c.lives(f.key.life) || c.left(f.job.gate) {
			continue
		}
		if over := now - max(f.job.since, calm); over > learnWithin+c.delayed(f.key.node) {
			return fmt.Errorf(
				"%s has not learnt the end of job %s %v after it and the last fault, must within %v",
				f.key.node, f.key.job, over, learnWithin)
		}
	}
	return c.departed(now)
}

// left says that a node was asked to stop and is gone: it tells nobody anything any more.
func (c *liveness) left(l life) bool {
	d := c.leaving.find(l)
	return d != nil && d.done || !c.lives(l)
}

// leftInOrder judges what a gate that is gone leaves behind: no job outlives it, so each must have had its
// end and its result before.
func (c *liveness) leftInOrder(l life) error {
	for _, j := range c.jobs.order {
		if j.gate == l && !(j.terminal && j.result) {
			return fmt.Errorf("%s is gone, and job %s had no end, or no result: it had time for both",
				l.node, j.job)
		}
	}
	return nil
}

// departed judges the nodes that were asked to stop.
func (c *liveness) departed(now time.Duration) error {
	for _, d := range c.leaving.order {
		if d.done || !c.lives(d.life) {
			continue
		}
		if took := c.taken(d.since, d.life.node, now); took > drifted(goneWithin) {
			return fmt.Errorf("%s is still there %v after it was asked to stop, must be gone within %v",
				d.life.node, took, goneWithin)
		}
	}
	return nil
}

// End implements check.Invariant.
func (c *liveness) End() error { return nil }
