package sim

import "iter"

// coroutine is where tasks run: one after the other, so that a node which starts a task a call does not pay
// for a coroutine each time.
type coroutine struct {
	world *World
	task  *task
	next  func() (struct{}, bool)
	stop  func()
}

func (w *World) coroutine() *coroutine {
	idle := w.spare.idle
	if last := len(idle) - 1; last >= 0 {
		c := idle[last]
		w.spare.idle = idle[:last]
		c.world = w
		return c
	}
	c := &coroutine{world: w}
	c.next, c.stop = iter.Pull(c.live)
	return c
}

func (c *coroutine) live(yield func(struct{}) bool) {
	for {
		c.task.swap = yield
		c.task.run()
		c.task.co, c.task = nil, nil
		spare := c.world.spare
		spare.idle = append(spare.idle, c)
		if !yield(struct{}{}) {
			return
		}
	}
}

func (c *coroutine) adopt(t *task) { t.co, t.resume, c.task = c, c.next, t }

// reap unwinds the tasks of dead nodes.
func (w *World) reap() {
	for len(w.doomed) > 0 {
		doomed := w.doomed
		w.doomed = nil
		w.unwind(doomed)
	}
}

// unwind ends tasks by runtime.Goexit. Stopping a coroutine that does so ends the goroutine that stops it,
// after its deferred calls - so these are what stops the next: one goroutine for many tasks.
func (w *World) unwind(tasks []*task) {
	const together = 64 // each one deepens the goroutine's stack
	for len(tasks) > 0 {
		n := min(len(tasks), together)
		done := make(chan struct{})
		go func() {
			defer close(done)
			for i := n - 1; i >= 0; i-- {
				defer w.stop(tasks[i])
			}
		}()
		<-done
		tasks = tasks[n:]
	}
	w.current = nil
}

func (w *World) stop(t *task) {
	if t.co == nil || t.ended {
		t.ended = true
		return
	}
	co := t.co
	t.co = nil
	w.current = t
	co.stop()
}

// end ends every task of the World.
func (w *World) end() {
	w.current = nil
	for _, n := range w.nodes {
		n.kill()
	}
	w.reap()
	w.spare.take(w)
	if w.config.Spare == nil {
		w.spare.Close()
	}
}
