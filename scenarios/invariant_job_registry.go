package scenarios

import (
	"errors"
	"slices"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/sim/check"
)

// jobRegistry: what clients are answered about jobs - submissions, cancels, states - has one order in which
// it all makes sense. What happens under a key is a history, which porcupine judges at the end against the
// model of job_registry_model.go. Clients' operations are those made through the Stage (submit, status,
// cancel); the gate's moves stand among them at the step in which it notes them, in a World only, where it is
// known of what was never answered, too, whether and when it happened.
type jobRegistry struct {
	stage *Stage
	keys  table[string, keyHistory]
	jobs  map[string]string // to their keys
	lost  bool              // the gate has booted again: it remembers nothing, and nothing is judged
}

// keyHistory is what happened under one key.
type keyHistory struct {
	history *check.History
	asked   int // how often clients did anything
	// A submission whose answer is lost is made again, and no longer finds its key where that is remembered
	// for less time than its tries take: then it has made two jobs, and is no single operation.
	jobs  int   // that the key has named
	open  []int // submissions under way, each with how many there were when it began
	twice bool  // one of them may have made two
	asking
}

func newJobRegistry(s *Stage) *jobRegistry {
	c := &jobRegistry{stage: s, jobs: map[string]string{}}
	s.registry = c
	return c
}

// Name implements check.Invariant.
func (c *jobRegistry) Name() string { return "job registry" }

// Observe implements check.Invariant.
func (c *jobRegistry) Observe(o check.Observation) error {
	if o.Node != gateName || c.stage.World == nil {
		return nil
	}
	c.lost = c.lost || o.Incarnation > 0
	switch f := o.Event.(type) {
	case fact.Accepted:
		c.bind(f.Job, f.Key)
		if !f.Known {
			c.accepted(f.Key)
		}
	case fact.CancelTaken:
		if f.Accepted && !f.Again {
			c.under(c.keyOf(f.Job), func(k *keyHistory) { k.took(k.cancels) })
		}
	case fact.State:
		c.happened(f.Job, move{f.Job, f.To})
	case fact.Forgotten:
		c.happened(f.Job, forget{f.Job})
	}
	return nil
}

// bind says which job a key names.
func (c *jobRegistry) bind(job, key string) {
	c.stage.mu.Lock()
	defer c.stage.mu.Unlock()
	c.jobs[job] = key
}

// accepted notes that a key names a new job.
func (c *jobRegistry) accepted(key string) {
	c.under(key, func(k *keyHistory) {
		k.twice = k.twice || slices.ContainsFunc(k.open, func(before int) bool { return before < k.jobs })
		k.jobs++
		k.took(k.submits)
	})
}

// submitting notes a submission until the returned function is called.
func (c *jobRegistry) submitting(key string) (done func()) {
	c.stage.mu.Lock()
	defer c.stage.mu.Unlock()
	k := c.key(key)
	before := k.jobs
	k.open = append(k.open, before)
	return func() {
		c.stage.mu.Lock()
		defer c.stage.mu.Unlock()
		i := slices.Index(k.open, before)
		k.open = slices.Delete(k.open, i, i+1)
	}
}

// happened is something that the gate does by itself.
func (c *jobRegistry) happened(job string, what any) {
	c.under(c.keyOf(job), func(k *keyHistory) { k.history.Call(0, what).Return(nil) })
}

// under runs f with the record of a key, under the stage's lock.
func (c *jobRegistry) under(key string, f func(k *keyHistory)) {
	c.stage.mu.Lock()
	defer c.stage.mu.Unlock()
	f(c.key(key))
}

// key is the record of a key. Called under the stage's lock.
func (c *jobRegistry) key(key string) *keyHistory {
	k := c.keys.of(key)
	if k.history == nil {
		k.history = c.stage.Run.NewHistory()
	}
	return k
}

// call begins what a client does under a key. Every operation is a client of its own: tasks overlap.
func (c *jobRegistry) call(key string, what any) (op *check.Operation) {
	c.under(key, func(k *keyHistory) {
		k.asked++
		op = k.history.Call(k.asked, what)
		k.ask(op)
	})
	return op
}

func (c *jobRegistry) keyOf(job string) string {
	c.stage.mu.Lock()
	defer c.stage.mu.Unlock()
	return c.jobs[job]
}

// answer ends an operation. What is not known to have failed may have happened.
func answer(op *check.Operation, output any, err error) {
	switch {
	case err == nil:
		op.Return(output)
	case errors.Is(err, rpc.NotFound):
		op.Return(notFound{})
	case errors.Is(err, rpc.Conflict):
		op.Refuse()
	}
}

// End implements check.Invariant.
func (c *jobRegistry) End() error {
	if c.lost {
		return nil
	}
	for _, k := range c.keys.order {
		if c.stage.World != nil && !k.vague {
			k.resolve(c.stage.Run)
		}
		if k.asked > 0 && !k.twice {
			c.stage.Run.Linearizable(c.Name(), registryModel(), k.history, time.Minute)
		}
	}
	return nil
}

// register submits a job, its key its name, in the history of that key.
func (s *Stage) register(env core.Env, c *client.Client, spec protocol.JobSpec) (protocol.Submitted, error) {
	defer s.registry.submitting(spec.Name)()
	op := s.registry.call(spec.Name, submit{})
	job, err := c.Submit(env.Context(), spec.Name, spec)
	if err == nil {
		s.registry.bind(job.Job, spec.Name)
	}
	answer(op, job.Job, err)
	return job, err
}

// status asks how a job is, in the history of its key.
func (s *Stage) status(env core.Env, c *client.Client, job string) (protocol.JobStatus, error) {
	op := s.registry.call(s.registry.keyOf(job), ask{job})
	status, err := c.Status(env.Context(), job)
	if answer(op, status.State, err); err != nil {
		op.Refuse() // a read that nobody saw says nothing
	}
	return status, err
}

// cancel asks the gate to end a job, in the history of its key.
func (s *Stage) cancel(env core.Env, c *client.Client, job, why string) (protocol.Cancelling, error) {
	return s.cancelled(job, func() (protocol.Cancelling, error) { return c.Cancel(env.Context(), job, why) })
}

// cancelled has ask end a job, in the history of its key.
func (s *Stage) cancelled(job string, ask func() (protocol.Cancelling, error)) (protocol.Cancelling, error) {
	op := s.registry.call(s.registry.keyOf(job), cancel{job})
	cancelling, err := ask()
	answer(op, cancelling, err)
	return cancelling, err
}
