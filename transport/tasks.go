package transport

import (
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
)

// tasks counts a node's running tasks by name, for those who wait for their end.
type tasks struct {
	mu      sync.Mutex
	total   int
	running map[string]int
	ended   chan struct{} // closed when total falls to 0; nil while nobody waits
}

func (t *tasks) begin(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.running == nil {
		t.running = map[string]int{}
	}
	t.total++
	t.running[name]++
}

func (t *tasks) end(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.total--
	if t.running[name]--; t.running[name] == 0 {
		delete(t.running, name)
	}
	if t.total == 0 && t.ended != nil {
		close(t.ended)
		t.ended = nil
	}
}

// idle returns a channel that is closed when no task runs.
func (t *tasks) idle() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended == nil {
		t.ended = make(chan struct{})
	}
	ended := t.ended
	if t.total == 0 {
		close(ended)
		t.ended = nil
	}
	return ended
}

func (t *tasks) names() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Sorted(maps.Keys(t.running))
}

// Go starts a task. A node that has died starts none.
func (e env) Go(name string, f func()) {
	n := e.node
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.isDead {
		return
	}
	n.tasks.begin(name)
	go n.run(name, f)
}

// run is the task wrapper: one of the three places where recover may stand. A panic leaves state behind that
// nobody can vouch for, so it ends the whole node, as a crash that others know how to survive.
func (n *Node) run(name string, f func()) {
	defer n.tasks.end(name)
	defer func() {
		cause := recover()
		if cause == nil {
			return
		}
		n.count.taskPanics.Add(1)
		n.config.Log.Error("task panicked; the node dies", "task", name, "panic", cause,
			"stack", string(debug.Stack()))
		n.die(fmt.Errorf("%s: task %s: %w: %v", n.config.Name, name, ErrTaskPanicked, cause))
	}()
	f()
}
