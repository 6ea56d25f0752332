package manager

import (
	"slices"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/stats"
)

// buffer holds the reports that wait to be relayed, as they came: nothing is merged here. The manager's
// task owns it.
type buffer struct {
	reports []protocol.Report
	entries int
	due     core.Instant // when what there is has waited long enough
	urgent  bool         // one has a final entry
	sending bool         // a relay is with the relaying task
}

// outgoing is a relay on its way.
type outgoing struct {
	class core.Class
	relay protocol.Relay
}

func (b *buffer) fill(c Config) float64 { return float64(b.entries) / float64(c.RelayBuffer) }

// untilFlush is the time until the buffer is relayed, had it waited long enough.
func (b *buffer) untilFlush(now core.Instant) time.Duration {
	switch {
	case len(b.reports) == 0 || b.sending:
		return core.Forever
	case b.urgent:
		return 0
	}
	return b.due.Sub(now)
}

// report takes a worker's report in, or drops all of it: its worker sends it again, for nothing was
// marked durable.
func (m *Manager) report(_ core.Address, in *protocol.Report, _ rpc.Responder) {
	m.do(func() {
		full := m.relay.entries+len(in.Entries) > m.config.RelayBuffer
		if full || m.leaving.HalfOver(m.env.Now()) {
			m.counters.reportsDropped.Add(1)
			m.env.Note(fact.Queue{
				Name: "relay", Len: m.relay.entries, Bound: m.config.RelayBuffer,
				Refused: m.counters.reportsDropped.Load(),
			})
			return
		}
		if len(m.relay.reports) == 0 {
			m.relay.due = m.env.Now().Add(m.relayAfter())
		}
		m.relay.reports = append(m.relay.reports, *in)
		m.relay.entries += len(in.Entries)
		for i := range in.Entries {
			e := &in.Entries[i]
			m.relay.urgent = m.relay.urgent || e.Final
			if a := m.find(e.Stream); a != nil {
				a.through, a.reported, a.final = max(a.through, e.K), true, a.final || e.Final
			}
		}
		m.publish()
	})
}

// relayAfter is how long a first report waits for company.
func (m *Manager) relayAfter() time.Duration {
	switch {
	case m.env.Rare("manager/relays-at-once"):
		return 0
	case m.env.Rare("manager/late-relays"):
		return latestRelay
	}
	return m.config.RelayEvery
}

// flush hands what waits to the relaying task: one relay at a time, so that the buffer's fill says how
// far the gate is behind.
func (m *Manager) flush(now core.Instant) {
	if m.relay.untilFlush(now) > 0 {
		return
	}
	out := outgoing{class: core.Low, relay: protocol.Relay{
		Datacenter: m.config.Datacenter, Boot: m.boot, Level: m.levelNow(),
	}}
	if m.relay.urgent {
		out.class = core.High
	}
	n, entries, most := 0, 0, m.config.RelayMost
	if m.env.Rare("manager/one-report-a-relay") {
		most = 0
	}
	for n < len(m.relay.reports) && (n == 0 || entries+len(m.relay.reports[n].Entries) <= most) {
		entries += len(m.relay.reports[n].Entries)
		n++
	}
	out.relay.Reports = slices.Clone(m.relay.reports[:n])
	m.relay.reports = slices.Delete(m.relay.reports, 0, n)
	m.relay.entries -= entries
	if len(m.relay.reports) == 0 { // what is complete here is on its way
		m.relay.urgent = false
		out.relay.Complete = m.complete()
	}
	m.relay.sending = m.relays.Put(out) // it has room: nothing else is sending
	m.publish()
}

// complete is, for each job with something new to say, the window through which all its workers here
// have reported. It is a hint: what was lost on the way to the gate comes again, and late.
func (m *Manager) complete() []protocol.Complete {
	var out []protocol.Complete
	if m.env.Rare("manager/withholds-hints") {
		return out
	}
	for _, j := range m.jobs {
		through, ok := j.completeThrough()
		if ok && (!j.hinted || through > j.hint) {
			j.hinted, j.hint = true, through
			out = append(out, protocol.Complete{Job: j.id, Through: through})
		}
	}
	return out
}

// relayLoop sends relays, one at a time. One that fails is gone: the workers send its entries again.
func (m *Manager) relayLoop() {
	for {
		out, err := m.relays.Take(m.ctx)
		if err != nil {
			return
		}
		ctx, cancel := m.env.WithTimeout(m.ctx, m.config.CallTimeout)
		err = rpc.Notify(ctx, m.node, m.config.Gate, out.class, protocol.MethodRelay, &out.relay)
		cancel()
		if err != nil {
			m.counters.relaysUnsent.Add(1)
		}
		m.surely(func() { m.relay.sending = false })
	}
}

// gateMarks passes marks on to the workers that they are for, those of one in a row as one message. They are
// never withheld.
func (m *Manager) gateMarks(_ core.Address, in *protocol.Marks, _ rpc.Responder) {
	m.do(func() {
		for i := range in.Marks {
			if in.Marks[i].Ended {
				m.applied(in.Marks[i].Stream)
			}
		}
		for marks := in.Marks; len(marks) > 0; {
			to, n := marks[0], 1
			for n < len(marks) && marks[n].Worker == to.Worker && marks[n].Incarnation == to.Incarnation {
				n++
			}
			if x := m.members.find(to.Worker); x != nil && x.incarnation == to.Incarnation {
				m.tell(x, &protocol.Marks{Level: m.levelNow(), Marks: marks[:n]})
			}
			marks = marks[n:]
		}
	})
}

// applied notes that the gate has all of an attempt, or wants no more of it.
func (m *Manager) applied(stream stats.Stream) {
	if a := m.find(stream); a != nil {
		a.applied = true
	}
}
