package scenarios

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/sim/check"
)

// oneOutcome: a wish to end a job and the job's end come in one order, for everyone. Once a cancel is
// accepted the job ends CANCELLED, and soon; none is accepted after another end, or turned away before one;
// nothing ends CANCELLED by itself, unless its gate was asked to stop. A job that is to fail with a lost
// worker does, and a lost worker's load is another's only where the job says so. No worker is told that a
// job is over that is not. What clients are told is what the gate decided. And where nothing disturbs a
// worker, it releases nothing later than two heartbeats after the acceptance.
type oneOutcome struct {
	pace
	stage   *Stage
	jobs    table[string, outcome]
	leaving table[life, bool]         // gates that were asked to stop
	said    table[stats.Stream, bool] // attempts that have said all
}

// outcome is what was decided about one job.
type outcome struct {
	job       string
	gate      life
	state     protocol.JobState
	cancelled bool
	extended  bool                     // who did not hear of that stops early
	fails     bool                     // it has lost a worker, and is not to survive that
	deadline  time.Duration            // from its acceptance, before any extension
	since     stopwatch                // of its gate, from then on
	at        time.Duration            // of the acceptance
	delays    map[string]time.Duration // of every node, at the acceptance
}

const (
	cancelWait  = 10 * time.Second // for datacenters to become whole, after an accepted cancel
	cancelSlack = 2 * time.Second  // for the gate's task to come to it
)

func newOneOutcome(s *Stage) check.Invariant { return &oneOutcome{pace: s.pace(), stage: s} }

// Name implements check.Invariant.
func (c *oneOutcome) Name() string { return "one outcome" }

// Observe implements check.Invariant.
func (c *oneOutcome) Observe(o check.Observation) error {
	switch f := o.Event.(type) {
	case fact.Leaving:
		if o.Node == gateName {
			*c.leaving.of(life{o.Node, o.Incarnation}) = true
		}
	case fact.Accepted:
		j := c.job(f.Job)
		j.gate = life{o.Node, o.Incarnation}
		if !f.Known {
			j.state = protocol.JobSubmitted
		}
	case fact.Planned:
		j := c.job(f.Job)
		j.deadline, j.since = f.Deadline, c.start(o.Node, o.At)
	case fact.State:
		return c.move(f)
	case fact.CancelTaken:
		return c.take(f, o)
	case fact.CancelAnswered:
		return c.answered(f, o.Node)
	case fact.Learned:
		if j := c.job(f.Job); j.cancelled && f.State != protocol.JobCancelled {
			return fmt.Errorf("%s learnt that job %s is %v after its cancel was accepted",
				o.Node, f.Job, f.State)
		}
	case fact.Applied:
		if f.Final {
			*c.said.of(f.Stream) = true
		}
	case fact.StreamClosed:
		c.lose(f.Stream)
	case fact.Opened:
		policy, known := c.stage.policy(f.Stream.Job)
		if f.Stream.Attempt > 1 && known && policy != protocol.LostRedispatch {
			return fmt.Errorf("%v was opened, and its job has %v for lost workers", f.Stream, policy)
		}
	case fact.Extended:
		c.job(f.Job).extended = true
	case fact.StopReached:
		return c.stop(f, o)
	case *released:
		return c.release(f, o)
	}
	return nil
}

// stop judges that a worker is told that a job is over.
func (c *oneOutcome) stop(f fact.StopReached, o check.Observation) error {
	j := c.jobs.find(f.Stream.Job)
	if j == nil || f.Stream.Datacenter != "" || !c.judged() || !c.lives(j.gate) || *c.leaving.of(j.gate) {
		return nil
	}
	// A job that is being ended is COMPLETING before anybody is told.
	if j.state == protocol.JobRunning && !j.cancelled && !j.fails && !j.extended && !c.overdue(j, o.At) {
		return fmt.Errorf("%s is told that job %s is over, which runs", o.Node, f.Stream.Job)
	}
	return nil
}

// overdue says that a job's deadline has passed while its gate could not end it: then its managers do.
func (c *oneOutcome) overdue(j *outcome, at time.Duration) bool {
	passed, gates := at-j.since.at, c.taken(j.since, j.gate.node, at) // gates: as far as the gate has come
	return passed >= j.deadline*20/21 && gates < drifted(j.deadline)
}

// lose takes note of an attempt that is closed before it has said all.
func (c *oneOutcome) lose(stream stats.Stream) {
	policy, known := c.stage.policy(stream.Job)
	j := c.job(stream.Job)
	if known && policy == protocol.LostFail && c.said.find(stream) == nil && !j.state.Terminal() {
		j.fails = true
	}
}

func (c *oneOutcome) job(id string) *outcome {
	j := c.jobs.of(id)
	j.job = id
	return j
}

func (c *oneOutcome) move(f fact.State) error {
	j := c.job(f.Job)
	j.state = f.To
	switch {
	case j.cancelled && f.To.Terminal() && f.To != protocol.JobCancelled:
		return fmt.Errorf("job %s became %v after its cancel was accepted", f.Job, f.To)
	case !j.cancelled && f.To == protocol.JobCancelled && !*c.leaving.of(j.gate):
		return fmt.Errorf("job %s became CANCELLED, and no cancel was accepted", f.Job)
	case j.fails && f.To.Terminal() && f.To != protocol.JobFailed && f.To != protocol.JobCancelled:
		return fmt.Errorf("job %s became %v after a worker was lost, with which it was to fail", f.Job, f.To)
	}
	return nil
}

// take judges the gate's decision about a wish.
func (c *oneOutcome) take(f fact.CancelTaken, o check.Observation) error {
	j := c.job(f.Job)
	cancelled := j.cancelled || j.state == protocol.JobCancelled
	switch {
	case !f.Accepted && (cancelled || j.state.Known() && !j.state.Terminal()):
		return fmt.Errorf("a cancel of job %s comes too late, it says, and the job is %v", f.Job, j.state)
	case f.Accepted && j.state.Terminal() && !cancelled:
		return fmt.Errorf("a cancel of job %s was accepted when it was %v", f.Job, j.state)
	case f.Accepted && f.Again && !cancelled:
		return fmt.Errorf("a cancel of job %s was accepted again, and never before", f.Job)
	}
	if f.Accepted && !cancelled {
		j.cancelled, j.at, j.delays = true, o.At, map[string]time.Duration{}
		if c.judged() {
			for _, node := range c.stage.World.Nodes() {
				j.delays[node.Name()] = node.Delayed()
			}
		}
	}
	return nil
}

// answered compares what a client was told with what the gate decided.
func (c *oneOutcome) answered(f fact.CancelAnswered, client string) error {
	j := c.job(f.Job)
	cancelled := j.cancelled || j.state == protocol.JobCancelled
	switch {
	case f.Accepted && !cancelled:
		return fmt.Errorf("%s is told that job %s will be CANCELLED, which the gate never accepted",
			client, f.Job)
	case !f.Accepted && (cancelled || f.State != j.state || !f.State.Terminal()):
		return fmt.Errorf("%s is told that job %s had ended %v, it is %v", client, f.Job, f.State, j.state)
	}
	return nil
}

// release judges load of a job whose cancel was accepted. A worker that something keeps from its manager, or
// its manager from the gate, stops when it learns of it: that is another invariant's affair, until the last
// fault is over for long enough to learn anything.
func (c *oneOutcome) release(f *released, o check.Observation) error {
	j := c.jobs.find(f.stream.Job)
	if !c.judged() || j == nil || !j.cancelled {
		return nil
	}
	since := j.at
	if calm := c.calm(); calm > 0 && since < calm+c.stage.told {
		since = calm + c.stage.told
	}
	most := drifted(twoHeartbeats)
	for _, node := range []string{gateName, managerOf(f.stream.Datacenter), o.Node} {
		most += c.delayed(node) - j.delays[node]
	}
	if o.At-since > most {
		return fmt.Errorf("%s released %v %v after the cancel of its job was accepted, must stop within %v",
			o.Node, f.stream, o.At-j.at, most+since-j.at)
	}
	return nil
}

// Scan implements check.Scanner.
func (c *oneOutcome) Scan() error {
	if !c.judged() {
		return nil
	}
	now := c.now()
	for _, j := range c.jobs.order {
		if !j.cancelled || j.state.Terminal() || !c.lives(j.gate) {
			continue
		}
		over := now - j.at - (c.delayed(j.gate.node) - j.delays[j.gate.node])
		if over > drifted(cancelWait)+cancelSlack {
			return fmt.Errorf("job %s is %v, %v after its cancel was accepted", j.job, j.state, over)
		}
	}
	return nil
}

// End implements check.Invariant.
func (c *oneOutcome) End() error { return nil }
