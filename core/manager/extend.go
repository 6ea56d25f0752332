package manager

import (
	"context"
	"slices"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
)

// extend takes the gate's word that a job's deadline is later, and tells the workers that run it.
func (m *Manager) extend(_ core.Address, in *protocol.Extend, r rpc.Responder) {
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
		if j.extend(m.env.Now().Add(in.Left)) && !j.ended {
			for _, x := range m.running(j) {
				m.tellExtend(j, x)
			}
		}
		r.Reply(&protocol.Taken{})
	})
}

// running lists the workers that run something of a job.
func (m *Manager) running(j *job) (workers []*member) {
	for a := range j.all() {
		x := m.members.find(a.shard.Worker)
		if a.running && a.runs() && x != nil && a.of(x) && !slices.Contains(workers, x) {
			workers = append(workers, x)
		}
	}
	return workers
}

// tellExtend tells a worker a job's deadline until it answers.
func (m *Manager) tellExtend(j *job, x *member) {
	to := x.address
	wanted := func() bool { return !j.stopped.Load() && !x.gone.Load() }
	m.env.Go("extend/"+j.id+"/"+x.name, func() {
		_ = m.insistWhile(wanted, protocol.MethodAttemptExtend, func(ctx context.Context) error {
			_, err := rpc.Call[protocol.Taken](ctx, m.node, to, core.High, protocol.MethodAttemptExtend,
				&protocol.Extend{Job: j.id, Token: j.token, Left: j.endsAt().Sub(m.env.Now())})
			return err
		})
	})
}
