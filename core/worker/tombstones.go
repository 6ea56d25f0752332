package worker

import (
	"slices"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/stats"
)

// tombstones remember what must not start again: a request to run that was overtaken by the end of its
// job, or that comes twice. They outlive the attempt by more than its manager's tries take, and a
// message that was held up: nothing else tells a late request from a new one. The streams task owns
// them.
type tombstones struct {
	keep time.Duration
	list []tombstone
}

// tombstone is for a stream, or, without a datacenter, for all of a job.
type tombstone struct {
	stream stats.Stream
	since  core.Instant
}

// mostTombstones bounds the memory of what ended; past it the oldest go.
const mostTombstones = 4096

func newTombstones(keep time.Duration) tombstones { return tombstones{keep: keep} }

func (t *tombstones) addJob(job string, now core.Instant) { t.add(stats.Stream{Job: job}, now) }

func (t *tombstones) add(stream stats.Stream, now core.Instant) {
	if slices.ContainsFunc(t.list, func(s tombstone) bool { return s.stream == stream }) {
		return
	}
	if len(t.list) == mostTombstones {
		t.list = slices.Delete(t.list, 0, 1)
	}
	t.list = append(t.list, tombstone{stream, now})
}

// covers tells whether a stream, or its job, has ended here.
func (t *tombstones) covers(stream stats.Stream) bool {
	job := stats.Stream{Job: stream.Job}
	return slices.ContainsFunc(t.list, func(s tombstone) bool {
		return s.stream == stream ||
			s.stream == job
	})
}

// expire forgets what is old enough.
func (t *tombstones) expire(now core.Instant) {
	old := 0
	for old < len(t.list) && now.Sub(t.list[old].since) > t.keep {
		old++
	}
	t.list = slices.Delete(t.list, 0, old)
}
