package manager

import (
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

// The bounds of what may register.
const (
	mostWorkers = 4096
	mostCores   = 1 << 16 // of one worker
)

// health is what a manager thinks of a worker.
type health string

const (
	live      health = "live"
	suspected health = "suspected" // gets nothing new
	dead      health = "dead"      // its attempts are given up after the grace
)

// member is one worker, as one incarnation. The manager's task owns it.
type member struct {
	name        string
	address     core.Address
	incarnation uint64
	cores       uint32
	held        uint32         // by attempts: more than there are, perhaps, after a takeover
	leaving     bool           // it was asked to stop, and gets nothing new
	gone        atomic.Bool    // it is no member any more, for tasks that tell it something
	strange     []stats.Stream // that it said it runs, and it is not clear yet whether it may
	answered    core.Instant   // when its last heartbeat was answered
	stamp       atomic.Uint64  // of that: what is asked of it bears it, also by tasks that do not own it
	offset      time.Duration  // its wall clock ahead of ours, as last measured
	health      health
}

// free is how many cores it has left.
func (x *member) free() uint32 { return x.cores - min(x.cores, x.held) }

// takes says that it may get something new.
func (x *member) takes() bool { return x.health == live && !x.leaving }

// members are the workers, ordered by name.
type members []*member

func (m members) find(name string) *member {
	i, found := m.search(name)
	if !found {
		return nil
	}
	return m[i]
}

func (m members) search(name string) (int, bool) {
	return slices.BinarySearchFunc(m, name, func(x *member, name string) int {
		return strings.Compare(x.name, name)
	})
}

// healthAt is a worker's health by the time since its last answered heartbeat. giveUp says that its
// attempts must be given up.
func (c Config) healthAt(silence time.Duration) (h health, giveUp bool) {
	switch {
	case silence >= c.giveUp():
		return dead, true
	case silence >= c.Dead:
		return dead, false
	case silence >= c.Suspected:
		return suspected, false
	default:
		return live, false
	}
}

// untilWorse is the time until a worker that stays silent is thought worse of.
func (c Config) untilWorse(silence time.Duration) time.Duration {
	for _, bound := range []time.Duration{c.Suspected, c.Dead, c.giveUp()} {
		if silence < bound {
			return bound - silence
		}
	}
	return 0
}

// allocate deals cores out over the live workers, one at a time in order of name, so that a share is
// spread as widely as it can be. It is all or nothing: nil when they do not fit. It takes nothing yet.
func (m members) allocate(cores uint32) []protocol.Shard {
	got := make([]uint32, len(m))
	for left := cores; left > 0; {
		before := left
		for i, x := range m {
			if left > 0 && x.takes() && got[i] < x.free() {
				got[i]++
				left--
			}
		}
		if left == before {
			return nil
		}
	}
	var shards []protocol.Shard
	for i, x := range m {
		if got[i] > 0 {
			shards = append(shards, protocol.Shard{
				Shard: uint32(len(shards)), Cores: got[i], Worker: x.name, Incarnation: x.incarnation,
			})
		}
	}
	return shards
}

// spare finds the worker with the most free cores that takes something new, by name among equals; nil: none
// has any.
func (m members) spare() *member {
	var best *member
	for _, x := range m {
		if x.takes() && x.free() > 0 && (best == nil || x.free() > best.free()) {
			best = x
		}
	}
	return best
}

// capacity sums up all workers' cores, and those that are free of workers that take something new.
func (m members) capacity() (cores, free uint32) {
	for _, x := range m {
		cores += x.cores
		if x.takes() {
			free += x.free()
		}
	}
	return cores, free
}
