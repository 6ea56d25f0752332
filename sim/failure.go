package sim

import (
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/windtunnel/windtunnel/sim/trace"
)

// Failure is why a run failed.
type Failure struct {
	Key     string        // the same for the same failure in every run: an invariant's name, a panic's site
	Message string        // what happened, for people
	Step    uint64        // in which step
	At      time.Duration // at which virtual time
	Event   uint64        // the trace's last event before it: where its causes begin
	Node    string        // whose task ran, or empty
	Task    string        // the task's name, or empty
	Stack   string        // of a panic
}

func (f *Failure) Error() string {
	return fmt.Sprintf("%s: %s (step %d, +%v)", f.Key, f.Message, f.Step, f.At)
}

// The keys of what the World itself finds. A panic's key is KeyPanic with the function that panicked after
// it.
const (
	KeyConfig    = "config"          // the Config or the use of the World is wrong
	KeyPanic     = "panic in "       // a task, callback or observer panicked
	KeyExit      = "exit of "        // a task was ended by runtime.Goexit, as FailNow does
	KeyDeadlock  = "deadlock"        // workload is left, and nothing will ever happen again
	KeyLockCycle = "lock cycle"      // tasks wait for each other's locks
	KeyParked    = "workload parked" // a workload task waits longer than Config.WorkloadBound
	KeyLivelock  = "livelock"        // a million steps in one instant
	KeyLimit     = "time limit"      // Config.Limit is over
)

// Fail says that something that must hold does not. The first failure counts; the run ends after this step.
func (w *World) Fail(key, message string) {
	w.fail(&Failure{Key: key, Message: message})
}

func (w *World) fail(f *Failure) {
	if w.failure != nil {
		return
	}
	if t := w.current; t != nil && t.env.dead {
		return // a task that is being unwound does nothing that shows
	}
	f.Step, f.At, f.Event = w.step, w.now, w.event
	if t := w.current; t != nil {
		f.Node, f.Task = t.env.node.name, t.name
	}
	w.failure = f
	w.urgent = true
	w.emit(&w.lane, trace.Fail, w.event, 0, 0)
	w.trace.AddBytes([]byte(f.Key))
	w.trace.Describe(f.Key + ": " + f.Message)
}

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
