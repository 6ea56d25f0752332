package gate

import (
	"fmt"
	"slices"
	"time"

	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

// The bounds of a submission.
const (
	mostName      = 128 // bytes of a key and of every name
	mostPlaces    = 64  // datacenters of a job
	mostWorkflows = 64
	mostCores     = 1 << 16
	mostDeadline  = 31 * 24 * time.Hour
)

// complete checks a specification and fills in the gate's defaults.
func (g *Gate) complete(spec protocol.JobSpec) (protocol.JobSpec, error) {
	if err := checkName("name", spec.Name); err != nil {
		return spec, err
	}
	if spec.Windows == (stats.Config{}) {
		spec.Windows = g.config.Windows
	}
	if err := spec.Windows.Validate(); err != nil {
		return spec, err
	}
	if err := checkPlaces(spec.Datacenters); err != nil {
		return spec, err
	}
	if n := len(spec.Workflows); n < 1 || n > mostWorkflows {
		return spec, fmt.Errorf("workflows: %d of them, must be 1 to %d", n, mostWorkflows)
	}
	for i, w := range spec.Workflows {
		if err := checkWorkflow(w); err != nil {
			return spec, fmt.Errorf("workflow %q: %w", w.Name, err)
		}
		for _, other := range spec.Workflows[:i] {
			if other.Name == w.Name {
				return spec, fmt.Errorf("workflow %q: there are two of that name", w.Name)
			}
		}
	}
	longest, err := chains(spec.Workflows)
	if err != nil {
		return spec, err
	}
	if spec.Deadline == 0 {
		spec.Deadline = longest + g.config.DeadlineSlack
	}
	if spec.ResultWait == 0 {
		spec.ResultWait = g.config.ResultWait
	}
	if spec.Stuck == 0 {
		spec.Stuck = g.config.Stuck
	}
	return spec, checkChoices(spec)
}

// checkChoices refuses what a job may not choose.
func checkChoices(spec protocol.JobSpec) error {
	for _, f := range []struct {
		name  string
		value time.Duration
		least time.Duration
	}{
		{"deadline", spec.Deadline, 1}, {"result wait", spec.ResultWait, 0},
		{"extension", spec.Extension, 0}, {"stuck", spec.Stuck, 1},
	} {
		if f.value < f.least || f.value > mostDeadline {
			return fmt.Errorf("%s: %v, must be %v to %v", f.name, f.value, f.least, mostDeadline)
		}
	}
	if spec.Priority > protocol.MostPriority {
		return fmt.Errorf("priority: %d, must be 0 to %d", spec.Priority, protocol.MostPriority)
	}
	if spec.Extensions > protocol.MostExtensions {
		return fmt.Errorf("extensions: %d, must be 0 to %d", spec.Extensions, protocol.MostExtensions)
	}
	if !spec.LostWorkers.Known() {
		return fmt.Errorf("lost workers: policy %d is not known", spec.LostWorkers)
	}
	return nil
}

func checkPlaces(datacenters []string) error {
	if len(datacenters) > mostPlaces {
		return fmt.Errorf("datacenters: %d of them, at most %d", len(datacenters), mostPlaces)
	}
	for i, name := range datacenters {
		if err := checkName("datacenter", name); err != nil {
			return err
		}
		if slices.Contains(datacenters[:i], name) {
			return fmt.Errorf("datacenter %q: named twice", name)
		}
	}
	return nil
}

func checkWorkflow(w protocol.WorkflowSpec) error {
	if err := checkName("workflow", w.Name); err != nil {
		return err
	}
	if err := checkName("engine", w.Engine); err != nil {
		return err
	}
	if w.Cores < 1 || w.Cores > mostCores {
		return fmt.Errorf("cores: %d, must be 1 to %d", w.Cores, mostCores)
	}
	return load.Assignment{Plan: w.Plan, Target: w.Target}.Validate()
}

func checkName(field, name string) error {
	if name == "" || len(name) > mostName {
		return fmt.Errorf("%s: %d bytes, must be 1 to %d", field, len(name), mostName)
	}
	return nil
}
