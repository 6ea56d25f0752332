package check

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/explore"
)

// Errorf fails the run at the place of the assertion that called it. The World stops after this step.
func (r *Run) Errorf(format string, args ...any) {
	r.failHere(plain(fmt.Sprintf(format, args...)))
}

// FailNow fails the run and ends the calling task or body, deferred calls included.
func (r *Run) FailNow() {
	r.failHere("FailNow was called") // of no effect after Errorf: the first failure counts
	runtime.Goexit()
}

// Fatalf is Errorf and FailNow.
func (r *Run) Fatalf(format string, args ...any) {
	r.failHere(plain(fmt.Sprintf(format, args...)))
	runtime.Goexit()
}

func (r *Run) failHere(message string) {
	r.mu.Lock()
	where := findSite(r.helpers)
	r.mu.Unlock()
	r.fail(&explore.Failure{Key: where.key, Function: where.function, Message: message})
}

// broken fails the run by an invariant; nil is none.
func (r *Run) broken(b *Broken) {
	if b == nil {
		return
	}
	r.fail(&explore.Failure{
		Key: b.Invariant, Invariant: true, Message: b.Cause.Error(), Who: who(b.Last.Node, b.Last.Task),
	})
}

// fail takes the run's first failure, and stops the World that runs. Who watches looks at it as it is now:
// at the end of the step its tasks are gone.
func (r *Run) fail(f *explore.Failure) {
	if w := r.take(f); w != nil && r.watch != nil {
		r.watch(w)
	}
}

// take returns the World that runs, where f is the first failure and there is one.
func (r *Run) take(f *explore.Failure) *sim.World {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.adopt()
	if r.failure != nil {
		return nil
	}
	r.failure = f
	w := r.newest()
	if w != nil {
		w.Fail(f.Key, f.Message)
		f.Step, f.At = w.Step(), w.Now()
		if f.Who == "" && w.Failure() != nil {
			f.Who = who(w.Failure().Node, w.Failure().Task)
		}
	}
	return w
}

func who(node, task string) string {
	if task == "" {
		return node
	}
	return node + "/" + task
}

// adopt makes the first failure that a World found by itself - a deadlock, a panic - the run's. The caller
// holds the lock.
func (r *Run) adopt() {
	for _, w := range r.worlds {
		if f := w.Failure(); f != nil && r.failure == nil {
			r.failure = adopted(f)
		}
	}
}

func adopted(f *sim.Failure) *explore.Failure {
	out := &explore.Failure{
		Key: f.Key, Message: f.Message, Who: who(f.Node, f.Task), Step: f.Step, At: f.At, Stack: f.Stack,
	}
	if strings.HasPrefix(f.Key, sim.KeyPanic) {
		frames := panicFrames(f.Stack)
		where := panicSite(frames)
		out.Key, out.Function, out.Message = where.key, where.function, "panic: "+f.Message
		out.Stack = stackText(frames)
	}
	return out
}
