package jobfile

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

// Parse reads the content of a job file; the name is for errors.
func Parse(file string, data []byte) (*Job, error) {
	d, src, err := decode(file, data)
	if err != nil {
		return nil, err
	}
	job := &Job{
		Builtin: d.Target == Builtin,
		Thresholds: Thresholds{
			Unwindowed: 0.01, NotStarted: 0.01, Failed: 1, SendLagP99: 100 * time.Millisecond,
		},
	}
	if d.Name == "" {
		return nil, src.wrong("name", "missing: every job has a name")
	}
	spec := protocol.JobSpec{
		Name: d.Name, Datacenters: d.Datacenters, AcceptLost: d.AcceptLost, Priority: d.Priority,
		ShareTarget: d.ShareTarget, Extensions: d.Extensions,
	}
	if err := choices(src, d, &spec); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for i, dc := range d.Datacenters {
		if dc == "" || seen[dc] {
			return nil, src.wrong(fmt.Sprintf("datacenters[%d]", i), "%q: a name that is there once", dc)
		}
		seen[dc] = true
	}
	if err := durations(src, []field{
		{"deadline", d.Deadline, &spec.Deadline, time.Second, 31 * 24 * time.Hour},
		{"result_wait", d.ResultWait, &spec.ResultWait, time.Second, 31 * 24 * time.Hour},
		{"extension", d.Extension, &spec.Extension, time.Second, 31 * 24 * time.Hour},
		{"stuck", d.Stuck, &spec.Stuck, time.Second, 31 * 24 * time.Hour},
		{
			"thresholds.send_lag_p99", d.Thresholds.SendLagP99, &job.Thresholds.SendLagP99,
			time.Millisecond, time.Hour,
		},
	}); err != nil {
		return nil, err
	}
	if err := shares(src, d.Thresholds, &job.Thresholds); err != nil {
		return nil, err
	}
	if spec.Windows, err = windows(src, d.Windows); err != nil {
		return nil, err
	}
	if len(d.Workflows) == 0 {
		return nil, src.wrong("workflows", "missing: a job has at least one")
	}
	for i := range d.Workflows {
		at := fmt.Sprintf("workflows[%d]", i)
		w, err := workflow(src, at, &d.Workflows[i], d.Target)
		if err != nil {
			return nil, err
		}
		for _, other := range spec.Workflows {
			if other.Name == w.Name {
				return nil, src.wrong(at+".name", "%q: another workflow has that name", w.Name)
			}
		}
		spec.Workflows = append(spec.Workflows, w)
	}
	if err := order(src, spec.Workflows); err != nil {
		return nil, err
	}
	job.Spec = spec
	return job, nil
}

// choices reads what is one of a few.
func choices(src *source, d *document, to *protocol.JobSpec) error {
	if d.Priority > protocol.MostPriority {
		return src.wrong("priority", "%d: must be 0 to %d", d.Priority, protocol.MostPriority)
	}
	if d.Extensions > protocol.MostExtensions {
		return src.wrong("extensions", "%d: must be 0 to %d", d.Extensions, protocol.MostExtensions)
	}
	if d.LostWorkers == "" {
		return nil
	}
	var names []string
	for p := protocol.LostRedispatch; p.Known(); p++ {
		if p.String() == d.LostWorkers {
			to.LostWorkers = p
			return nil
		}
		names = append(names, p.String())
	}
	return src.wrong("lost_workers", "%q: must be one of %s", d.LostWorkers, strings.Join(names, ", "))
}

func windows(src *source, d documentWindows) (stats.Config, error) {
	if d == (documentWindows{}) {
		return stats.Config{}, nil // the gate's
	}
	c := stats.DefaultConfig()
	err := durations(src, []field{
		{"windows.size", d.Size, &c.Size, 50 * time.Millisecond, time.Minute},
		{"windows.drift_tolerance", d.DriftTolerance, &c.DriftTolerance, 0, 10 * time.Second},
		{"windows.maximum_age", d.MaximumAge, &c.MaximumAge, 0, 10 * time.Minute},
	})
	if err != nil {
		return c, err
	}
	if err := c.Validate(); err != nil {
		return c, src.wrong("windows", "%v", err)
	}
	return c, nil
}

func workflow(src *source, at string, d *documentWorkflow, target string) (protocol.WorkflowSpec, error) {
	w := protocol.WorkflowSpec{Name: d.Name, Engine: "http", Cores: 1, After: d.After}
	switch {
	case d.Name == "":
		return w, src.wrong(at+".name", "missing: every workflow has a name")
	case d.Rate == "":
		return w, src.wrong(at+".rate", "missing: so many in so much time, like 400/s")
	case d.Duration == "":
		return w, src.wrong(at+".duration", "missing: how long, like 10s")
	case d.HTTP == nil:
		return w, src.wrong(at+".http", "missing: what to send, like {method: GET, url: /}")
	}
	var err error
	if w.Plan.Rate, err = rate(d.Rate); err != nil {
		return w, src.wrong(at+".rate", "%v", err)
	}
	err = durations(src, []field{
		{at + ".duration", d.Duration, &w.Plan.Duration, time.Millisecond, load.MaxDuration},
	})
	if err != nil {
		return w, err
	}
	if d.Cores != nil {
		w.Cores = *d.Cores
	}
	if w.Cores < 1 || w.Cores > 1<<16 {
		return w, src.wrong(at+".cores", "%d: must be 1 to 65536", w.Cores)
	}
	if w.Target, err = request(src, at+".http", d.HTTP, target); err != nil {
		return w, err
	}
	if w.Target.Provide, err = provides(src, at+".provide", d.Provide); err != nil {
		return w, err
	}
	if err := w.Plan.Validate(); err != nil {
		return w, src.told(at, err)
	}
	return w, nil
}

// told is a plan's or target's error, at the key of the file that it is about.
func (s *source) told(at string, err error) error {
	var mistake *load.FieldError
	if !errors.As(err, &mistake) {
		return s.wrong(at, "%v", err)
	}
	field, name, isHeader := strings.Cut(mistake.Field, " ")
	switch {
	case isHeader:
		return s.wrong(at+".headers", "%s: %s: must be %s", name, mistake.Value, mistake.Want)
	case field == "rate.count" || field == "rate.per":
		field = "rate"
	}
	return s.wrong(at+"."+field, "%s: must be %s", mistake.Value, mistake.Want)
}
