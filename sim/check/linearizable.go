package check

import (
	"fmt"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/windtunnel/windtunnel/sim/explore"
)

// Verdict is what a linearizability check came to.
type Verdict uint8

// The verdicts. Unknown is neither of the others and is never reported as one of them.
const (
	Ok      Verdict = iota // some order of the operations explains every answer
	Illegal                // none does
	Unknown                // the time was over first
)

func (v Verdict) String() string {
	switch v {
	case Ok:
		return "linearizable"
	case Illegal:
		return "not linearizable"
	}
	return "unknown"
}

// Linearizable asks porcupine whether the history can be explained by model. timeout is real time, and zero
// means without bound; call it outside a World, after its run.
func Linearizable(model porcupine.Model, h *History, timeout time.Duration) Verdict {
	switch porcupine.CheckOperationsTimeout(model, h.operations(), timeout) {
	case porcupine.Ok:
		return Ok
	case porcupine.Illegal:
		return Illegal
	}
	return Unknown
}

// Linearizable judges a history under a name that says what it is of ("the job registry"). An illegal one
// fails the run with that name as an invariant's; one that was not decided in time is reported as unknown.
// Call it in the body, after the World has run.
func (r *Run) Linearizable(name string, model porcupine.Model, h *History, timeout time.Duration) Verdict {
	verdict := Linearizable(model, h, timeout)
	switch verdict {
	case Illegal:
		r.fail(&explore.Failure{
			Key: name, Invariant: true,
			Message: fmt.Sprintf("no order of the %d operations explains their answers", h.Len()),
		})
	case Unknown:
		r.mu.Lock()
		r.unknown = append(r.unknown, name)
		r.mu.Unlock()
	}
	return verdict
}
