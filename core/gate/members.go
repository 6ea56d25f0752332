package gate

import (
	"slices"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/core/protocol"
)

// members is the gate's table of managers: one a datacenter, ordered by name. It is guarded by the
// gate's lock.
type members struct {
	silence  time.Duration // heard longer ago than this, a manager's level no longer counts
	managers []*manager
	given    uint64 // incarnations given so far
}

// manager is what the gate knows of one datacenter's manager.
type manager struct {
	datacenter  string
	address     core.Address // where answers and calls to it go
	boot        uint64
	incarnation uint64
	heard       core.Instant
	level       backpressure.Level
	cores, free uint32
	leaving     bool     // it takes nothing new
	displaced   []uint64 // boots of those whose place it has taken
}

// mostDisplaced bounds the memory of them; past it the oldest go.
const mostDisplaced = 16

// displaces says that a manager is one whose place another has taken since: it may not take it back, or the
// two would do so in turn.
func (m *members) displaces(hello *protocol.ManagerHello) bool {
	x := m.find(hello.Datacenter)
	return x != nil && slices.Contains(x.displaced, hello.Boot)
}

// offers takes what a heartbeat says of cores. It is true when a start may fit now that did not before.
func (x *manager) offers(in *protocol.ManagerHeartbeat) bool {
	better := in.Free > x.free || in.Cores != x.cores || in.Leaving != x.leaving
	x.cores, x.free, x.leaving = in.Cores, in.Free, in.Leaving
	return better
}

func (m *members) find(datacenter string) *manager {
	i, found := m.search(datacenter)
	if !found {
		return nil
	}
	return m.managers[i]
}

func (m *members) search(datacenter string) (int, bool) {
	return slices.BinarySearchFunc(m.managers, datacenter, func(x *manager, name string) int {
		switch {
		case x.datacenter < name:
			return -1
		case x.datacenter > name:
			return 1
		}
		return 0
	})
}

// register takes a hello: a new datacenter, the same manager again, or a successor with another boot
// id, which gets an incarnation of its own so that its result numbers rise over its predecessor's. It
// is nil when there are as many datacenters as a job may name.
func (m *members) register(from core.Address, hello protocol.ManagerHello, now core.Instant) *manager {
	i, found := m.search(hello.Datacenter)
	if !found && len(m.managers) == mostPlaces {
		return nil
	}
	if !found {
		m.managers = slices.Insert(m.managers, i, &manager{datacenter: hello.Datacenter})
	}
	x := m.managers[i]
	if x.boot != hello.Boot {
		if x.displaced = append(x.displaced, x.boot); len(x.displaced) > mostDisplaced {
			x.displaced = x.displaced[1:]
		}
		m.given++
		x.boot, x.incarnation, x.level, x.leaving = hello.Boot, m.given, backpressure.None, false
	}
	x.address, x.heard, x.cores = from, now, hello.Cores
	return x
}

// hear notes that a manager lives, and its level. It is nil when the datacenter is unknown or another
// boot speaks for it: then the speaker has to register. changed says that the level of its datacenter
// is another one now.
func (m *members) hear(
	dc string, boot uint64, level backpressure.Level, now core.Instant,
) (x *manager, changed bool) {
	x = m.find(dc)
	if x == nil || x.boot != boot {
		return nil, false
	}
	if !level.Known() {
		level = backpressure.Reject
	}
	changed = m.levelOf(dc, now) != level
	x.heard, x.level = now, level
	return x, changed
}

// levelOf is the level of a datacenter now: that of a manager long unheard has expired.
func (m *members) levelOf(datacenter string, now core.Instant) backpressure.Level {
	x := m.find(datacenter)
	if x == nil || now.Sub(x.heard) > m.silence {
		return backpressure.None
	}
	return x.level
}

// nextExpiry is when the next level above NONE expires, and false when none will.
func (m *members) nextExpiry(now core.Instant) (at core.Instant, ok bool) {
	for _, x := range m.managers {
		expiry := x.heard.Add(m.silence) + 1
		if x.level > backpressure.None && expiry > now && (!ok || expiry < at) {
			at, ok = expiry, true
		}
	}
	return at, ok
}

// names lists the datacenters, in order.
func (m *members) names() []string {
	out := make([]string, len(m.managers))
	for i, x := range m.managers {
		out[i] = x.datacenter
	}
	return out
}
