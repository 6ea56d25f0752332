package explore

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"time"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// Shrinking bounds how much is done to make a failure small. The zero value is what a person waits for.
type Shrinking struct {
	// Runs bounds the runs, about. Zero: no bound but For.
	Runs int
	// For bounds the time by Now. Zero: 10 s, or no bound where Runs is one. A run that has begun is
	// finished.
	For time.Duration
	// Now tells the time that For is measured in. Nil: the real one.
	Now func() time.Time
	// Parallel is the number of runs at once. Zero: one a core. What comes out does not depend on it, as
	// long as no bound is met.
	Parallel int
	// Progress, if set, is told of every smaller failure.
	Progress func(Progress)
}

// Progress is how far a failure has been shrunk.
type Progress struct {
	Scenario string
	Before   int // choices that were not quiet
	Choices  int // of them left
	Runs     int
}

const defaultShrinkFor = 10 * time.Second

// Shrunk is a failure, reduced to the choices that matter.
type Shrunk struct {
	File    File    // holds what is left; its seed and strategy are the original's
	Outcome Outcome // of the reduced run, with its trace
	Asked   uint64  // choices that the reduced run asked
	Before  int     // choices of the original that were not quiet
	Runs    int     // that it took
	// Flips says of every choice that is left what becomes of the run without it, by key. One that is
	// missing was not tried: a bound was met.
	Flips map[string]Flip
}

// Flip is what becomes of a failing run when one of its choices is made the quiet one.
type Flip struct {
	Passes bool
	Key    string // of what fails instead, where it does not pass
}

// Complete tells whether every choice that is left is known to be necessary: without it the run passes or
// fails in another way.
func (s Shrunk) Complete() bool { return len(s.Flips) == len(s.File.Choices) }

// Shrink looks for a smaller failure of the same key: whole kinds of choices, faults and configuration
// first, then streams, then single choices are made quiet, and what is left gets smaller answers, for as
// long as the run fails with that key and the bounds allow. At the end it tries simpler failures of that key
// beside it: one answer, as late as can be, in an otherwise quiet run (where many choices are left, also
// before single ones are left out); the same under other random numbers; one long wait for two. When ctx ends
// it keeps the best so far.
//
// The reduced failure has been replayed from its file before it is returned. The error says that it, or the
// original, did not come back: then something but the chooser decides.
func (s Shrinking) Shrink(ctx context.Context, body Body, original File) (Shrunk, error) {
	h := &shrinker{
		Shrinking: s, ctx: ctx, body: body, key: original.Failure.Key, who: original.Failure.Who,
		scenario: original.Scenario, seed: original.Seed, step: original.Failure.Step,
		best: maps.Clone(original.Choices), before: len(original.Choices), known: map[uint64]Flip{},
	}
	h.defaults()
	h.search()
	shrunk, err := h.conclude(original)
	if err != nil {
		return Shrunk{}, fmt.Errorf("shrink %s: %w", original.Scenario, err)
	}
	return shrunk, nil
}

func (h *shrinker) defaults() {
	if h.Now == nil {
		h.Now = time.Now
	}
	if h.For == 0 && h.Runs == 0 {
		h.For = defaultShrinkFor
	}
	if h.Parallel <= 0 {
		h.Parallel = runtime.GOMAXPROCS(0)
	}
	if h.For > 0 {
		h.until = h.Now().Add(h.For)
	}
}

// conclude replays what is left, records it and makes it a file, which is replayed once more.
func (h *shrinker) conclude(original File) (Shrunk, error) {
	recorder := choice.NewRecorder(choice.NewReplayer(h.best, nil))
	outcome := h.body(recorder, true)
	if outcome.Failure == nil || outcome.Failure.Key != h.key {
		return Shrunk{}, fmt.Errorf("%q did not come back when its %d choices were replayed",
			h.key, len(h.best))
	}
	file := NewFile(original.Scenario, original.Strategy, original.Seed, outcome, recorder.Answers())
	file.ShrunkFrom = max(original.ShrunkFrom, h.before)
	file.Told = toldOf(outcome, file.Choices)
	answer, err := Replay(file, h.body)
	if err == nil && answer.Verdict != Identical {
		err = fmt.Errorf("its file replayed as: %s", answer.Verdict)
	}
	if err != nil {
		return Shrunk{}, err
	}
	flips, all := map[string]Flip{}, h.best.identity()
	for key := range file.Choices {
		rest := all // without the key: its identity is a sum
		if answer, there := h.best[key]; there {
			rest -= choice.HashString(uint64(answer), key)
		}
		if flip, tried := h.known[rest]; tried {
			flips[key] = flip
		}
	}
	file.Unverified = len(file.Choices) - len(flips)
	return Shrunk{
		File: file, Outcome: outcome, Asked: recorder.Asked(), Before: h.before, Runs: h.runs, Flips: flips,
	}, nil
}

// toldOf says the choices of a file in words.
func toldOf(o Outcome, choices Choices) map[string]string {
	told := map[string]string{}
	for _, c := range o.Choices {
		if _, kept := choices[c.Key]; kept {
			told[c.Key] = fmt.Sprintf("+%v %s %s", c.At, c.Lane, c.Text)
		}
	}
	return told
}
