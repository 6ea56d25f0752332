package explore

import (
	"github.com/anishathalye/porcupine"

	"github.com/windtunnel/windtunnel/sim/trace"
)

// Judged is a history of a run whose linearizability was checked.
type Judged struct {
	Name       string // says what it is of ("the job registry"); several may have one name
	Judgement  Judgement
	Model      porcupine.Model
	Operations []trace.Operation // in the order called
	// Checked is what was asked of Model: Operations without those that did not happen, with ends for those
	// whose effect was seen. Call is Called.Position of the operation.
	Checked []porcupine.Operation
}

// Judgement is what a linearizability check came to.
type Judgement uint8

// The judgements. Undecided is neither of the others and is never reported as one of them.
const (
	Linearizable    Judgement = iota // some order of the operations explains every answer
	NotLinearizable                  // none does
	Undecided                        // the time was over first
)

func (j Judgement) String() string {
	return [...]string{"linearizable", "not linearizable", "unknown"}[j]
}
