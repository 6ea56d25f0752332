package sim

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// task is one task of one incarnation of a node. What every step touches comes first: with thousands of tasks
// a step costs what it has to fetch.
type task struct {
	ticket ticket
	resume func() (struct{}, bool) // its coroutine's; nil until its first step
	swap   func(struct{}) bool     // back to the World; false when the task is stopped instead of resumed
	env    *env

	woken    bool          // scheduled by what it waited for, not by its own timer
	held     bool          // ready, while its node is paused
	ended    bool          //
	workload bool          //
	parked   bool          // under ctx: its end wakes the task
	verb     waitVerb      // what it waits for, when it is parked
	due      time.Duration // when its own timer is due, without a stall; core.Forever if it has none
	parkedAt time.Duration
	what     string
	ctx      *simContext // that it waits under, or did last
	picks    choice.Stream
	lane     trace.Lane
	stalls   choice.Stream

	ctxIndex int             // in ctx.waiters
	done     <-chan struct{} // of a foreign context that it waits under
	polled   bool            // in World.foreign
	lock     *locker         // that it waits for
	co       *coroutine      // nil until its first step
	name     string
	f        func()
	index    int // in env.tasks
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
	"is ready", "is ready", "sleeps", "waits for a signal", "waits for a lock", "waits to receive",
	"waits to send",
}

func (t *task) waitsFor() string {
	if t.held {
		return "is ready, on a paused node"
	}
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
	w.touch(w.mark(&e.thing)) // names are counted
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
	t.forsake()
	e.world.emit(&t.lane, trace.End, e.world.event, 0, 0)
	if t.workload {
		e.world.touchEnd()
		e.world.urgent = true
	}
}

// die ends the calling task. Its deferred functions run, and recover returns nil in them.
func die() { runtime.Goexit() }

func addTime(t, d time.Duration) time.Duration {
	if d > 0 && t > core.Forever-d {
		return core.Forever
	}
	return t + d
}
