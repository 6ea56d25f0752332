package scenarios

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/sim/check"
)

// oneKeyOneJob holds the gate's idempotency memory: a key names one job for as long as the job is kept, and
// at least for the time of the memory (judged in a World only); no two keys name one job.
type oneKeyOneJob struct {
	pace
	gate      int // its incarnation: the next one remembers nothing
	memory    time.Duration
	keys      table[string, namedJob]
	jobs      table[string, string] // job to its key
	forgotten map[string]bool       // jobs
}

type namedJob struct {
	job   string
	since time.Duration
}

func newOneKeyOneJob(s *Stage) check.Invariant {
	return &oneKeyOneJob{pace: s.pace(), memory: s.gateConfig().KeyMemory, forgotten: map[string]bool{}}
}

// Name implements check.Invariant.
func (c *oneKeyOneJob) Name() string { return "one key, one job" }

// Observe implements check.Invariant.
func (c *oneKeyOneJob) Observe(o check.Observation) error {
	switch f := o.Event.(type) {
	case fact.Accepted:
		if o.Incarnation != c.gate {
			c.gate, c.keys = o.Incarnation, table[string, namedJob]{}
		}
		return c.accept(f, o.At)
	case fact.Forgotten:
		if o.Node == gateName {
			c.forgotten[f.Job] = true
		}
	}
	return nil
}

func (c *oneKeyOneJob) accept(f fact.Accepted, at time.Duration) error {
	named := c.keys.of(f.Key)
	before := *named
	if f.Known {
		if before.job != f.Job {
			return fmt.Errorf("key %s was recognised as job %s, it names job %q", f.Key, f.Job, before.job)
		}
		return nil
	}
	key := c.jobs.of(f.Job)
	switch {
	case *key != "":
		return fmt.Errorf("key %s made job %s, which key %s had made", f.Key, f.Job, *key)
	case before.job != "" && !c.forgotten[before.job]:
		return fmt.Errorf("key %s made job %s, while it names job %s", f.Key, f.Job, before.job)
	case before.job != "" && c.judged() && drifted(at-before.since) < c.memory:
		return fmt.Errorf("key %s made job %s, %v after job %s: it is remembered for %v",
			f.Key, f.Job, at-before.since, before.job, c.memory)
	}
	*key = f.Key
	*named = namedJob{f.Job, at}
	return nil
}

// End implements check.Invariant.
func (c *oneKeyOneJob) End() error { return nil }
