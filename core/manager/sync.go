package manager

import (
	"slices"

	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/stats"
)

// expect takes the names of the jobs that an earlier manager may have known, at a registration.
func (m *Manager) expect(jobs []string) {
	m.welcome = true
	m.expected = slices.DeleteFunc(slices.Clone(jobs), func(id string) bool { return m.job(id) != nil })
	m.arrived("")
}

// arrived notes that a job is known now, or its end. With the last of them the manager knows whose load may
// run on its workers.
func (m *Manager) arrived(job string) {
	m.expected = slices.DeleteFunc(m.expected, func(id string) bool { return id == job })
	if m.synced() {
		for _, x := range m.members {
			m.disown(x)
		}
	}
}

// synced says that the manager knows all that an earlier one did: until then what is unknown may be known
// soon, and cores that seem free may be in use.
func (m *Manager) synced() bool { return m.welcome && len(m.expected) == 0 }

func (m *Manager) notSynced() error {
	m.counters.unsyncedRefused.Add(1)
	return rpc.Errorf(rpc.Busy, "manager of %s has not learnt yet what runs here", m.config.Datacenter)
}

// unready is why nothing new may begin here.
func (m *Manager) unready() error {
	switch {
	case !m.synced():
		return m.notSynced()
	case m.leaving.Begun():
		return rpc.Errorf(rpc.Busy, "manager of %s is leaving", m.config.Datacenter)
	}
	return nil
}

// unknown is the answer about something that is not known here, or not yet.
func (m *Manager) unknown(what string) error {
	if !m.synced() {
		return m.notSynced()
	}
	return rpc.Errorf(rpc.NotFound, "%s is not known here", what)
}

func (m *Manager) stale(j *job, token uint64) error {
	m.counters.staleRefused.Add(1)
	return rpc.Errorf(rpc.NotOwner, "job %s: token %d is stale, %d is known", j.id, token, j.token)
}

// anyToken is over every gate's: a job that no gate asks for has no owner to ask.
const anyToken = 1<<64 - 1

// disown stops what a worker said it runs of jobs that have ended, or that nobody knows. While an unknown one
// may still come, it is kept.
func (m *Manager) disown(x *member) {
	var told []string
	x.strange = slices.DeleteFunc(x.strange, func(s stats.Stream) bool {
		j := m.job(s.Job)
		again := slices.Contains(told, s.Job)
		switch {
		case j == nil && !m.synced():
			return false
		case again || j != nil && !j.ended:
			return true
		case j != nil:
			m.stopJob(j, x)
		default:
			m.counters.strangersStopped.Add(1)
			m.tellStop("stray", x, &protocol.Stop{Job: s.Job, Token: anyToken, Reason: protocol.EndStopped},
				func() bool { return !x.gone.Load() })
		}
		told = append(told, s.Job)
		return true
	})
}
