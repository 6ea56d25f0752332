package manager

import (
	"slices"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/rpc"
)

// displaced is a worker's process whose name another has taken: the newest hello of a name wins. It may live,
// and must not win its name back.
type displaced struct {
	name        string
	incarnation uint64
	answered    core.Instant // when its last heartbeat was answered
}

// mostDisplaced bounds the memory of them; past it the oldest go.
const mostDisplaced = 64

// displace gives a worker up whose name another process has taken.
func (m *Manager) displace(x *member) {
	m.rememberDisplaced(displaced{x.name, x.incarnation, x.answered})
	m.giveUp(x, "another process has its name")
}

func (m *Manager) rememberDisplaced(d displaced) {
	if m.findDisplaced(d.name, d.incarnation) != nil {
		return
	}
	if len(m.displaced) == mostDisplaced {
		m.displaced = slices.Delete(m.displaced, 0, 1)
	}
	m.displaced = append(m.displaced, d)
}

func (m *Manager) findDisplaced(name string, incarnation uint64) *displaced {
	i := slices.IndexFunc(m.displaced, func(d displaced) bool {
		return d.name == name && d.incarnation == incarnation
	})
	if i < 0 {
		return nil
	}
	return &m.displaced[i]
}

// turnedAway is the refusal of a displaced worker.
func (m *Manager) turnedAway(name string, incarnation uint64) error {
	if m.findDisplaced(name, incarnation) == nil {
		return nil
	}
	m.counters.displacedRefused.Add(1)
	m.env.Note(fact.Displaced{Worker: name, Incarnation: incarnation})
	return rpc.Errorf(rpc.Conflict, "another worker of the name %s has registered", name)
}

// stoppedBy is by when the worker of an attempt has certainly stopped it, if nobody answers it any more. One
// that is not known was answered by another manager, before this one's boot.
func (m *Manager) stoppedBy(a *attempt) core.Instant {
	answered := m.bootAt
	if x := m.members.find(a.shard.Worker); x != nil && a.of(x) {
		answered = x.answered
	} else if d := m.findDisplaced(a.shard.Worker, a.shard.Incarnation); d != nil {
		answered = d.answered
	}
	return answered.Add(m.config.giveUp())
}
