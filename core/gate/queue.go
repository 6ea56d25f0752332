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

	turned bool // by the last judgement: more than its place has changed
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
	running, first := claims{}, claims{} // first: of those before a start that go, or would
	for _, h := range q.holds {
		running.target(h.target, h.job)
	}
	place := uint32(0)
	for _, s := range q.starts {
		was := *s
		s.why = s.waits(running, first, room)
		s.begun = s.firm || s.why == waitNothing
		if s.begun {
			for _, h := range q.take(s) {
				running.target(h.target, h.job)
				taken = append(taken, h)
			}
			if s.busy {
				s.why = waitRoom
			}
		}
		if s.begun || s.why == waitTurn {
			first.start(s)
		}
		if s.place = 0; s.why != waitNothing {
			place++
			s.place = place
		}
		if s.turned = was.begun != s.begun || was.why != s.why; s.turned || was.place != s.place {
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

// waits says what a start waits for, given the targets of running jobs, and what those before it claim.
func (s *start) waits(running, first claims, room func(string) (uint32, bool)) wait {
	for _, dc := range s.datacenters {
		if cores, there := room(dc); !there || cores < s.cores {
			return waitPlace
		}
	}
	for _, target := range s.job.targets {
		if running.excludes(target, s.job) {
			return waitTarget
		}
	}
	for _, dc := range s.datacenters {
		if _, claimed := first[placeOf(dc)]; claimed {
			return waitTurn
		}
	}
	for _, target := range s.job.targets {
		if first.excludes(target, s.job) {
			return waitTurn
		}
	}
	return waitNothing
}

// claims are the targets and datacenters that others have, or come before one to. Looking one up costs the
// same however long the queue is.
type claims map[string]claim

// claim is who has something: a job, or several that share it.
type claim struct {
	job     *job
	several bool
	shared  bool // all of them share
}

func placeOf(datacenter string) string { return "datacenter " + datacenter }

func (c claims) start(s *start) {
	for _, dc := range s.datacenters {
		c[placeOf(dc)] = claim{job: s.job}
	}
	for _, target := range s.job.targets {
		c.target(target, s.job)
	}
}

func (c claims) target(target string, j *job) {
	before, known := c[target]
	if !known {
		c[target] = claim{job: j, shared: j.spec.ShareTarget}
		return
	}
	before.several = before.several || before.job != j
	before.shared = before.shared && j.spec.ShareTarget
	c[target] = before
}

// excludes says that a job may not have a target beside those who do: they are not the job itself, and not
// all share it.
func (c claims) excludes(target string, j *job) bool {
	held, known := c[target]
	return known && (held.several || held.job != j) && !(held.shared && j.spec.ShareTarget)
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
