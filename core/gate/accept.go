package gate

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
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

// submit takes a submission, or recognises it by its key. The key, the job and its first status are one
// step: the answer never leaves before all three are there.
func (g *Gate) submit(from core.Address, in *protocol.Submit, r rpc.Responder) {
	spec, err := g.complete(in.Spec)
	if err == nil {
		err = checkName("key", in.Key)
	}
	if err != nil {
		g.counters.submitsRefused.Add(1)
		r.Fail(rpc.Errorf(rpc.Invalid, "job: %v", err))
		return
	}
	j, known, err := g.accept(in, spec)
	if err != nil {
		g.counters.submitsRefused.Add(1)
		r.Fail(err)
		return
	}
	g.env.Note(fact.Accepted{Key: in.Key, Job: j.id, Known: known})
	if !known {
		g.env.Log().Info("job accepted", "job", j.id, "name", spec.Name, "from", string(from))
		g.env.Note(fact.Planned{
			Job: j.id, Arrivals: j.planned(), Deadline: j.spec.Deadline, ResultWait: j.spec.ResultWait,
		})
		g.env.Go("job/"+j.id, j.run)
		g.env.Go("job/"+j.id+"/dispatch", j.dispatchAll)
	}
	r.Reply(&protocol.Submitted{Job: j.id, Token: j.token, Known: known, GateBoot: g.boot})
}

// accept finds the key's job or makes it, in one step.
func (g *Gate) accept(in *protocol.Submit, spec protocol.JobSpec) (j *job, known bool, err error) {
	asked := digest(&in.Spec)
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.env.Now()
	g.keys.expire(now.Add(-g.config.KeyMemory))
	id, known, err := g.keys.find(in.Key, asked)
	switch {
	case err != nil:
		return nil, known, rpc.Errorf(rpc.Conflict, "key %q: %v", in.Key, err)
	case known && g.jobs[id] == nil:
		return nil, known, rpc.Errorf(rpc.NotFound, "key %q: job %s has ended and is no longer kept",
			in.Key, id)
	case known:
		return g.jobs[id], true, nil
	case len(g.order) >= g.config.Jobs:
		return nil, false, rpc.Errorf(rpc.Busy, "%d jobs are kept, the most that this gate keeps",
			len(g.order))
	}
	if len(spec.Datacenters) == 0 {
		spec.Datacenters = g.members.names()
	}
	if len(spec.Datacenters) == 0 {
		return nil, false, rpc.Errorf(rpc.Busy, "no datacenter has registered yet")
	}
	j, err = g.newJob(in.Key, g.newID(), spec, now)
	if err != nil {
		return nil, false, rpc.Errorf(rpc.Invalid, "job: %v", err)
	}
	g.keys.add(in.Key, asked, j.id, now)
	g.jobs[j.id] = j
	g.order = append(g.order, j)
	g.refreshLevels(now)
	return j, false, nil
}

// newID draws an id that no kept job has.
func (g *Gate) newID() string {
	for {
		id := "j" + strconv.FormatUint(g.env.Rand().Uint64()>>30, 36)
		if g.jobs[id] == nil {
			return id
		}
	}
}

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
	longest := time.Duration(0)
	for i, w := range spec.Workflows {
		if err := checkWorkflow(w); err != nil {
			return spec, fmt.Errorf("workflow %q: %w", w.Name, err)
		}
		for _, other := range spec.Workflows[:i] {
			if other.Name == w.Name {
				return spec, fmt.Errorf("workflow %q: there are two of that name", w.Name)
			}
		}
		longest = max(longest, w.Plan.Duration)
	}
	if spec.Deadline == 0 {
		spec.Deadline = longest + g.config.DeadlineSlack
	}
	if spec.ResultWait == 0 {
		spec.ResultWait = g.config.ResultWait
	}
	if spec.Deadline < 0 || spec.Deadline > mostDeadline {
		return spec, fmt.Errorf("deadline: %v, must be over 0 and at most %v", spec.Deadline, mostDeadline)
	}
	if spec.ResultWait < 0 || spec.ResultWait > mostDeadline {
		return spec, fmt.Errorf("result wait: %v, must be over 0 and at most %v", spec.ResultWait,
			mostDeadline)
	}
	return spec, nil
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

// sharesOf splits a workflow over the job's datacenters, equally.
func sharesOf(w protocol.WorkflowSpec, datacenters []string) ([]*share, error) {
	weights := make([]uint32, len(datacenters))
	for i := range weights {
		weights[i] = 1
	}
	plans, err := w.Plan.Split(weights)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("workflow %q", w.Name), err)
	}
	shares := make([]*share, len(plans))
	for i, plan := range plans {
		spec := w
		spec.Plan = plan
		shares[i] = &share{datacenter: datacenters[i], spec: spec}
	}
	return shares, nil
}
