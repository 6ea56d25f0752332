package worker

import (
	"slices"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

// tombstones remember what must not start again, and how it ended: a request to run that was overtaken by the
// end of its job, or that comes twice, or from a manager that took over and asks what became of it. They
// outlive the attempt by more than a manager's restart takes, and a message that was held up: nothing else
// tells a late request from a new one. The streams task owns them.
type tombstones struct {
	keep time.Duration
	list []tombstone
}

// tombstone is for a stream, or, without a datacenter, for all of a job.
type tombstone struct {
	stream stats.Stream
	how    protocol.Running
	since  core.Instant
}

// mostTombstones bounds the memory of what ended; past it the oldest go.
const mostTombstones = 4096

func newTombstones(keep time.Duration) tombstones { return tombstones{keep: keep} }

func (t *tombstones) addJob(job string, now core.Instant) {
	t.add(stats.Stream{Job: job}, protocol.Running{}, now)
}

func (t *tombstones) add(stream stats.Stream, how protocol.Running, now core.Instant) {
	if _, found := t.find(stream); found {
		return
	}
	if len(t.list) == mostTombstones {
		t.list = slices.Delete(t.list, 0, 1)
	}
	t.list = append(t.list, tombstone{stream, how, now})
}

// find tells whether a stream has ended here, and how.
func (t *tombstones) find(stream stats.Stream) (how protocol.Running, ended bool) {
	i := slices.IndexFunc(t.list, func(s tombstone) bool { return s.stream == stream })
	if i < 0 {
		return how, false
	}
	return t.list[i].how, true
}

// covers tells whether a job has ended here.
func (t *tombstones) covers(job string) bool {
	_, ended := t.find(stats.Stream{Job: job})
	return ended
}

// expire forgets what is old enough.
func (t *tombstones) expire(now core.Instant) {
	old := 0
	for old < len(t.list) && now.Sub(t.list[old].since) > t.keep {
		old++
	}
	t.list = slices.Delete(t.list, 0, old)
}
