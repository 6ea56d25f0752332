package sim

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// heartbeat is how a World shows the watchdog that its steps end. The World only reads, unless it was asked.
type heartbeat struct{ asked atomic.Bool }

func (h *heartbeat) beat() {
	if h.asked.Load() {
		h.asked.Store(false)
	}
}

// watchdog ends the process when a step of any World lasts too long on the real clock: a task that blocks
// natively would otherwise hang the run in silence. One goroutine watches while there are Worlds.
type watchdog struct {
	limit time.Duration
	every time.Duration
	out   io.Writer
	exit  func(code int)

	mu      sync.Mutex
	worlds  []*watched
	started bool
	looked  time.Time // when it last did
}

type watched struct {
	world *World
	since time.Time // when it was asked for a sign
}

// watch is the process's watchdog. It is no state of any run.
var watch = &watchdog{limit: 5 * time.Second, every: 500 * time.Millisecond, out: os.Stderr, exit: os.Exit}

func (d *watchdog) add(w *World) {
	w.heartbeat.asked.Store(false)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.worlds = append(d.worlds, &watched{world: w})
	if !d.started {
		d.started, d.looked = true, time.Time{}
		time.AfterFunc(d.every, d.look)
	}
}

func (d *watchdog) remove(w *World) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.worlds = slices.DeleteFunc(d.worlds, func(v *watched) bool { return v.world == w })
}

// asleepFor is how late a look must be to show that the whole process stood still: under a debugger, or on a
// machine that was asleep. No World is to blame for that time.
const asleepFor = time.Second

// look asks every World for a sign, and ends the process if one gave none for too long.
func (d *watchdog) look() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.worlds) == 0 {
		d.started = false
		return
	}
	now := time.Now()
	asleep := !d.looked.IsZero() && now.Sub(d.looked) > d.every+asleepFor
	d.looked = now
	for _, v := range d.worlds {
		if !v.world.heartbeat.asked.Swap(true) || asleep {
			v.since = now
		} else if now.Sub(v.since) > d.limit {
			d.bark(v.world, now.Sub(v.since))
			return
		}
	}
	time.AfterFunc(d.every, d.look)
}

func (d *watchdog) bark(w *World, lasted time.Duration) {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	fmt.Fprintf(d.out, "sim: %s runs for %v in one step: it blocks or loops without asking its Env.\n\n%s\n",
		runningTask(w), lasted.Round(time.Millisecond), stacks)
	d.exit(1)
}

// runningTask reads without synchronisation: the World it reads from hangs, and the process is about to end.
//
//go:norace
func runningTask(w *World) string {
	if t := w.current; t != nil {
		return "task " + t.lane.Name()
	}
	return "the World, outside the tasks,"
}
