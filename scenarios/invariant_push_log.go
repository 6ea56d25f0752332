package scenarios

import (
	"slices"
	"time"

	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

// pushLog: what clients take of a job's push log, over however many connections and sessions, has one order
// with what the gate appends in which it all makes sense. Each job's log is a history, which porcupine judges
// at the end against the model of push_log_model.go: the gate appends and forgets, and a session is always
// about to read what comes after the last push that it took. What "client order" does not see is here: a gap
// only stands for what had fallen out of the log by then, and a session is told that there is nothing to
// follow only when there is none.
type pushLog struct {
	stage *Stage
	jobs  table[string, logHistory]
	lost  bool // the gate has booted again: it remembers nothing, and nothing is judged
}

// logHistory is what happened to one job's log.
type logHistory struct {
	history *check.History
	digests []uint64                        // of pushes, by number, from 1
	next    table[sessionKey, sessionsRead] // what sessions are about to read
	readers int                             // how many sessions there were
}

// sessionsRead is what a session is about to read, nil when it is over.
type sessionsRead struct {
	op     *check.Operation
	client int
}

func newPushLog(s *Stage) check.Invariant { return &pushLog{stage: s} }

// Name implements check.Invariant.
func (c *pushLog) Name() string { return "push log" }

// Observe implements check.Invariant.
func (c *pushLog) Observe(o check.Observation) error {
	c.lost = c.lost || o.Node == gateName && o.Incarnation > 0
	session := func(job string) sessionKey { return sessionKey{life{o.Node, o.Incarnation}, job} }
	switch f := o.Event.(type) {
	case fact.Accepted:
		if !f.Known {
			c.job(f.Job).history.Call(0, startLog{}).Return(nil)
		}
	case fact.Pushed:
		j := c.job(f.Job)
		j.digests = append(j.digests, f.Digest)
		j.history.Call(0, appendPush{f.Number}).Return(nil)
	case fact.Forgotten:
		if o.Node == gateName {
			c.job(f.Job).history.Call(0, dropLog{}).Return(nil)
		}
	case fact.Followed:
		c.job(f.Job).follow(session(f.Job), f.After)
	case fact.Unfollowed:
		c.job(f.Job).leave(session(f.Job))
	case fact.NotFinished:
		if r := c.job(f.Job).next.of(session(f.Job)); r.op != nil {
			r.op.Return(nothingThere{})
			r.op = nil
		}
	case fact.PushIn:
		c.job(f.Job).arrive(session(f.Job), f)
	}
	return nil
}

func (c *pushLog) job(id string) *logHistory {
	j := c.jobs.of(id)
	if j.history == nil {
		j.history = c.stage.Run.NewHistory()
	}
	return j
}

// follow has a session read what comes after a number.
func (j *logHistory) follow(key sessionKey, after uint64) {
	j.leave(key)
	r := j.next.of(key)
	if r.client == 0 {
		j.readers++
		r.client = j.readers
	}
	r.op = j.history.Call(r.client, readAfter{after})
}

// leave ends what a session is about to read: a read that nobody saw says nothing.
func (j *logHistory) leave(key sessionKey) {
	if r := j.next.of(key); r.op != nil {
		r.op.Refuse()
		r.op = nil
	}
}

// arrive is a push at a session: what it was about to read, or a number that comes again or too early.
func (j *logHistory) arrive(key sessionKey, f fact.PushIn) {
	r, taken := j.next.of(key), pushed{from: f.From, to: f.Number, gap: f.Gap, digest: f.Digest}
	if f.Known || f.Skipped || r.op == nil {
		j.history.Call(r.client, readAfter{f.From - 1}).Return(taken)
		return
	}
	r.op.Return(taken)
	r.op = j.history.Call(r.client, readAfter{f.Number})
}

// End implements check.Invariant.
func (c *pushLog) End() error {
	if c.lost {
		return nil
	}
	bound := c.kept()
	for _, j := range c.jobs.order {
		for _, r := range j.next.order {
			if r.op != nil {
				r.op.Refuse()
			}
		}
		c.stage.Run.Linearizable(c.Name(), logModel(bound, j.digests), j.history, time.Minute)
	}
	return nil
}

// shortLog is how many pushes a log keeps where the gate takes that rare branch: the fewest that may be set.
const shortLog = 16

// kept is how many pushes the gate keeps of a job.
func (c *pushLog) kept() uint64 {
	short := sim.RareBranch{Point: "gate/short-push-log", Taken: true}
	if w := c.stage.World; w != nil && slices.Contains(w.RareBranches(), short) {
		return shortLog
	}
	return uint64(c.stage.gateConfig().ReplayLog)
}
