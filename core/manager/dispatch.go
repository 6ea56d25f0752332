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
		return nil, rpc.Errorf(rpc.NotOwner, "job %s: token %d is stale, %d is known", j.id, in.Token,
			j.token)
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
	shards := m.members.allocate(in.Workflow.Cores)
	if shards == nil {
		_, free := m.members.capacity()
		return nil, rpc.Errorf(rpc.Busy, "%d cores asked for, %d free", in.Workflow.Cores, free)
	}
	if err := planShards(in.Workflow, shards); err != nil {
		return nil, rpc.Errorf(rpc.Invalid, "job %s: %v", in.Job, err)
	}
	if j == nil {
		j = &job{
			id: in.Job, token: in.Token, gateBoot: in.GateBoot, windows: in.Windows,
			deadline: m.env.Now().Add(in.Deadline),
		}
		m.jobs = append(m.jobs, j)
	}
	s := &share{job: j, workflow: in.Workflow, split: protocol.Split{Shards: shards}}
	for _, shard := range shards {
		s.attempts = append(s.attempts, m.hold(s, shard))
	}
	j.shares = append(j.shares, s)
	m.publish()
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

// hold takes the cores of a shard from its worker.
func (m *Manager) hold(s *share, shard protocol.Shard) *attempt {
	x := m.members.find(shard.Worker)
	x.free -= shard.Cores
	m.env.Note(fact.Allocated{
		Worker: x.name, Incarnation: x.incarnation, Job: s.job.id, Workflow: s.workflow.Name,
		Shard: shard.Shard,
		Cores: shard.Cores, Of: x.cores,
	})
	return &attempt{share: s, shard: shard, allocated: true, stream: stats.Stream{
		Job: s.job.id, Datacenter: m.config.Datacenter, Workflow: s.workflow.Name, Shard: shard.Shard,
		Attempt: 1,
	}}
}

// free gives the cores of an attempt back to its worker, once.
func (m *Manager) free(a *attempt) {
	if !a.allocated {
		return
	}
	a.allocated = false
	m.env.Note(fact.Freed{
		Worker: a.shard.Worker, Incarnation: a.shard.Incarnation, Job: a.stream.Job,
		Workflow: a.stream.Workflow,
		Shard:    a.shard.Shard, Cores: a.shard.Cores,
	})
	if x := m.members.find(a.shard.Worker); x != nil && a.of(x) {
		x.free += a.shard.Cores
	}
	m.publish()
}

// open runs the attempts that the gate opened.
func (m *Manager) open(_ core.Address, in *protocol.Open, r rpc.Responder) {
	m.ask(r, func() {
		j := m.job(in.Job)
		switch {
		case j == nil:
			r.Fail(rpc.Errorf(rpc.NotFound, "job %s is not known here", in.Job))
			return
		case in.Token < j.token:
			r.Fail(rpc.Errorf(rpc.NotOwner, "job %s: token %d is stale, %d is known", j.id, in.Token,
				j.token))
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
		if a.over { // its worker died before it was opened
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

// run has a worker run an attempt; a worker that does not answer or refuses is given up for this attempt.
func (m *Manager) run(a *attempt) {
	a.running = true
	x := m.members.find(a.shard.Worker)
	if x == nil || !a.of(x) {
		m.lose(a, protocol.EndLost, "its worker is gone")
		return
	}
	request := protocol.Run{
		Stream: a.stream, Token: a.share.job.token, Incarnation: a.shard.Incarnation,
		Engine: a.share.workflow.Engine, Plan: a.shard.Plan, Target: a.share.workflow.Target,
		Cores: a.shard.Cores, Windows: a.share.job.windows,
		Deadline: a.share.job.deadline.Sub(m.env.Now()),
	}
	to := x.address
	m.env.Go("run/"+a.stream.String(), func() {
		err := m.callRun(a, to, &request)
		m.surely(func() {
			if err != nil && !a.over {
				m.lose(a, protocol.EndFailed, err.Error())
			}
		})
	})
}
