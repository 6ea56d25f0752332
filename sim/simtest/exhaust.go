package simtest

import (
	"fmt"
	"testing"
	"time"

	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/explore"
)

// ExhaustOptions says how far an exhaustive search goes. The zero value is what Exhaust uses.
type ExhaustOptions struct {
	// Scenario is the name in failure files. Empty: the test's name.
	Scenario string
	// Reduce leaves out orders that cannot matter, if the body keeps the promise that
	// explore.Exhaustive.Reduce states.
	Reduce bool
	// Most bounds the runs. Zero means explore.MostRuns.
	Most int
	// For bounds the real time. Zero: no bound.
	For time.Duration
	// Partial lets a test pass that did not try everything. Without it that fails: a test which says that it
	// tries every schedule must do so.
	Partial bool
}

// Exhaust runs body under every order in which its tasks can go, and fails t if a run fails or if there are
// too many orders to try them all. It logs how many there were. See explore.Exhaustive for what it does not
// try, and ExhaustWith for bounds.
func Exhaust(t *testing.T, body func(r *check.Run)) {
	t.Helper()
	ExhaustWith(t, ExhaustOptions{}, body)
}

// ExhaustWith is Exhaust with options. It returns what the search came to; after a replay or a kept failure
// that is back, nothing. Of the flags only those of failure files and reports concern it.
func ExhaustWith(t *testing.T, o ExhaustOptions, body func(r *check.Run)) explore.Exhausted {
	t.Helper()
	if o.Scenario == "" {
		o.Scenario = t.Name()
	}
	if _, is := twinRequest(t); is {
		return explore.Exhausted{Scenario: o.Scenario} // another check's: it asks about seeds
	}
	scenario, end := check.Repeated(o.Scenario, body)
	s := suite{scenarios: []explore.Scenario{scenario}}
	if *given.replay != "" {
		defer end()
		s.replay(t)
		return explore.Exhausted{Scenario: o.Scenario}
	}
	f := finding{report: explore.Report{Scenario: o.Scenario, Strategy: explore.ExhaustiveName}}
	var done explore.Exhausted
	var err error
	if f.wrong, f.back, err = kept(t.Context(), scenario, t.Name()); err == nil && len(f.wrong) == 0 {
		done, err = s.exhaust(t, o, &f)
	}
	end()
	if err != nil {
		t.Fatal(err)
	}
	if left := leftover(o.Scenario); left != "" {
		f.wrong = append(f.wrong, left)
	}
	if err := record(f); err != nil {
		t.Error(err)
	}
	f.tell(t)
	return done
}

// exhaust searches, and says in the finding what is wrong.
func (s suite) exhaust(t *testing.T, o ExhaustOptions, f *finding) (explore.Exhausted, error) {
	t.Helper()
	done, err := explore.Exhaustive{
		Scenario: s.scenarios[0], Reduce: o.Reduce, Most: o.Most, For: o.For,
	}.Explore(t.Context())
	f.report.Runs = done.Schedules + done.Twins
	if err != nil {
		return done, err
	}
	t.Log(done)
	switch {
	case done.Found != nil:
		f.report.Found = []explore.Found{*done.Found}
		f.wrong, f.shrinking = s.wrong(t, 0, f.report)
	case !done.Complete && !o.Partial:
		f.wrong = []string{fmt.Sprintf("%v; make it smaller, raise Most, or say Partial\n", done)}
	}
	return done, nil
}
