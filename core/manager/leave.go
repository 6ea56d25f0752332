package manager

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
)

// leaving is how far the manager's stop has come. The manager's task owns it.
type leaving struct {
	since  core.Instant  // 0: it was not asked to stop
	within time.Duration // from then on
	waits  string        // what for, as last said
	said   bool
}

// flushes says that what runs here has had its time: what was reported by now is relayed, and no more.
func (l leaving) flushes(now core.Instant) bool {
	return l.since != 0 && now.Sub(l.since) >= l.within/2
}

// tooLate says that what has not been relayed by now is left to be reported again.
func (l leaving) tooLate(now core.Instant) bool { return l.since != 0 && now.Sub(l.since) >= l.within }

// untilNext is the time until either changes.
func (l leaving) untilNext(now core.Instant) time.Duration {
	switch {
	case l.since == 0:
		return core.Forever
	case !l.flushes(now):
		return l.since.Add(l.within / 2).Sub(now)
	}
	return l.since.Add(l.within).Sub(now)
}

// awaitLeave has the manager leave when its node is asked to stop.
func (m *Manager) awaitLeave() {
	_ = m.env.Sleep(m.stays, core.Forever)
	m.surely(func() {
		m.leaving.since, m.leaving.within = max(m.env.Now(), 1), m.config.StopWithin
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
	if m.leaving.since == 0 {
		return
	}
	waits := m.waitsFor(now)
	if waits != m.leaving.waits || !m.leaving.said {
		m.leaving.waits, m.leaving.said = waits, true
		m.env.Note(fact.Leaving{Waits: waits})
		m.env.Log().Info("manager leaves", "waits for", waits)
	}
	if waits == "" || m.leaving.tooLate(now) {
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
	case shares > 0 && !m.leaving.flushes(now):
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
