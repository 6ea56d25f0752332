package explore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// ExhaustiveName is the strategy's name in the files of failures that an exhaustive search found.
const ExhaustiveName = "exhaustive"

// Exhaustive tries every order in which a scenario's ready tasks can go, one schedule after the other. All
// other choices are quiet: no faults, no stalls, base latencies. What the network and timers of contexts do
// at an instant comes before the tasks of that instant. It is for small programs: the number of schedules
// grows faster than exponentially.
type Exhaustive struct {
	Scenario Scenario
	// Reduce leaves out schedules that differ from one that was tried only in the order of steps which touch
	// nothing in common: neither lock, Signal, message nor noted fact. It is a promise of the program's: its
	// tasks share memory only while they hold the same lock, or hand it over by a Signal or a message. A
	// program that breaks the promise may have failures that a reduced search does not find.
	Reduce bool
	// Most bounds the runs. Zero means MostRuns.
	Most int
	// For bounds the real time. Zero: no bound.
	For time.Duration
}

// MostRuns is how many runs an exhaustive search makes unless told otherwise.
const MostRuns = 1_000_000

// Exhausted is what an exhaustive search came to.
type Exhausted struct {
	Scenario  string
	Schedules int     // that were tried; no two are alike
	Twins     int     // runs of a reduced search that turned out to be like an earlier one
	Complete  bool    // there are no others
	Reduced   bool    // as Exhaustive.Reduce
	Covered   float64 // the share that was tried, if branches are of one size; 1 if Complete
	Deepest   int     // the most decisions of a run
	Found     *Found  // the first failure, which ended the search; nil: everything held
}

func (e Exhaustive) validate() error {
	switch {
	case e.Scenario.Name == "" || e.Scenario.Body == nil:
		return errors.New("exhaustive: Scenario needs a Name and a Body")
	case e.Most < 0:
		return fmt.Errorf("exhaustive: Most is %d, must not be negative", e.Most)
	case e.For < 0:
		return fmt.Errorf("exhaustive: For is %v, must not be negative", e.For)
	}
	return nil
}

// Explore searches until everything was tried, something failed, or the bounds or ctx end it. The error says
// that the search itself is not to be trusted: the body is not deterministic.
func (e Exhaustive) Explore(ctx context.Context) (Exhausted, error) {
	if err := e.validate(); err != nil {
		return Exhausted{}, err
	}
	if e.Most == 0 {
		e.Most = MostRuns
	}
	if e.For > 0 {
		bounded, cancel := context.WithTimeout(ctx, e.For)
		defer cancel()
		ctx = bounded
	}
	t := &tree{reduce: e.Reduce}
	done := Exhausted{Scenario: e.Scenario.Name, Reduced: e.Reduce}
	for done.Schedules+done.Twins < e.Most && ctx.Err() == nil {
		t.begin()
		outcome := e.Scenario.Body(t, false)
		if t.lost || t.depth < len(t.path) {
			return done, fmt.Errorf("exhaustive search of %s, schedule %d: %w", e.Scenario.Name,
				done.Schedules+1, errLost)
		}
		if t.twin {
			done.Twins++
		} else {
			done.Schedules++
		}
		done.Deepest = max(done.Deepest, t.depth)
		if outcome.Failure != nil {
			done.Covered = t.covered()
			return done, e.again(t, &done, outcome)
		}
		if !t.advance() {
			done.Complete, done.Covered = true, 1
			return done, nil
		}
	}
	done.Covered = t.covered()
	return done, nil
}

// again runs the failing schedule with a recorder.
func (e Exhaustive) again(t *tree, done *Exhausted, outcome Outcome) error {
	strategy := Strategy{Name: ExhaustiveName, New: func(uint64) choice.Chooser {
		t.begin()
		return t
	}}
	first := Ran{Scenario: e.Scenario.Name, Index: done.Schedules + done.Twins - 1, Outcome: outcome}
	found := again(e.Scenario, strategy, first)
	done.Found = &found
	if found.Diverged != nil {
		return found.Diverged
	}
	return nil
}

// String says how far the search came.
func (e Exhausted) String() string {
	schedules := counted(e.Schedules, "schedule")
	if e.Reduced {
		schedules += " that differ in what matters"
	}
	switch {
	case e.Found != nil:
		return fmt.Sprintf("failed at schedule %s", grouped(e.Schedules))
	case e.Complete:
		return "all " + schedules + ", complete"
	}
	return fmt.Sprintf("%s, not complete: some %.2g %% of what there is", schedules, 100*e.Covered)
}

func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return grouped(n) + " " + what
}

// grouped writes a number with commas between thousands.
func grouped(n int) string {
	digits := fmt.Sprint(n)
	var b strings.Builder
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	return b.String()
}
