package outcome

import (
	"fmt"
	"slices"
	"strings"

	"github.com/windtunnel/windtunnel/core/protocol"
)

// State is a job's state in one line, with its place in the queue.
func State(s protocol.JobStatus) string {
	place := ""
	if s.Place > 0 {
		place = fmt.Sprintf(", place %d", s.Place)
	}
	return fmt.Sprintf("job %s %s%s%s", s.Job, s.State, place, because(s.Message))
}

// Workflow is a workflow's state in one line.
func Workflow(w protocol.WorkflowStatus) string {
	return fmt.Sprintf("workflow %s %s%s", w.Name, w.State, because(w.Message))
}

// Status is how a job is, in a few lines for a person.
func Status(s protocol.JobStatus) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", State(s))
	fmt.Fprintf(&b, "  %.1fs of %v, sent %d of %d: ok %d, failed %d, unknown %d\n", s.Elapsed.Seconds(),
		s.Deadline, s.Totals.Sent(), s.Planned, s.Totals.OK, s.Totals.Failed, s.Totals.Unknown)
	for _, w := range s.Workflows {
		fmt.Fprintf(&b, "  %s\n", Workflow(w))
	}
	for _, text := range s.Degraded {
		fmt.Fprintf(&b, "  DEGRADED %s\n", text)
	}
	return b.String()
}

// StatusDocument is how a job is, as `windtunnel status --json` shows it.
func StatusDocument(s protocol.JobStatus) any {
	d := statusDocument{
		Job: s.Job, State: s.State.String(), Message: s.Message, Place: s.Place, Planned: s.Planned,
		Requests: s.Totals.Sent(), OK: s.Totals.OK, Failed: s.Totals.Failed, Unknown: s.Totals.Unknown,
		ElapsedMS: ms(s.Elapsed), DeadlineMS: ms(s.Deadline), Level: s.Level.String(),
		Workflows: []workflowDocument{}, Lost: append([]string{}, s.Degraded...),
	}
	for _, w := range s.Workflows {
		d.Workflows = append(d.Workflows, workflowDocument{w.Name, w.State.String(), w.Message})
	}
	return d
}

type statusDocument struct {
	Job        string             `json:"job"`
	State      string             `json:"state"`
	Message    string             `json:"message,omitempty"`
	Place      uint32             `json:"place"` // in the queue, 1 is next; 0: it waits for nothing
	Planned    uint64             `json:"planned"`
	Requests   uint64             `json:"requests"`
	OK         uint64             `json:"ok"`
	Failed     uint64             `json:"failed"`
	Unknown    uint64             `json:"unknown"`
	ElapsedMS  float64            `json:"elapsed_ms"`
	DeadlineMS float64            `json:"deadline_ms"` // from acceptance
	Level      string             `json:"level"`
	Workflows  []workflowDocument `json:"workflows"`
	Lost       []string           `json:"lost"` // in words
}

type workflowDocument struct {
	Name    string `json:"name"`
	State   string `json:"state"`
	Message string `json:"message,omitempty"`
}

// fate is how a workflow ended, and why.
type fate struct{ name, state, message string }

// workflows are the fates of all workflows: by the status, and where it is silent, by the result.
func workflows(r *protocol.JobResult, s protocol.JobStatus) (out []fate) {
	for _, w := range s.Workflows {
		out = append(out, fate{w.Name, w.State.String(), w.Message})
	}
	for i := range r.Workflows {
		w := &r.Workflows[i]
		if !slices.ContainsFunc(out, func(f fate) bool { return f.name == w.Workflow }) {
			out = append(out, fate{w.Workflow, w.State.String(), ""})
		}
	}
	return out
}
