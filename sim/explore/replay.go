package explore

import (
	"fmt"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// Answer is what the replay of a failure file came to.
type Answer struct {
	Verdict Verdict
	Outcome Outcome // with trace and logs
	Asked   uint64  // choices that the run asked
	// NeverAsked lists recorded choices that the run did not come to: what they decided is no longer there,
	// or no longer happens.
	NeverAsked []string
	// OutOfRange lists recorded choices that now have fewer alternatives than the recorded answer needs.
	OutOfRange []string
	// Choices of the run that were not quiet.
	Choices Choices
	// Nearby says, with the verdict Nearby, which schedule next to the recorded one it was that failed.
	Nearby string
	Tried  int // schedules next to the recorded one that were tried
}

// Verdict says how a replay compares with what was recorded.
type Verdict uint8

// The verdicts. Only Gone is a run in which everything held.
const (
	Identical    Verdict = iota // the same failure by the same trace
	SameFailure                 // the same failure by another trace: the code has changed, the bug has not
	Nearby                      // the recorded choices hold, but ones next to them fail in the same way
	OtherFailure                // it fails, but not with the recorded key
	Gone                        // everything held
)

func (v Verdict) String() string {
	names := [...]string{
		"identical", "same failure, other trace", "same failure, by other choices", "another failure", "gone",
	}
	if int(v) < len(names) {
		return names[v]
	}
	return "verdict?"
}

// Replay runs body on the recorded choices, and quiet ones wherever nothing was recorded.
func Replay(f File, body Body) (Answer, error) {
	want, err := f.hash()
	if err != nil {
		return Answer{}, fmt.Errorf("replay: %w", err)
	}
	replayer := choice.NewReplayer(f.Choices, nil)
	recorder := choice.NewRecorder(replayer)
	outcome := body(recorder, true)
	answer := Answer{
		Outcome: outcome, Asked: recorder.Asked(), Choices: recorder.Answers(),
		NeverAsked: replayer.NeverAsked(), OutOfRange: replayer.OutOfRange(),
	}
	switch {
	case outcome.Failure == nil:
		answer.Verdict = Gone
	case !outcome.Failure.Same(f.failure()):
		answer.Verdict = OtherFailure
	case outcome.Hash == want:
		answer.Verdict = Identical
	default:
		answer.Verdict = SameFailure
	}
	return answer, nil
}
