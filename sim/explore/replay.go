package explore

import (
	"fmt"
	"strings"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// Answer is what the replay of a failure file came to.
type Answer struct {
	Verdict Verdict
	Outcome Outcome // with trace and logs
	// NeverAsked lists recorded choices that the run did not come to: what they decided is no longer there,
	// or no longer happens.
	NeverAsked []string
	// OutOfRange lists recorded choices that now have fewer alternatives than the recorded answer needs.
	OutOfRange []string
}

// Verdict says how a replay compares with what was recorded.
type Verdict uint8

// The verdicts. Only Gone is a run in which everything held.
const (
	Identical    Verdict = iota // the same failure by the same trace
	SameFailure                 // the same failure by another trace: the code has changed, the bug has not
	OtherFailure                // it fails, but not with the recorded key
	Gone                        // everything held
)

func (v Verdict) String() string {
	names := [...]string{"identical", "same failure, other trace", "another failure", "gone"}
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
	outcome := body(replayer, true)
	answer := Answer{
		Outcome: outcome, NeverAsked: replayer.NeverAsked(), OutOfRange: replayer.OutOfRange(),
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

// Explain says the answer in words, for a person who has just replayed f.
func (a Answer) Explain(f File) string {
	s := "replayed: " + a.Verdict.String()
	if a.Verdict == OtherFailure {
		s += fmt.Sprintf(" (recorded %q, now %q)", f.Failure.Key, a.Outcome.Failure.Key)
	}
	s += listed(a.NeverAsked, f, "were never asked")
	return s + listed(a.OutOfRange, f, "now have fewer alternatives")
}

func listed(keys []string, f File, what string) string {
	if len(keys) == 0 {
		return ""
	}
	const most = 5
	s := fmt.Sprintf("; %d of %d recorded choices %s: ", len(keys), len(f.Choices), what)
	if len(keys) > most {
		return s + strings.Join(keys[:most], ", ") + fmt.Sprintf(" and %d more", len(keys)-most)
	}
	return s + strings.Join(keys, ", ")
}
