package gate

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
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
		j.noteDependencies()
		g.env.Go("job/"+j.id, j.run)
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
	case g.leaving:
		return nil, false, rpc.Errorf(rpc.Busy, "the gate is leaving")
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
	g.accepted++
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

// noteDependencies says which workflows wait for which.
func (j *job) noteDependencies() {
	for _, w := range j.spec.Workflows {
		for _, on := range w.After {
			j.gate.env.Note(fact.DependsOn{Job: j.id, Workflow: w.Name, On: on})
		}
	}
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
