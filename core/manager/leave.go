package manager

import (
	"fmt"

	"github.com/windtunnel/windtunnel/core"
)

// awaitLeave has the manager leave when its node is asked to stop.
func (m *Manager) awaitLeave() {
	_ = m.env.Sleep(m.stays, core.Forever)
	m.surely(func() {
		m.leaving.Begin(m.env.Now(), m.config.StopWithin)
		m.goes.Store(true)
		m.gateBell.Notify() // its gate must give it nothing more
	})
}

// oust ends a manager whose place in its datacenter is another's: that one has its jobs.
func (m *Manager) oust() {
	m.ousted = true
	m.env.Log().Error("manager ends: another of its datacenter has registered", "datacenter",
		m.config.Datacenter)
	m.stop()
}

// leave ends the manager when nothing is left to wait for.
func (m *Manager) leave(now core.Instant) {
	if !m.leaving.Begun() {
		return
	}
	waits := m.waitsFor(now)
	m.leaving.Say(m.env, waits)
	if waits == "" || m.leaving.Over(now) {
		m.stop()
	}
}

// waitsFor is what a manager that leaves waits for: shares whose end is not stated, and then reports.
func (m *Manager) waitsFor(now core.Instant) string {
	shares := 0
	for _, j := range m.jobs {
		for _, s := range j.shares {
			if !s.stated() {
				shares++
			}
		}
	}
	switch {
	case shares > 0 && !m.leaving.HalfOver(now):
		return fmt.Sprintf("%d shares", shares)
	case len(m.relay.reports) > 0 || m.relay.sending:
		m.relay.urgent = true
		return "reports"
	}
	return ""
}

// stated says that the gate knows how the share ended here.
func (s *share) stated() bool {
	if !s.opened {
		return s.job.ended // else it may be opened any moment
	}
	return s.settled() && s.result.made && s.result.taken == s.result.current.Count
}
