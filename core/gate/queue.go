package gate

import (
	"cmp"
	"slices"

	"github.com/windtunnel/windtunnel/core"
)

// queue says whose turn it is to be dispatched. It is guarded by the gate's lock.
//
// Starts are in order: those that hold cores already come first, then the higher priority, then the job
// that was accepted first, then the workflow that its job names first. A start has its turn when none
// before it that could go, too, asks the same datacenters or shoots at the same target. So nothing is
// overtaken that waits for room, however large it is, and what cannot go now holds nobody up: a datacenter
// that is not there or too small, a target that a running job has.
//
// A target is a job's from the start of its first workflow until it has ended, alone unless both share.
type queue struct {
	starts []*start
	holds  []hold
}

// start is a workflow that waits for its turn, or is being dispatched.
type start struct {
	job         *job
	workflow    string
	priority    uint32
	order       uint64 // its job's
	nth         int    // the workflow's, within its job
	datacenters []string
	cores       uint32 // in each of them
	bell        core.Signal

	firm  bool // it holds cores somewhere: it is not overtaken any more
	begun bool // it has its turn
	busy  bool // it has, and a datacenter has no room
	place uint32
	why   wait
}

// wait is what a start waits for.
type wait string

const (
	waitNothing wait = ""
	waitPlace   wait = "place"  // a datacenter is not there, or has not so many cores
	waitTarget  wait = "target" // another job has a target
	waitTurn    wait = "turn"   // others come first
	waitRoom    wait = "room"   // it is first, and the cores are in use
)

// hold is a target that a job shoots at.
type hold struct {
	job    *job
	target string
	shared bool
}

func (q *queue) add(s *start) { q.starts = append(q.starts, s) }

func (q *queue) remove(s *start) {
	q.starts = slices.DeleteFunc(q.starts, func(other *start) bool { return other == s })
}

// drop takes all starts of a job out, and returns them: nothing of it is to start any more.
func (q *queue) drop(j *job) (dropped []*start) {
	q.starts = slices.DeleteFunc(q.starts, func(s *start) bool {
		if s.job == j {
			dropped = append(dropped, s)
		}
		return s.job == j
	})
	return dropped
}

// ringBusy wakes the starts that wait for room.
func (q *queue) ringBusy() {
	for _, s := range q.starts {
		if s.busy {
			s.bell.Notify()
		}
	}
}

// release frees a job's targets, and returns them.
func (q *queue) release(j *job) (freed []hold) {
	q.holds = slices.DeleteFunc(q.holds, func(h hold) bool {
		if h.job == j {
			freed = append(freed, h)
		}
		return h.job == j
	})
	return freed
}

// judge decides anew who has its turn. room tells whether a datacenter is there, and how many cores it has
// in all. It returns the starts for which something has changed, and the targets that were taken.
func (q *queue) judge(
	room func(datacenter string) (cores uint32, there bool),
) (changed []*start, taken []hold) {
	slices.SortStableFunc(q.starts, before)
	var first []*start // those before this one that go, or would
	place := uint32(0)
	for _, s := range q.starts {
		was := *s
		s.why = q.waits(s, first, room)
		s.begun = s.firm || s.why == waitNothing
		if s.begun {
			taken = append(taken, q.take(s)...)
			if s.busy {
				s.why = waitRoom
			}
		}
		if s.begun || s.why == waitTurn {
			first = append(first, s)
		}
		if s.place = 0; s.why != waitNothing {
			place++
			s.place = place
		}
		if was.begun != s.begun || was.place != s.place || was.why != s.why {
			changed = append(changed, s)
		}
	}
	return changed, taken
}

// before is the order of starts.
func before(a, b *start) int {
	if a.firm != b.firm {
		if a.firm {
			return -1
		}
		return 1
	}
	return cmp.Or(
		cmp.Compare(b.priority, a.priority),
		cmp.Compare(a.order, b.order),
		cmp.Compare(a.nth, b.nth),
	)
}

// waits says what a start waits for, given those before it.
func (q *queue) waits(s *start, first []*start, room func(string) (uint32, bool)) wait {
	for _, dc := range s.datacenters {
		if cores, there := room(dc); !there || cores < s.cores {
			return waitPlace
		}
	}
	for _, h := range q.holds {
		if h.job != s.job && s.job.shootsAt(h.target) && !(h.shared && s.job.spec.ShareTarget) {
			return waitTarget
		}
	}
	for _, f := range first {
		same := slices.ContainsFunc(s.datacenters, func(dc string) bool {
			return slices.Contains(f.datacenters, dc)
		})
		if same || s.job.excludes(f.job) {
			return waitTurn
		}
	}
	return waitNothing
}

// take makes the targets of a start's job the job's.
func (q *queue) take(s *start) (taken []hold) {
	if slices.ContainsFunc(q.holds, func(h hold) bool { return h.job == s.job }) {
		return nil
	}
	for _, target := range s.job.targets {
		taken = append(taken, hold{s.job, target, s.job.spec.ShareTarget})
	}
	q.holds = append(q.holds, taken...)
	return taken
}

// shootsAt says whether a target is one of the job's.
func (j *job) shootsAt(target string) bool { return slices.Contains(j.targets, target) }

// excludes says that two jobs may not run at once: they have a target in common, and do not both share.
func (j *job) excludes(other *job) bool {
	return j != other && !(j.spec.ShareTarget && other.spec.ShareTarget) &&
		slices.ContainsFunc(j.targets, other.shootsAt)
}
