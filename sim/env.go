package sim

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// env is what one incarnation of a node sees of the World.
type env struct {
	world       *World
	node        *Node
	incarnation int
	label       string // "g1#0"
	home        uint64 // its number among all incarnations of the run
	thing       choice.Touched
	dead        bool
	steady      steadyClock

	tasks  []*task
	names  map[string]int
	root   *simContext
	timed  []*simContext // contexts that may yet run out of time
	random *rand.Rand
	logger *slog.Logger

	returned bool // its boot task has
	whenBack func()
}

var _ core.Env = (*env)(nil)

// run is the boot task.
func (e *env) run() {
	e.node.boot(e)
	e.returned = true
	if e.whenBack != nil {
		e.world.after(0, 0, e.whenBack)
	}
}

// onReturn calls f between two steps once the boot task has returned, unless the node crashes before.
func (e *env) onReturn(f func()) {
	e.whenBack = func() {
		if !e.dead {
			f()
		}
	}
	if e.returned {
		e.world.after(0, 0, e.whenBack)
	}
}

// enter returns the task that calls a method which may wait. A task of a dead node does not return from it.
func (e *env) enter() *task {
	t := e.world.current
	if t == nil || t.env != e {
		e.misused(t)
	}
	if e.dead {
		die()
	}
	return t
}

// check is enter for methods that do not wait: they may also be called from outside the tasks.
func (e *env) check() {
	if e.dead {
		if t := e.world.current; t != nil && t.env == e {
			die()
		}
	}
}

// misused reports a call of a method that blocks from where nothing can block.
func (e *env) misused(t *task) {
	if t == nil {
		panic(fmt.Sprintf("sim: the environment of %s was asked to wait outside its tasks", e.label))
	}
	panic(fmt.Sprintf("sim: the environment of %s was asked to wait by %s, a task of another",
		e.label, t.lane.Name()))
}

func (e *env) Go(name string, f func()) {
	e.check()
	if !e.dead {
		e.start(name, f)
	}
}

func (e *env) Rand() *rand.Rand {
	e.check()
	e.world.touch(e.world.mark(&e.thing))
	if e.random == nil {
		s := choice.NewStream(choice.Seed, e.label)
		seed := e.world.choose(s, 1<<31, nil)
		if e.world.Keeping() {
			e.world.tell(s, seed, e.world.now, e.lane().Name(), "draws other random numbers")
		}
		e.random = rand.New(rand.NewPCG(uint64(seed), s.ID()))
	}
	return e.random
}

func (e *env) NewLocker() sync.Locker {
	e.check()
	return &locker{env: e}
}

func (e *env) NewSignal() core.Signal {
	e.check()
	return &signal{env: e}
}

func (e *env) Yield(point string) {
	e.enter().park(waitPoint, point, e.world.now, e.world.event)
}

func (e *env) Rare(point string) bool {
	e.check()
	return e.world.rare(point)
}

func (e *env) Note(event core.Event) {
	e.check()
	if !e.dead {
		e.note(event)
	}
}

func (e *env) Log() *slog.Logger {
	e.check()
	if e.logger == nil {
		e.logger = slog.New(&logHandler{env: e})
	}
	return e.logger
}

func (e *env) Listen(network, addr string) (core.Endpoint, error) {
	e.check()
	if e.dead {
		return nil, fmt.Errorf("%s: listen on %s: %w", e.node.name, addr, core.ErrClosed)
	}
	return e.world.net.listen(e, network, addr)
}

func (e *env) Sleep(ctx context.Context, d time.Duration) error {
	t := e.enter()
	if ended(ctx) != nil {
		d = 0
	}
	t.under(ctx)
	t.park(waitSleep, "", e.dueAfter(d), e.world.event)
	t.leave()
	return ended(ctx)
}

// lane is where events of the running task stand, or of the node when none runs.
func (e *env) lane() *trace.Lane {
	if t := e.world.current; t != nil && t.env == e {
		return &t.lane
	}
	return &e.node.lane
}
