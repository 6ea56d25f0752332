package manager

import (
	"slices"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/stats"
)

// dispatch answers with the split of a share: the cores are allocated, the shards fixed. Asked again it
// answers with the same split.
func (m *Manager) dispatch(_ core.Address, in *protocol.Dispatch, r rpc.Responder) {
	m.ask(r, func() {
		split, err := m.split(in)
		if err != nil {
			m.counters.dispatchesRefused.Add(1)
			r.Fail(err)
			return
		}
		r.Reply(split)
	})
}

func (m *Manager) split(in *protocol.Dispatch) (*protocol.Split, error) {
	j := m.job(in.Job)
	switch {
	case in.Job == "" || in.Workflow.Cores == 0 || in.Workflow.Cores > mostCores:
		return nil, rpc.Errorf(rpc.Invalid, "dispatch of %q with %d cores", in.Job, in.Workflow.Cores)
	case j != nil && in.Token < j.token:
		return nil, m.stale(j, in.Token)
	case j != nil && j.ended:
		return nil, rpc.Errorf(rpc.Conflict, "job %s has ended here", j.id)
	}
	if j != nil {
		for _, s := range j.shares {
			if s.workflow.Name == in.Workflow.Name {
				return &s.split, nil
			}
		}
	}
	if err := m.unready(); err != nil {
		return nil, err
	}
	shards := m.members.allocate(in.Workflow.Cores)
	if shards == nil {
		_, free := m.members.capacity()
		return nil, rpc.Errorf(rpc.Busy, "%d cores asked for, %d free", in.Workflow.Cores, free)
	}
	if err := planShards(in.Workflow, shards); err != nil {
		return nil, rpc.Errorf(rpc.Invalid, "job %s: %v", in.Job, err)
	}
	if j == nil {
		j = &job{id: in.Job, token: in.Token, gateBoot: in.GateBoot, windows: in.Windows}
		j.extend(m.env.Now().Add(in.Deadline))
		m.jobs = append(m.jobs, j)
	}
	s := &share{job: j, workflow: in.Workflow, split: protocol.Split{Shards: shards}}
	for _, shard := range shards {
		s.attempts = append(s.attempts, m.hold(s, shard, 1, false))
	}
	j.shares = append(j.shares, s)
	return &s.split, nil
}

// planShards gives each shard its part of the plan, in proportion to its cores.
func planShards(w protocol.WorkflowSpec, shards []protocol.Shard) error {
	weights := make([]uint32, len(shards))
	for i, shard := range shards {
		weights[i] = shard.Cores
	}
	plans, err := w.Plan.Split(weights)
	if err != nil {
		return err
	}
	for i := range shards {
		shards[i].Plan = plans[i]
	}
	return nil
}

// hold takes the cores of a shard from its worker, for one attempt.
func (m *Manager) hold(s *share, shard protocol.Shard, number uint32, adopted bool) *attempt {
	of := uint32(0) // of a worker that is to come back: it is not known yet
	if x := m.members.find(shard.Worker); x != nil && x.incarnation == shard.Incarnation {
		x.held += shard.Cores
		of = x.cores
	}
	m.env.Note(fact.Allocated{
		Worker: shard.Worker, Incarnation: shard.Incarnation, Job: s.job.id, Workflow: s.workflow.Name,
		Shard: shard.Shard, Cores: shard.Cores, Of: of, Adopted: adopted,
	})
	m.publish()
	return &attempt{share: s, shard: shard, allocated: true, stream: m.streamOf(s, shard.Shard, number)}
}

func (m *Manager) streamOf(s *share, shard, attempt uint32) stats.Stream {
	return stats.Stream{
		Job: s.job.id, Datacenter: m.config.Datacenter, Workflow: s.workflow.Name, Shard: shard,
		Attempt: attempt,
	}
}

// free gives the cores of an attempt back to its worker, once.
func (m *Manager) free(a *attempt) {
	if !a.allocated {
		return
	}
	a.allocated = false
	m.env.Note(fact.Freed{
		Worker: a.shard.Worker, Incarnation: a.shard.Incarnation, Job: a.stream.Job,
		Workflow: a.stream.Workflow, Shard: a.shard.Shard, Cores: a.shard.Cores,
	})
	if x := m.members.find(a.shard.Worker); x != nil && a.of(x) {
		x.held -= a.shard.Cores
	}
	m.publish()
}

// open runs the attempts that the gate opened.
func (m *Manager) open(_ core.Address, in *protocol.Open, r rpc.Responder) {
	m.ask(r, func() {
		j := m.job(in.Job)
		switch {
		case j == nil:
			r.Fail(m.unknown("job " + in.Job))
			return
		case in.Token < j.token:
			r.Fail(m.stale(j, in.Token))
			return
		}
		for _, s := range j.shares {
			if s.workflow.Name == in.Workflow && !s.opened && !j.ended {
				s.opened = true
				m.runAll(s, in.Attempts)
			}
		}
		r.Reply(&protocol.Taken{})
	})
}

func (m *Manager) runAll(s *share, opened []protocol.Attempt) {
	for _, a := range s.attempts {
		if a.over { // its worker is gone since before before it was opened
			m.askClose(a, a.reason)
			continue
		}
		isOpen := slices.ContainsFunc(opened, func(o protocol.Attempt) bool {
			return o.Shard == a.stream.Shard && o.Attempt == a.stream.Attempt && o.Worker == a.shard.Worker
		})
		if isOpen {
			m.run(a)
		}
	}
}
