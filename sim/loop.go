package sim

import (
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/windtunnel/windtunnel/core"
)

// Run runs the World until its workload tasks have ended; without any, until nothing is scheduled or
// Config.Limit is over. It returns nil if everything held. On every way out all tasks have ended. A World
// runs once.
func (w *World) Run() *Failure {
	if w.ran {
		w.Fail(KeyConfig, "sim: run: a World runs once")
		return w.failure
	}
	w.ran = true
	watch.add(w)
	defer watch.remove(w)
	for over := false; !over; {
		done := make(chan bool, 1)
		// Not on this goroutine: a task that calls runtime.Goexit, as FailNow does, ends the goroutine that
		// resumed it. The loop then goes on in another.
		go w.loopGuarded(done)
		over = <-done
	}
	w.end()
	return w.failure
}

// loopGuarded runs the loop and tells whether the run is over. What a task does wrong is caught in the task:
// what arrives here comes from a callback, a scan or an observer.
func (w *World) loopGuarded(done chan<- bool) {
	over := false
	defer func() {
		if over {
			done <- true
			return
		}
		if p := recover(); p != nil {
			w.fail(panicked(p, debug.Stack()))
			done <- true
			return
		}
		outside := w.current == nil
		if outside {
			w.Fail(KeyExit+"a callback", "a callback, scan or observer called runtime.Goexit")
		}
		w.current = nil
		done <- outside
	}()
	w.loop()
	if w.failure == nil {
		w.lastScan()
	}
	over = true
}

func (w *World) loop() {
	w.urgent = true
	for {
		if w.urgent || w.step >= w.lastStep {
			if w.between() {
				return
			}
		}
		w.heartbeat.beat()
		if w.pick() {
			continue
		}
		first := w.schedule.first()
		if first == nil {
			w.runDry()
			return
		}
		if first.gen != first.ticket.gen {
			w.schedule.pop()
			w.schedule.stale--
			continue
		}
		if first.due > w.now && !w.advance(first.due) {
			return
		}
		it := w.schedule.pop()
		ticket := it.ticket
		if ticket.task != nil && w.line.picker != nil {
			w.line.join(it)
			continue
		}
		ticket.pending = false
		ticket.gen++
		if ticket.task != nil {
			w.prefetch()
			w.resume(ticket.task)
			continue
		}
		w.step++
		w.event = ticket.cause
		w.line.overtake(0, it.arrival())
		if w.origins != nil {
			w.origins.goesOn(ticket)
		}
		ticket.fires.fire()
	}
}

// between does what cannot be done while a task runs, and tells whether the run is over.
func (w *World) between() bool {
	w.urgent = false
	w.reap()
	if w.failure != nil {
		return true
	}
	if w.step >= w.instantEnd {
		w.Fail(KeyLivelock, fmt.Sprintf("sim: %d steps at +%v, and time does not move on",
			stepsAnInstant, w.now))
		return true
	}
	w.scan()
	w.poll()
	return w.failure != nil || w.workload && !w.workloadLeft()
}

// workloadLeft forgets the workload tasks that have ended.
func (w *World) workloadLeft() bool {
	left := w.workloads[:0]
	for _, t := range w.workloads {
		if !t.ended {
			left = append(left, t)
		}
	}
	clear(w.workloads[len(left):])
	w.workloads = left
	w.checkBounds()
	return len(left) > 0
}

// advance moves time on, unless the run must end before.
func (w *World) advance(due time.Duration) bool {
	if due > w.config.Limit {
		if !w.workload {
			return false // servers go on for ever: that is the end of such a run
		}
		w.Fail(KeyLimit, fmt.Sprintf("sim: the run goes on after %v%s", w.config.Limit, w.whoWaits()))
		return false
	}
	w.moveOn(due)
	if due > w.boundAt {
		w.checkBounds()
		return w.failure == nil
	}
	return true
}

// moveOn moves time on.
func (w *World) moveOn(due time.Duration) {
	w.now = due
	w.instantEnd = w.step + stepsAnInstant
	w.lastStep = min(w.nextScan, w.instantEnd)
}

// checkBounds fails the run if a workload task is parked for too long, and otherwise says when to look again.
func (w *World) checkBounds() {
	w.boundAt = core.Forever
	for _, t := range w.workloads {
		if t.ended {
			continue
		}
		since := t.parkedAt
		if t.verb == waitSleep || t.verb == waitNone {
			since = w.now
		}
		if w.now-since > w.config.WorkloadBound {
			w.Fail(KeyParked+" "+t.name, fmt.Sprintf("sim: %s %s since +%v, longer than %v",
				t.lane.Name(), t.waitsFor(), since, w.config.WorkloadBound))
			return
		}
		w.boundAt = min(w.boundAt, since+w.config.WorkloadBound)
	}
}

// runDry ends a run in which nothing is scheduled any more.
func (w *World) runDry() {
	if w.workload {
		w.Fail(KeyDeadlock, "sim: nothing will ever happen again"+w.whoWaits())
	}
}

// whoWaits names who waits for what: workload first, and not the whole crowd.
func (w *World) whoWaits() string {
	const most = 20
	var b strings.Builder
	n := 0
	write := func(t *task) {
		if n++; n <= most {
			fmt.Fprintf(&b, "; %s %s", t.lane.Name(), t.waitsFor())
		}
	}
	for _, t := range w.workloads {
		if !t.ended {
			write(t)
		}
	}
	for _, node := range w.nodes {
		if node.env == nil {
			continue
		}
		for _, t := range node.env.tasks {
			if !t.workload {
				write(t)
			}
		}
	}
	if n > most {
		fmt.Fprintf(&b, "; and %d more", n-most)
	}
	return b.String()
}
