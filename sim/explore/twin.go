package explore

import (
	"fmt"
	"slices"

	"github.com/windtunnel/windtunnel/sim/trace"
)

// Divergence says that one seed had two different traces: something outside the chooser decided.
type Divergence struct {
	Scenario      string
	Index         int
	Seed          uint64
	Mutated       bool   // the run is not its seed's alone: guidance changed one that was kept
	Where         string // between which two runs
	First, Second uint64 // their trace hashes
	// Event is the number, from 0, of the first event that differs, and the two events as text; -1 where
	// neither run with a kept trace showed it.
	Event                   int
	FirstEvent, SecondEvent string
}

func (d *Divergence) Error() string {
	s := fmt.Sprintf("not deterministic: %s of %s has trace %016x and, %s, trace %016x",
		d.whose(), d.Scenario, d.First, d.Where, d.Second)
	if d.Event < 0 {
		return s + "; runs with a kept trace did not show the difference: is something shared between runs?"
	}
	return fmt.Sprintf("%s\nfirst difference, event %d:\n  %s\n  %s", s, d.Event, d.FirstEvent, d.SecondEvent)
}

func (d *Divergence) whose() string {
	if d.Mutated {
		return fmt.Sprintf("run %d of the campaign, which guidance made,", d.Index+1)
	}
	return fmt.Sprintf("seed %d", d.Seed)
}

// twin runs a seed again and compares.
func twin(body Body, strategy Strategy, first Ran) *Divergence {
	second := body(strategy.New(first.Seed), false)
	if second.Hash == first.Outcome.Hash {
		return nil
	}
	return diverge(body, strategy, first, second.Hash)
}

// diverge looks for the first event that differs, in two more runs of the seed.
func diverge(body Body, strategy Strategy, first Ran, second uint64) *Divergence {
	a, b := body(strategy.New(first.Seed), true), body(strategy.New(first.Seed), true)
	d := &Divergence{
		Scenario: first.Scenario, Index: first.Index, Seed: first.Seed, Mutated: first.Mutated(),
		Where: "run again in this process",
		First: first.Outcome.Hash, Second: second,
	}
	d.Event, d.FirstEvent, d.SecondEvent = FirstDifference(a.Trace, b.Trace)
	return d
}

// FirstDifference returns the number of the first event that differs and the two events as text, or -1. It
// looks from the start: a run may have several Worlds, whose hashes begin anew, so there is no halving. Log
// lines are left out, they are no part of a run's identity.
func FirstDifference(a, b []trace.Event) (at int, first, second string) {
	a, b = withoutLogs(a), withoutLogs(b)
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i].Hash != b[i].Hash || a[i].ID != b[i].ID {
			return i, textAt(a, i), textAt(b, i)
		}
	}
	return -1, "", ""
}

func withoutLogs(events []trace.Event) []trace.Event {
	return slices.DeleteFunc(slices.Clone(events), func(e trace.Event) bool { return e.Kind == trace.Log })
}

func textAt(events []trace.Event, i int) string {
	if i >= len(events) {
		return "(the run had ended)"
	}
	return events[i].String()
}

// rerun runs a failing seed with a recorder, and insists on the same failure and the same trace.
func rerun(body Body, strategy Strategy, first Ran) (Found, *Divergence) {
	chooser, recorder := recording(strategy.New(first.Seed))
	outcome := body(chooser, true)
	if outcome.Hash != first.Outcome.Hash || !outcome.Failure.Same(first.Outcome.Failure) {
		return Found{}, diverge(body, strategy, first, outcome.Hash)
	}
	return Found{
		Index: first.Index, Seed: first.Seed, Outcome: outcome, Asked: recorder.Asked(),
		File: File{Choices: recorder.Answers()},
	}, nil
}
