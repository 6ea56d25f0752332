package manager

import (
	"slices"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/stats"
)

// register takes a worker in. One that comes back under another incarnation continues nothing: what the
// earlier one ran is given up at once.
func (m *Manager) register(from core.Address, in *protocol.WorkerHello, r rpc.Responder) {
	if in.Worker == "" || in.Incarnation == 0 || in.Cores == 0 || in.Cores > mostCores {
		r.Fail(rpc.Errorf(rpc.Invalid, "worker %q, incarnation %d, %d cores", in.Worker, in.Incarnation,
			in.Cores))
		return
	}
	m.ask(r, func() {
		if err := m.turnedAway(in.Worker, in.Incarnation); err != nil {
			r.Fail(err)
			return
		}
		i, known := m.members.search(in.Worker)
		if known && m.members[i].incarnation != in.Incarnation {
			m.displace(m.members[i])
			known = false
		}
		if !known && len(m.members) == mostWorkers {
			r.Fail(rpc.Errorf(rpc.Busy, "%d workers are registered, the most that there may be", mostWorkers))
			return
		}
		if !known {
			x := &member{name: in.Worker, incarnation: in.Incarnation, cores: in.Cores, health: live}
			x.held = m.heldOf(x) // it may be back before all that it ran is closed
			m.members = slices.Insert(m.members, i, x)
			m.env.Log().Info("worker registered", "worker", in.Worker, "cores", in.Cores)
		}
		x := m.members[i]
		x.strange = in.Streams
		x.stamp.Store(in.Stamp)
		m.hear(x, from, in.Wall, in.Leaving)
		if !known {
			m.resume(x)
		}
		m.disown(x)
		r.Reply(m.reply(false))
	})
}

// heldOf is how many cores of a worker are allocated.
func (m *Manager) heldOf(x *member) (cores uint32) {
	for _, j := range m.jobs {
		for a := range j.all() {
			if a.allocated && a.of(x) {
				cores += a.shard.Cores
			}
		}
	}
	return cores
}

func (m *Manager) heartbeat(from core.Address, in *protocol.WorkerHeartbeat, r rpc.Responder) {
	m.ask(r, func() {
		if err := m.turnedAway(in.Worker, in.Incarnation); err != nil {
			r.Fail(err)
			return
		}
		x := m.members.find(in.Worker)
		if x == nil || x.incarnation != in.Incarnation {
			r.Reply(m.reply(true))
			return
		}
		x.stamp.Store(in.Stamp)
		m.hear(x, from, in.Wall, in.Leaving)
		r.Reply(m.reply(false))
	})
}

// hear notes a heartbeat in the step that answers it.
func (m *Manager) hear(x *member, from core.Address, wall int64, leaving bool) {
	x.address, x.answered, x.leaving = from, m.env.Now(), x.leaving || leaving
	m.measure(x, time.Duration(wall-int64(stats.At(m.env.Wall()))))
	m.setHealth(x, live)
	m.publish()
}

// clockOff is from when on an operator should look after a worker's clock: its windows are late by then.
const clockOff = time.Second

// measure keeps how far a worker's wall clock is ahead of this one, and warns once when that is much.
func (m *Manager) measure(x *member, offset time.Duration) {
	if was := x.offset; offset.Abs() >= clockOff && was.Abs() < clockOff {
		m.env.Log().Warn("a worker's clock is off", "worker", x.name, "ahead", offset.String())
	}
	x.offset = offset
}

func (m *Manager) reply(unknown bool) *protocol.ManagerReply {
	return &protocol.ManagerReply{Datacenter: m.config.Datacenter, Level: m.levelNow(), Unknown: unknown}
}

func (m *Manager) setHealth(x *member, h health) {
	if x.health != h {
		x.health = h
		m.env.Note(fact.WorkerHealth{Worker: x.name, Incarnation: x.incarnation, Health: string(h)})
		m.env.Log().Info("worker's health", "worker", x.name, "health", string(h))
	}
}

// judge thinks worse of workers that are silent, and gives up the attempts of those that have certainly
// stopped.
func (m *Manager) judge(now core.Instant) {
	var gone []*member
	for _, x := range m.members {
		h, giveUp := m.config.healthAt(now.Sub(x.answered))
		m.setHealth(x, h)
		if giveUp {
			gone = append(gone, x)
		}
	}
	for _, x := range gone {
		m.giveUp(x, "no heartbeat for "+m.config.giveUp().String())
	}
	m.giveUpAwaited(now)
	m.publish()
}

// giveUp removes a worker, and ends the attempts that it will not end itself.
func (m *Manager) giveUp(x *member, why string) {
	m.env.Log().Warn("worker given up", "worker", x.name, "why", why)
	for _, j := range m.jobs {
		for _, s := range j.shares {
			for _, a := range s.attempts {
				switch {
				case !a.of(x):
				case a.runs():
					m.lose(a, protocol.EndLost, why)
				case a.over && a.told && !a.applied:
					m.askClose(a, why)
				}
			}
		}
	}
	x.gone.Store(true)
	m.members = slices.DeleteFunc(m.members, func(y *member) bool { return y == x })
}

// levelNow is the level in force here: of the relay buffer, of what presses from outside, and the gate's.
func (m *Manager) levelNow() backpressure.Level {
	return max(m.gauge.Level(), m.pressure.Level(), m.gateLevel)
}

// publish puts level and cores where the gate task reads them. A level that rose goes to gate and
// workers at once, one that fell to the gate at once and to the workers with their next heartbeat.
func (m *Manager) publish() {
	m.read(&m.gauge, "relay", m.relay.fill(m.config))
	if m.config.ExtraFill != nil {
		m.read(&m.pressure, "outside", m.config.ExtraFill())
	}
	cores, free := m.members.capacity()
	if before := m.cores.Swap(cores); before != cores {
		m.gateBell.Notify() // jobs may wait for just these
	}
	if before := m.room.Swap(free); before < free {
		m.gateBell.Notify()
	}
	level := m.levelNow()
	before := backpressure.Level(m.level.Swap(uint32(level)))
	if level == before {
		return
	}
	m.gateBell.Notify()
	if level > before {
		for _, x := range m.members {
			m.tell(x, &protocol.Marks{Level: level})
		}
	}
}

// read shows a gauge a new fill.
func (m *Manager) read(g *backpressure.Gauge, name string, fill float64) {
	before := g.Level()
	if after := g.Read(fill); after != before {
		m.env.Note(fact.Pressure{Gauge: name, Fill: fill, From: before, To: after})
	}
}

// tell sends a worker a message that nobody answers.
func (m *Manager) tell(x *member, marks *protocol.Marks) {
	if err := rpc.Notify(m.ctx, m.node, x.address, core.High, protocol.MethodWorkerMarks, marks); err != nil {
		m.counters.marksUnsent.Add(1)
	}
}
