package scenarios

import (
	"fmt"

	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/sim/check"
)

// terminalIsTerminal holds a job to one terminal state: it goes from state to state without a break, never
// leaves a terminal one, and every revision of its result says that state, at the gate and to every client.
type terminalIsTerminal struct {
	jobs table[string, lifeOfJob]
}

type lifeOfJob struct {
	state    protocol.JobState
	revision uint64 // of the newest result
}

func newTerminalIsTerminal() check.Invariant { return &terminalIsTerminal{} }

// Name implements check.Invariant.
func (c *terminalIsTerminal) Name() string { return "terminal is terminal" }

// Observe implements check.Invariant.
func (c *terminalIsTerminal) Observe(o check.Observation) error {
	switch f := o.Event.(type) {
	case fact.Accepted:
		if !f.Known {
			c.jobs.of(f.Job).state = protocol.JobSubmitted
		}
	case fact.State:
		return c.move(f)
	case fact.Ended:
		j := c.jobs.of(f.Job)
		if f.State != j.state || !j.state.Terminal() {
			return fmt.Errorf("result of job %s says %v, the job is %v", f.Job, f.State, j.state)
		}
		if f.Revision != j.revision+1 {
			return fmt.Errorf("result of job %s has revision %d after %d", f.Job, f.Revision, j.revision)
		}
		j.revision = f.Revision
	case fact.Learned:
		if j := c.jobs.of(f.Job); f.State != j.state || f.Revision > j.revision {
			return fmt.Errorf("%s learnt that job %s is %v by revision %d, the gate said %v and has made %d",
				o.Node, f.Job, f.State, f.Revision, j.state, j.revision)
		}
	}
	return nil
}

func (c *terminalIsTerminal) move(f fact.State) error {
	j := c.jobs.of(f.Job)
	switch {
	case j.state.Terminal():
		return fmt.Errorf("job %s was %v and became %v", f.Job, j.state, f.To)
	case f.From != j.state:
		return fmt.Errorf("job %s went from %v to %v, but it was %v", f.Job, f.From, f.To, j.state)
	}
	j.state = f.To
	return nil
}

// End implements check.Invariant.
func (c *terminalIsTerminal) End() error { return nil }
