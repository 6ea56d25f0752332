package sim

import (
	"context"
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// Node is a simulated process. It lives from boot to crash, and may be booted again. Its methods are for what
// stands outside of it: a scenario, a nemesis.
type Node struct {
	world       *World
	name        string
	boot        func(core.Env)
	lane        trace.Lane
	env         *env // nil while it is down
	incarnation int  // of env, or of the last one

	paused  bool
	since   time.Duration // when it was paused
	delayed time.Duration // see Delayed
	ready   []*task       // that would have run while it was paused
	stalls  *StallWeights // nil: never late
	wall    wallClock
	stalled uint64 // steps of its tasks that were late
	steady  int64  // drift of the steady clock, in parts in a million
}

// AddNode makes a node and boots it: boot is its first task; nil if it has none. Names are the scenario's,
// unique, and also the host part of the node's addresses.
func (w *World) AddNode(name string, boot func(core.Env)) *Node {
	n := &Node{world: w, name: name, boot: boot, lane: trace.NewLane(name), incarnation: -1}
	n.Slow(false)
	if w.Node(name) != nil || name == "" {
		w.Fail(KeyConfig, fmt.Sprintf("sim: there are two nodes called %q, or a node without a name", name))
		return n
	}
	if w.byName == nil {
		w.byName = make(map[string]*Node)
	}
	w.byName[name] = n
	w.nodes = append(w.nodes, n)
	n.Restart()
	return n
}

// Node returns the node of this name, or nil.
func (w *World) Node(name string) *Node { return w.byName[name] }

// Nodes returns all nodes in the order in which they were added.
func (w *World) Nodes() []*Node { return append([]*Node(nil), w.nodes...) }

// Name is the node's name.
func (n *Node) Name() string { return n.name }

// Incarnation is how often the node was restarted.
func (n *Node) Incarnation() int { return n.incarnation }

// Up tells whether the node was booted and has not crashed since. A paused node is up.
func (n *Node) Up() bool { return n.env != nil }

// Paused tells whether the node is paused.
func (n *Node) Paused() bool { return n.paused }

// Crash ends the node at once: its tasks, its connections, its memory. A node that is down stays down. A task
// of this node that calls it goes on until it next asks its Env for something, which it is never given.
func (n *Node) Crash() { n.end("crash") }

// exit ends the node as a program ends with its main function.
func (n *Node) exit() { n.end("exit") }

func (n *Node) end(how string) {
	if n.env == nil {
		return
	}
	n.happen(how)
	n.kill()
	n.world.net.nodeDown(n)
}

// kill ends the tasks of a node. They are unwound before the next step; none of them can do anything from
// now on.
func (n *Node) kill() {
	e := n.env
	if e == nil {
		return
	}
	w := n.world
	for _, t := range e.tasks {
		w.cancel(&t.ticket)
	}
	e.dead = true
	for _, c := range e.timed {
		w.cancel(&c.timer)
	}
	w.doomed = append(w.doomed, e.tasks...)
	w.urgent = true
	n.delayed = n.Delayed()
	n.env, n.paused, n.ready = nil, false, nil
}

// Restart boots the node, after a crash if it is up. It remembers nothing but its clocks.
func (n *Node) Restart() {
	n.Crash()
	n.incarnation++
	w := n.world
	w.homes++
	e := &env{
		world: w, node: n, incarnation: n.incarnation, label: fmt.Sprintf("%s#%d", n.name, n.incarnation),
		home: w.homes, steady: steadyClock{at: w.now, drift: n.steady},
	}
	n.env = e
	n.happen("boot")
	if n.boot == nil {
		e.returned = true
		return
	}
	e.start("boot", e.run)
}

// Stop asks the node to stop: its Env's Context ends. What it then does is its own affair.
func (n *Node) Stop() {
	if n.env == nil {
		return
	}
	n.happen("stop")
	n.env.rootContext().end(context.Canceled, context.Canceled)
}

// Pause stops the process while the world goes on: its tasks do not run, but messages arrive, timers become
// due and its clocks go on. A task that runs now is paused when it next waits.
func (n *Node) Pause() {
	if n.env == nil || n.paused {
		return
	}
	n.happen("pause")
	n.paused, n.since = true, n.world.now
}

// Resume lets a paused node go on, with all that has become due.
func (n *Node) Resume() {
	if !n.paused {
		return
	}
	n.happen("resume")
	n.paused = false
	n.delayed += n.world.now - n.since
	ready := n.ready
	n.ready = nil
	for _, t := range ready {
		t.held = false
		n.world.wake(t, t.ticket.cause)
	}
}

// hold puts a ready task aside until the node resumes.
func (n *Node) hold(t *task) {
	t.held, t.woken = true, false
	n.ready = append(n.ready, t)
}

// Slow makes the node's processor slow (Config.SlowStalls), or as fast as any (Config.Stalls).
func (n *Node) Slow(slow bool) {
	config := &n.world.config
	weights := &config.Stalls
	if slow {
		weights = &config.SlowStalls
	}
	n.SetStalls(*weights)
}

// SetStalls gives the node stalls of its own.
func (n *Node) SetStalls(weights StallWeights) {
	n.stalls = &weights
	if weights[1]|weights[2]|weights[3]|weights[4] == 0 {
		n.stalls = nil
	}
}

// The bounds of clock changes. Beyond them a change is cut to the bound.
const (
	MostDrift = 500_000                   // parts in a million, either way
	MostSkew  = 10 * 365 * 24 * time.Hour // of a wall clock, either way
)

// SkewWall sets the node's wall clock to the true time + offset. It jumps there, backwards too.
func (n *Node) SkewWall(offset time.Duration) {
	offset = min(max(offset, -MostSkew), MostSkew)
	n.wall.set(offset, n.wall.drift, n.world.now)
	n.clockChanged("wall clock at true time %+v", offset)
}

// JumpWall moves the node's wall clock by d from where it stands.
func (n *Node) JumpWall(d time.Duration) {
	n.SkewWall(n.wall.show(n.world.now) - n.world.now + min(max(d, -MostSkew), MostSkew))
}

// DriftWall makes the node's wall clock fast by ppm parts in a million; slow if negative.
func (n *Node) DriftWall(ppm int64) {
	ppm = min(max(ppm, -MostDrift), MostDrift)
	now := n.world.now
	n.wall.set(n.wall.show(now)-now, ppm, now)
	n.clockChanged("wall clock fast by %d ppm", ppm)
}

// DriftSteady makes the node's steady clock fast by ppm parts in a million; slow if negative. It never jumps.
func (n *Node) DriftSteady(ppm int64) {
	ppm = min(max(ppm, -MostDrift), MostDrift)
	n.steady = ppm
	n.clockChanged("steady clock fast by %d ppm", ppm)
	e := n.env
	if e == nil {
		return
	}
	w := n.world
	old := e.steady
	e.steady.setDrift(ppm, w.now)
	for _, t := range e.tasks { // what waits for this clock is due at another time now
		if t.ticket.pending && !t.woken && t.due > w.now {
			cause := t.ticket.cause
			w.cancel(&t.ticket)
			stall, rank := w.draw(t)
			t.due = e.steady.whenShows(old.show(t.due), w.now)
			w.atRank(&t.ticket, addTime(t.due, stall), rank, cause)
		}
	}
	e.forgetTimers()
	for _, c := range e.timed {
		c.due = e.steady.whenShows(old.show(c.due), w.now)
		w.atRank(&c.timer, c.due, 0, c.timer.cause)
	}
}

func (n *Node) happen(what string) {
	n.change(trace.Node, what)
}

func (n *Node) clockChanged(format string, value any) {
	n.change(trace.Clock, fmt.Sprintf(format, value))
}

func (n *Node) change(kind trace.Kind, what string) {
	w := n.world
	id := w.emit(&n.lane, kind, w.event, uint64(max(n.incarnation, 0)), 0)
	w.trace.Is(what, nil)
	w.trace.AddBytes([]byte(what))
	w.trace.Describe(what)
	if w.current == nil {
		w.event = id // outside the tasks, what follows comes from the change
	}
}
