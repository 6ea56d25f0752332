package gate

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/windtunnel/windtunnel/core/protocol"
)

// chains checks what workflows wait for, and returns how long the longest chain of them runs.
func chains(workflows []protocol.WorkflowSpec) (longest time.Duration, err error) {
	lengths := map[string]time.Duration{} // of the chain that ends with each
	for len(lengths) < len(workflows) {
		before := len(lengths)
		for _, w := range workflows {
			if _, done := lengths[w.Name]; done {
				continue
			}
			length, ready, err := chain(w, workflows, lengths)
			if err != nil {
				return 0, err
			}
			if ready {
				lengths[w.Name] = length
				longest = max(longest, length)
			}
		}
		if len(lengths) == before {
			return 0, fmt.Errorf("workflow %q: it waits for itself, through others",
				unresolved(workflows, lengths))
		}
	}
	for _, w := range workflows {
		if err := checkPlaceholders(w, workflows); err != nil {
			return 0, err
		}
	}
	return longest, nil
}

// chain is how long the chain runs that ends with a workflow, once those before it are known.
func chain(
	w protocol.WorkflowSpec, workflows []protocol.WorkflowSpec, lengths map[string]time.Duration,
) (length time.Duration, ready bool, err error) {
	if len(w.After) > mostWorkflows {
		return 0, false, fmt.Errorf("workflow %q: after: %d workflows, at most %d", w.Name, len(w.After),
			mostWorkflows)
	}
	for _, name := range w.After {
		if find(workflows, name) == nil {
			return 0, false, fmt.Errorf("workflow %q: after: there is no workflow %q", w.Name, name)
		}
		before, known := lengths[name]
		if !known {
			return 0, false, nil
		}
		length = max(length, before)
	}
	return length + w.Plan.Duration, true, nil
}

func unresolved(workflows []protocol.WorkflowSpec, lengths map[string]time.Duration) string {
	for _, w := range workflows {
		if _, done := lengths[w.Name]; !done {
			return w.Name
		}
	}
	return ""
}

func find(workflows []protocol.WorkflowSpec, name string) *protocol.WorkflowSpec {
	for i := range workflows {
		if workflows[i].Name == name {
			return &workflows[i]
		}
	}
	return nil
}

// checkPlaceholders refuses a "${workflow.name}" that nobody before the workflow provides.
func checkPlaceholders(w protocol.WorkflowSpec, workflows []protocol.WorkflowSpec) error {
	before := ancestors(w, workflows)
	for _, name := range w.Target.Placeholders() {
		dot := strings.LastIndexByte(name, '.')
		if dot < 0 {
			return fmt.Errorf("workflow %q: ${%s}: must be ${workflow.name}", w.Name, name)
		}
		on, value := find(workflows, name[:dot]), name[dot+1:]
		if on == nil || !slices.Contains(before, on.Name) {
			return fmt.Errorf("workflow %q: ${%s}: it does not wait for workflow %q", w.Name, name,
				name[:dot])
		}
		provides := counted(value)
		for _, p := range on.Target.Provide {
			provides = provides || p.Name == value
		}
		if !provides {
			return fmt.Errorf("workflow %q: ${%s}: workflow %q does not provide %q", w.Name, name, on.Name,
				value)
		}
	}
	return nil
}

// ancestors lists the workflows that must have completed before one starts, directly or through others.
func ancestors(w protocol.WorkflowSpec, workflows []protocol.WorkflowSpec) (names []string) {
	names = slices.Clone(w.After)
	for i := 0; i < len(names); i++ {
		for _, more := range find(workflows, names[i]).After {
			if !slices.Contains(names, more) {
				names = append(names, more)
			}
		}
	}
	return names
}

// targetsOf lists what a job shoots at, each scheme and host once.
func targetsOf(spec protocol.JobSpec) (targets []string) {
	for _, w := range spec.Workflows {
		u, err := url.Parse(w.Target.URL)
		if err != nil {
			continue // it was validated
		}
		if target := u.Scheme + "://" + strings.ToLower(u.Host); !slices.Contains(targets, target) {
			targets = append(targets, target)
		}
	}
	return targets
}
