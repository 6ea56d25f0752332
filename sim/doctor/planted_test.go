package doctor_test

import (
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

// Each body below has one thing in it that no seed decides, on the line that says so.

// alone runs one task on one node.
func alone(r *check.Run, task func(env core.Env)) {
	w := r.World(sim.Config{})
	w.Workload(w.AddNode("n1", func(core.Env) {}), "a", func(env core.Env) {
		env.Yield("here")
		task(env)
	})
	w.Run()
}

func nap(env core.Env, length int) {
	_ = env.Sleep(env.Context(), time.Duration(1+length)*time.Microsecond)
}

func mapOrder(r *check.Run) {
	alone(r, func(env core.Env) {
		names := map[string]int{"b": 1, "c": 2, "d": 3, "e": 4, "f": 5, "g": 6}
		for name := range names { // planted: mapOrder
			env.Go(name, func() {})
		}
	})
}

func nativeSelect(r *check.Run) {
	alone(r, func(env core.Env) {
		left, right := make(chan int, 20), make(chan int, 20)
		for range cap(left) {
			left <- 1
			right <- 0
		}
		sum := 0
		for i := range cap(left) {
			select { // planted: nativeSelect
			case got := <-left:
				sum += got << i
			case <-right:
			}
		}
		nap(env, sum)
	})
}

func goroutine(r *check.Run) {
	var counted, over atomic.Int64
	defer over.Store(1)
	alone(r, func(env core.Env) {
		go func() { // planted: goroutine
			for over.Load() == 0 {
				counted.Add(1)
			}
		}()
		for counted.Load() == 0 {
			runtime.Gosched()
		}
		nap(env, int(counted.Load()))
	})
}

func wallClock(r *check.Run) {
	alone(r, func(env core.Env) { nap(env, jitter()) })
}

// jitter is not on the stack any more when what it returned shows.
func jitter() int {
	return time.Now().Nanosecond() // planted: wallClock
}

func randomness(r *check.Run) {
	alone(r, func(env core.Env) {
		length := rand.IntN(1 << 30) // planted: randomness
		env.Yield("here")
		nap(env, length)
	})
}

// decoy also reads the clock, nearer to the event, and does nothing with it.
func decoy(r *check.Run) {
	alone(r, func(env core.Env) {
		length := rand.IntN(1 << 30) // planted: decoy
		began := time.Now()
		nap(env, length)
		_ = began
	})
}

var runs int

func sharedVariable(r *check.Run) {
	alone(r, func(env core.Env) {
		runs++ // planted: sharedVariable
		nap(env, runs)
	})
}

func sharedAround() func(*check.Run) {
	seen := make(map[int]bool)
	return func(r *check.Run) {
		alone(r, func(env core.Env) {
			seen[len(seen)] = true
			length := len(seen)
			_ = env.Sleep(env.Context(), time.Duration(length)*time.Second) // planted: sharedAround
		})
	}
}

func fileSystem(r *check.Run) {
	alone(r, func(env core.Env) {
		folder, err := os.MkdirTemp("", "x") // planted: fileSystem
		if err == nil {
			defer os.Remove(folder)
		}
		length, _ := strconv.Atoi(folder[len(folder)-4:])
		nap(env, length)
	})
}

func processNumber(r *check.Run) {
	alone(r, func(env core.Env) {
		pid := os.Getpid() // planted: processNumber
		nap(env, pid)
	})
}

func harmless(r *check.Run) { alone(r, func(env core.Env) { nap(env, 1) }) }
