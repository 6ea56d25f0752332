package sim

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// task is one task of one incarnation of a node.
type task struct {
	ticket ticket
	env    *env
	co     *coroutine // nil until its first step
	picks  choice.Stream
	stalls choice.Stream

	woken    bool // scheduled by what it waited for, not by its own timer
	held     bool // ready, while its node is paused
	ended    bool
	workload bool
	verb     waitVerb // what it waits for, when it is parked
	what     string
	parkedAt time.Duration
	until    core.Instant // steady time of its node at which its own timer is due

	ctx              *simContext // that it waits under
	ctxPrev, ctxNext *task
	done             <-chan struct{} // of a foreign context that it waits under
	lock             *locker         // that it waits for

	lane  trace.Lane
	name  string
	f     func()
	index int // in env.tasks
}

type waitVerb uint8

const (
	waitNone   waitVerb = iota // it is running, or was never parked
	waitPoint                  // ready, at an interleaving point
	waitSleep                  // for time
	waitSignal                 // for a Signal
	waitLock                   // for a lock
	waitRecv                   // for a message
	waitSend                   // for the network to take a message
)

var waitVerbs = [...]string{
	"is ready", "is ready", "sleeps", "waits for a signal", "waits for a lock", "waits to receive", "waits to send",
}

func (t *task) waitsFor() string {
	text := waitVerbs[t.verb]
	if t.verb == waitLock && t.lock != nil && t.lock.owner != nil {
		return text + " that " + t.lock.owner.lane.Name() + " holds"
	}
	if t.what != "" {
		text += " at " + t.what
	}
	return text
}

// ranks is how many different ranks a ready task may draw.
const ranks = 1 << 16

// start makes a task of this node, ready to run.
func (e *env) start(name string, f func()) *task {
	w := e.world
	full := e.unique(name)
	label := e.label + "/" + full
	lane := label
	if e.incarnation == 0 {
		lane = e.node.name + "/" + full
	}
	t := &task{
		env: e, name: name, f: f, lane: trace.NewLane(lane), index: len(e.tasks),
		picks: choice.MakeStream(choice.Pick, label), stalls: choice.MakeStream(choice.Stall, label),
	}
	t.ticket.task = t
	e.tasks = append(e.tasks, t)
	w.wake(t, w.emit(&t.lane, trace.Start, w.event, 0, 0))
	return t
}

// unique tells tasks with one name apart, so that no two questions have one key.
func (e *env) unique(name string) string {
	if e.names == nil {
		e.names = make(map[string]int)
	}
	e.names[name]++
	if n := e.names[name]; n > 1 {
		return fmt.Sprintf("%s~%d", name, n)
	}
	return name
}

// resume runs a task until it parks or ends. That is a step.
func (w *World) resume(t *task) {
	if t.env.node.paused {
		t.env.node.hold(t)
		return
	}
	t.begin()
	w.current = t
	if t.co == nil {
		t.co = w.coroutine()
		t.co.task = t
	}
	t.co.next()
	w.current = nil
}

// begin makes a step of what the task does next.
func (t *task) begin() {
	w := t.env.world
	w.step++
	t.woken = false
	t.verb = waitNone
	w.happen(&t.lane, trace.Step, t.ticket.cause, 0, 0)
}

// park makes the running task wait until the virtual time due, or until it is woken. Its reason to wait must be
// in place: whoever wakes it must find it. due may be core.Forever; cause is what a step at due comes from.
func (t *task) park(verb waitVerb, what string, due time.Duration, cause uint64) {
	w := t.env.world
	if t.env.dead {
		die() // it crashed its own node in this step
	}
	t.ticket.cause = cause
	if due != core.Forever {
		stall, rank := w.draw(t)
		it := item{due: addTime(due, stall), order: w.order(rank), gen: t.ticket.gen, ticket: &t.ticket}
		if t.goesOn(&it) {
			return
		}
		t.ticket.pending = true
		w.schedule.push(it)
	}
	t.verb, t.what, t.parkedAt = verb, what, w.now
	if t.workload {
		w.boundAt = min(w.boundAt, addTime(w.now, w.config.WorkloadBound))
	}
	t.co.switchOut()
}

// parkFor parks the running task for d of its node's steady time, or until it is woken.
func (t *task) parkFor(verb waitVerb, what string, d time.Duration) {
	w := t.env.world
	t.until = t.env.Now().Add(d)
	t.park(verb, what, t.env.dueAfter(d), w.event)
	t.until = core.Instant(core.Forever)
}

// goesOn makes the task go on at once, without a switch, if that is what the schedule would do.
func (t *task) goesOn(it *item) bool {
	w := t.env.world
	if w.urgent || w.step >= w.nextScan || w.step >= w.instantEnd || t.env.node.paused || it.due > w.boundAt ||
		it.due > w.config.Limit {
		return false
	}
	if first := w.schedule.first(); first != nil && !it.before(first) {
		return false
	}
	w.heartbeat.beat()
	if it.due > w.now {
		w.now = it.due
		w.instantEnd = w.step + stepsAnInstant
	}
	t.begin()
	return true
}

// wake makes a parked task ready, because of cause. A task that is ready already stays so.
func (w *World) wake(t *task, cause uint64) {
	if t.woken || t.ended || t.held || t.env.dead {
		return
	}
	w.cancel(&t.ticket)
	t.woken = true
	stall, rank := w.draw(t)
	t.ticket.cause, t.ticket.pending = cause, true
	w.schedule.push(item{due: w.now + stall, order: w.order(rank), gen: t.ticket.gen, ticket: &t.ticket})
}

// draw says how late a task is that becomes ready, and its rank among those that are ready then.
func (w *World) draw(t *task) (stall time.Duration, rank uint16) {
	rank = uint16(t.picks.Ask(w.chooser, ranks, nil))
	if weights := t.env.node.stalls; weights != nil {
		stall = stallLengths[t.stalls.Ask(w.chooser, len(weights), weights[:])]
		if stall > 0 {
			t.env.node.stalled++
		}
	}
	return stall, rank
}

// order makes what the schedule sorts by within one due time.
func (w *World) order(rank uint16) uint64 {
	w.arrivals++
	return uint64(rank)<<48 | w.arrivals
}

// run is a task's whole life. A panic is caught here, where its stack still stands: iter.Pull loses it.
func (t *task) run() {
	returned := false
	defer func() {
		w := t.env.world
		p := recover()
		t.finish()
		switch {
		case returned || t.env.dead:
		case p != nil:
			w.fail(panicked(p, debug.Stack()))
		default:
			w.Fail(KeyExit+t.env.node.name+"/"+t.name, "sim: the task was ended by runtime.Goexit")
		}
	}()
	t.f()
	returned = true
}

func (t *task) finish() {
	if t.ended {
		return
	}
	t.ended = true
	t.f = nil
	e := t.env
	if e.dead {
		return
	}
	last := len(e.tasks) - 1
	e.tasks[t.index] = e.tasks[last]
	e.tasks[t.index].index = t.index
	e.tasks[last] = nil
	e.tasks = e.tasks[:last]
	e.world.emit(&t.lane, trace.End, e.world.event, 0, 0)
	if t.workload {
		e.world.urgent = true
	}
}

// die ends the calling task. Its deferred functions run, and recover returns nil in them.
func die() { runtime.Goexit() }

// panicked makes a failure of a panic. Its key is the function that panicked, which outlives most edits.
func panicked(p any, stack []byte) *Failure {
	return &Failure{Key: KeyPanic + panicSite(), Message: fmt.Sprint(p), Stack: string(stack)}
}

// panicSite names the function that panicked. It must be called while the panic is being recovered.
func panicSite() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	site, panicking := "unknown", false
	for {
		frame, more := frames.Next()
		switch {
		case strings.HasPrefix(frame.Function, "runtime."):
			panicking = panicking || frame.Function == "runtime.gopanic"
		case panicking:
			return frame.Function
		}
		if !more {
			return site
		}
	}
}

func addTime(t, d time.Duration) time.Duration {
	if d > 0 && t > core.Forever-d {
		return core.Forever
	}
	return t + d
}
