package check

import (
	"fmt"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/windtunnel/windtunnel/sim/explore"
)

// Judgement is what a linearizability check came to.
type Judgement = explore.Judgement

// The judgements. Unknown is neither of the others and is never reported as one of them.
const (
	Ok      = explore.Linearizable    // some order of the operations explains every answer
	Illegal = explore.NotLinearizable // none does
	Unknown = explore.Undecided       // the time was over first
)

// Linearizable says whether the history can be explained by model. It first looks at the order in which
// operations were seen to take effect, which takes time in proportion to the history, and asks porcupine,
// which tries orders, only if that does not explain it. timeout is real time, for porcupine, and zero means
// without bound; call it outside a World, after its run.
func Linearizable(model porcupine.Model, h *History, timeout time.Duration) Judgement {
	operations, contradicted := h.checked()
	switch {
	case contradicted != nil:
		return Illegal
	case witnessed(model, operations):
		return Ok
	}
	switch porcupine.CheckOperationsTimeout(model, operations, timeout) {
	case porcupine.Ok:
		return Ok
	case porcupine.Illegal:
		return Illegal
	}
	return Unknown
}

// Linearizable judges a history under a name that says what it is of ("the job registry"). An illegal one
// fails the run with that name as an invariant's; one that was not decided in time is reported as unknown. A
// run that keeps its trace keeps what was judged, too. Call it in the body, after the World has run.
func (r *Run) Linearizable(name string, model porcupine.Model, h *History, timeout time.Duration) Judgement {
	judgement := Linearizable(model, h, timeout)
	if r.keep != 0 {
		r.keepJudged(name, model, h, judgement)
	}
	switch judgement {
	case Illegal:
		r.fail(&explore.Failure{Key: name, Invariant: true, Message: unexplained(h)})
	case Unknown:
		r.mu.Lock()
		r.unknown = append(r.unknown, name)
		r.mu.Unlock()
	}
	return judgement
}

func (r *Run) keepJudged(name string, model porcupine.Model, h *History, judgement Judgement) {
	judged := explore.Judged{Name: name, Judgement: judgement, Model: model, Operations: h.Operations()}
	judged.Checked, _ = h.checked()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.judged = append(r.judged, judged)
}

// unexplained says what is wrong with an illegal history.
func unexplained(h *History) string {
	if _, op := h.checked(); op != nil {
		return fmt.Sprintf("%v of client %d was %v, and took effect", op.Input, op.Client, op.Ending)
	}
	return fmt.Sprintf("no order of the %d operations explains their answers", h.Len())
}
