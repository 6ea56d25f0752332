package scenarios

import (
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/client"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/sim/check"
)

// wholeSnapshots: a reader of job statistics sees the state after some whole number of merges. A job's
// merges and reads are a history, which porcupine judges at the end: reads that the gate notes, and those
// that a client's task makes (Stage.readStatus), which overlap with merges.
//
// In a World a fact is noted in the very step of what it tells. On real nodes other tasks come between: a
// merge there lasts from its first entry to its note, and a read of the gate's own, which may have been long
// before its note, says nothing.
type wholeSnapshots struct {
	stage *Stage
	jobs  table[string, snapshots]
}

// snapshots is what was merged into one job's statistics, and read of them.
type snapshots struct {
	job     string
	applied stats.Counts     // in all entries so far
	merged  stats.Counts     // as of the last merge
	merging *check.Operation // on real nodes: entries were applied since
	history *check.History
}

// The operations of the history, by who makes them.
const (
	opMerge = iota
	opRead
	opAsk
)

// merge says what a job's statistics are from then on; read asks for them.
type (
	merge struct{ totals stats.Counts }
	read  struct{}
)

func (m merge) String() string { return "merge to " + m.totals.String() }
func (read) String() string    { return "read" }

func newWholeSnapshots(s *Stage) *wholeSnapshots {
	c := &wholeSnapshots{stage: s}
	s.reads = c
	return c
}

// Name implements check.Invariant.
func (c *wholeSnapshots) Name() string { return "whole snapshots" }

// Observe implements check.Invariant.
func (c *wholeSnapshots) Observe(o check.Observation) error {
	switch f := o.Event.(type) {
	case fact.Applied:
		j := c.job(f.Stream.Job)
		j.applied, _ = j.applied.Add(f.Delta)
		if c.stage.World == nil && j.merging == nil {
			j.merging = j.history.Call(opMerge, nil)
		}
	case fact.Merged:
		if j := c.job(f.Job); j.merged != j.applied {
			j.merge()
		}
	case fact.StatusRead:
		if c.stage.World != nil {
			c.job(f.Job).history.Call(opRead, read{}).Return(f.Totals)
		}
	}
	return nil
}

func (j *snapshots) merge() {
	op := j.merging
	if op == nil {
		op = j.history.Call(opMerge, nil)
	}
	j.merged, j.merging = j.applied, nil
	op.Input = merge{j.applied} // known only now
	op.Return(nil)
}

func (c *wholeSnapshots) job(id string) *snapshots {
	j := c.jobs.of(id)
	if j.history == nil {
		j.job, j.history = id, c.stage.Run.NewHistory()
	}
	return j
}

// End implements check.Invariant.
func (c *wholeSnapshots) End() error {
	for _, j := range c.jobs.order {
		c.stage.Run.Linearizable(c.Name(), statistics(), j.history, time.Minute)
	}
	return nil
}

// statistics is the model: a register of counts.
func statistics() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return stats.Counts{} },
		Step: func(state, input, output any) (bool, any) {
			if m, ok := input.(merge); ok {
				return true, m.totals
			}
			_, lost := output.(check.NoAnswer)
			return lost || output == state, state
		},
	}
}

// readStatus asks for a job's status again and again in a task of its own, until the job is terminal.
func (s *Stage) readStatus(env core.Env, c *client.Client, job string, every time.Duration) {
	s.reads.job(job)
	env.Go("reader/"+job, func() {
		for env.Sleep(env.Context(), every) == nil && !s.Truth.ended(job) {
			op := s.reads.job(job).history.Call(opAsk, read{})
			status, err := s.status(env, c, job)
			if err != nil {
				op.Refuse() // a read that nobody saw says nothing
				continue
			}
			op.Return(status.Totals)
		}
	})
}
