package check_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

// atMost holds while a fact was noted at most so often, and at least once by the end.
type atMost struct {
	fact  fact
	most  int
	seen  int
	state func() error // what a scan sees; nil: nothing
}

func (a *atMost) Name() string { return "few of " + string(a.fact) }

func (a *atMost) Observe(o check.Observation) error {
	if o.Event == a.fact {
		a.seen++
	}
	if a.seen > a.most {
		return errors.New("one too many")
	}
	return nil
}

func (a *atMost) Scan() error {
	if a.state == nil {
		return nil
	}
	return a.state()
}

func (a *atMost) End() error {
	if a.seen == 0 {
		return errors.New("none at all")
	}
	return nil
}

func noting(times int) func(env core.Env) {
	return func(env core.Env) {
		for range times {
			_ = env.Sleep(env.Context(), time.Second)
			env.Note(fact("go"))
		}
	}
}

func TestBrokenInvariantEndsTheRunAtThatStep(t *testing.T) {
	o := run(func(r *check.Run) {
		r.Hold(&atMost{fact: "go", most: 2})
		inTask(r, noting(10))
	})
	f := o.Failure
	require.NotNil(t, f)
	assert.True(t, f.Invariant)
	assert.Equal(t, "few of go", f.Key)
	assert.Equal(t, "one too many", f.Message)
	assert.Equal(t, "n1/work", f.Who)
	assert.Equal(t, 3*time.Second, f.At)
	assert.Equal(t, f.At, o.Virtual)
}

func TestInvariantMayAskForWhatMustHaveHappened(t *testing.T) {
	o := run(func(r *check.Run) {
		r.Hold(&atMost{fact: "stop", most: 2})
		inTask(r, noting(10))
	})
	require.NotNil(t, o.Failure)
	assert.Equal(t, "none at all", o.Failure.Message)
}

func TestInvariantThatHoldsIsSilent(t *testing.T) {
	o := run(func(r *check.Run) {
		r.Hold(&atMost{fact: "go", most: 10})
		inTask(r, noting(10))
	})
	assert.Nil(t, o.Failure)
}

func TestScannersLookWhileTheRunGoesOnAndAtItsEnd(t *testing.T) {
	looks := 0
	look := func() error { looks++; return nil }
	o := run(func(r *check.Run) {
		r.Hold(&atMost{fact: "go", most: 5000, state: look})
		inTask(r, noting(2000))
	})
	require.Nil(t, o.Failure)
	assert.Greater(t, looks, 2000/256)

	looks = 0
	o = run(func(r *check.Run) {
		r.Hold(&atMost{fact: "go", most: 5, state: look})
		inTask(r, noting(1))
	})
	require.Nil(t, o.Failure)
	assert.Equal(t, 1, looks, "a run shorter than the distance of two scans is looked at once, at its end")
}

func TestScanThatFailsEndsTheRun(t *testing.T) {
	o := run(func(r *check.Run) {
		r.Hold(&atMost{fact: "go", most: 5000, state: func() error { return errors.New("state is off") }})
		inTask(r, noting(2000))
	})
	require.NotNil(t, o.Failure)
	assert.Equal(t, "state is off", o.Failure.Message)
	assert.Less(t, o.Virtual, 1000*time.Second)
}

func TestJudgeNeedsNoWorldAndTakesFactsFromAnyGoroutine(t *testing.T) {
	watched := &atMost{fact: "go", most: 99}
	judge := check.NewJudge(watched)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			for range 10 {
				judge.Observe(check.Observation{Node: "real", Event: fact("go")})
			}
		})
	}
	all.Wait()
	assert.Equal(t, 100, watched.seen)
	broken := judge.End()
	require.NotNil(t, broken)
	assert.EqualError(t, broken, `invariant "few of go" broken: one too many`)
	assert.Equal(t, "real", broken.Last.Node)
}

func TestRunTakesFactsOfRealNodes(t *testing.T) {
	o := run(func(r *check.Run) {
		r.Hold(&atMost{fact: "go", most: 1})
		for range 2 {
			r.Observe(sim.Observation{Node: "real", Event: fact("go")})
		}
	})
	require.NotNil(t, o.Failure)
	assert.Equal(t, "few of go", o.Failure.Key)
	assert.Equal(t, "real", o.Failure.Who)
}

func TestNobodyIsAskedOnceAnInvariantBroke(t *testing.T) {
	first, second := &atMost{fact: "go", most: 0}, &atMost{fact: "go", most: 0}
	judge := check.NewJudge(first, second)
	broken := judge.Observe(check.Observation{Node: "a", Event: fact("go")})
	require.NotNil(t, broken)
	assert.Same(t, broken, judge.Observe(check.Observation{Node: "b", Event: fact("go")}))
	assert.Same(t, broken, judge.Scan())
	assert.Same(t, broken, judge.End())
	assert.Equal(t, "a", broken.Last.Node)
	assert.Equal(t, 1, first.seen)
	assert.Zero(t, second.seen)
}
