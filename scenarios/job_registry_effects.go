package scenarios

import (
	"slices"

	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// asking is what clients have asked for under a key, to find out what became of that which was never
// answered: the gate notes what it does, and not for whom. What it only recognised has changed nothing.
type asking struct {
	submits, cancels []*check.Operation
	vague            bool // it did something for one of several
}

// ask notes an operation that may change something.
func (a *asking) ask(op *check.Operation) {
	switch op.Input.(type) {
	case submit:
		a.submits = append(a.submits, op)
	case cancel:
		a.cancels = append(a.cancels, op)
	}
}

// took has the operation that the gate has just done take effect: the only one that still waits for an
// answer, or waited in vain.
func (a *asking) took(asked []*check.Operation) {
	var one *check.Operation
	for _, op := range asked {
		if op.Ending == trace.Open {
			a.vague = a.vague || one != nil
			one = op
		}
	}
	if one == nil || a.vague {
		a.vague = true
		return
	}
	one.TookEffect()
}

// resolve settles, once a run is over, what clients gave up: it has happened, or it never will.
func (k *keyHistory) resolve(r *check.Run) {
	k.history.Resolve()
	for _, op := range slices.Concat(k.submits, k.cancels) {
		switch op.Ending {
		case trace.Open:
			r.Reached("what a client gave up happened")
		case trace.Void:
			r.Reached("what a client gave up never happened")
		}
	}
}
