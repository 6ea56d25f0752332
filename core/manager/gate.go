package manager

import (
	"errors"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/retry"
	"github.com/windtunnel/windtunnel/core/rpc"
)

// gateLoop registers at the gate and tells it every heartbeat, and whenever the level changes, how
// things are here.
func (m *Manager) gateLoop() {
	registered := false
	for failed := 0; m.ctx.Err() == nil; {
		sent := m.env.Now()
		hello, err := m.beat(registered)
		interval := m.config.Heartbeat
		if m.env.Rare("manager/short-heartbeat") {
			interval /= heartbeatsOften
		}
		wait := interval - m.env.Now().Sub(sent)
		switch {
		case errors.Is(err, rpc.Conflict):
			m.surely(m.oust)
			return
		case err != nil && registered && retry.Settled(err):
			registered = false // another gate, or one that has forgotten us
			continue
		case err != nil:
			failed++
			if !registered {
				wait = m.retries.Wait(m.env.Rand(), failed)
			}
		case !registered:
			failed, registered = 0, true
			m.surely(func() {
				m.meet(hello)
				m.expect(hello.Adopt)
			})
		default:
			failed, registered = 0, !m.env.Rare("manager/registers-again")
			m.do(func() { m.meet(hello) })
		}
		_ = m.gateBell.Wait(m.ctx, max(wait, 0)) // the level changed, or it is time again
	}
}

// beat makes one call: a registration, or a heartbeat.
func (m *Manager) beat(registered bool) (protocol.GateHello, error) {
	ctx, cancel := rpc.WithTimeout(m.env, m.ctx, m.config.Heartbeat)
	defer cancel()
	if !registered {
		return rpc.Call[protocol.GateHello](ctx, m.node, m.config.Gate, core.Critical,
			protocol.MethodManagerRegister, &protocol.ManagerHello{
				Datacenter: m.config.Datacenter, Boot: m.boot, Cores: m.cores.Load(),
			})
	}
	return rpc.Call[protocol.GateHello](ctx, m.node, m.config.Gate, core.Critical,
		protocol.MethodManagerHeartbeat, &protocol.ManagerHeartbeat{
			Datacenter: m.config.Datacenter, Boot: m.boot, Level: backpressure.Level(m.level.Load()),
			Cores: m.cores.Load(), Free: m.room.Load(), Leaving: m.goes.Load(),
		})
}

// meet takes the gate's hello. A gate of another boot id knows nothing of its predecessor's jobs: they
// end here. Run by the manager's task.
func (m *Manager) meet(hello protocol.GateHello) {
	m.incarnation = hello.Incarnation
	m.gateLevel = hello.Level
	if !m.gateLevel.Known() {
		m.gateLevel = backpressure.Reject
	}
	if m.gateBoot != hello.GateBoot {
		m.gateBoot = hello.GateBoot
		for _, j := range m.jobs {
			if j.gateBoot != hello.GateBoot && !j.ended {
				m.env.Log().Warn("job ended: its gate was restarted", "job", j.id)
				m.end(j)
			}
		}
	}
	m.publish()
}
