package check_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/trace"
)

func run(body func(*check.Run)) explore.Outcome {
	return check.Execute(check.Settings{Name: "test", Keep: trace.All}, body)
}

// inTask runs f as the one workload task of a World.
func inTask(r *check.Run, f func(env core.Env)) *sim.World {
	w := r.World(sim.Config{})
	w.Workload(w.AddNode("n1", func(core.Env) {}), "work", f)
	w.Run()
	return w
}

type fact string

func (f fact) AppendText(b []byte) []byte { return append(b, f...) }

func TestRunThatHoldsHasNoFailure(t *testing.T) {
	o := run(func(r *check.Run) {
		inTask(r, func(env core.Env) { require.NoError(r, env.Sleep(env.Context(), time.Second)) })
		assert.Equal(r, "test", r.Name())
	})
	assert.Nil(t, o.Failure)
	assert.Equal(t, time.Second, o.Virtual)
	assert.NotZero(t, o.Hash)
	assert.NotEmpty(t, o.Trace)
}

func TestRequireInATaskEndsTheRunAtThatStep(t *testing.T) {
	deferred, after := false, false
	o := run(func(r *check.Run) {
		inTask(r, func(env core.Env) {
			defer func() { deferred = true }()
			_ = env.Sleep(env.Context(), time.Second)
			require.Equal(r, "a", "b", "letters of %s", "n1")
			after = true
		})
	})
	require.NotNil(t, o.Failure)
	assert.Regexp(t, `^sim/check/run_test.go:\d+$`, o.Failure.Key)
	assert.Equal(t, "github.com/windtunnel/windtunnel/sim/check_test."+
		"TestRequireInATaskEndsTheRunAtThatStep.func1.1", o.Failure.Function)
	assert.Equal(t, time.Second, o.Failure.At)
	assert.Equal(t, "n1/work", o.Failure.Who)
	assert.NotContains(t, o.Failure.Message, "Error Trace")
	assert.Contains(t, o.Failure.Message, "letters of n1")
	assert.True(t, deferred)
	assert.False(t, after)
}

func TestAssertInATaskLetsTheStepGoOn(t *testing.T) {
	sameStep, nextStep := false, false
	o := run(func(r *check.Run) {
		inTask(r, func(env core.Env) {
			assert.True(r, false)
			sameStep = true
			_ = env.Sleep(env.Context(), time.Second)
			nextStep = true
		})
	})
	require.NotNil(t, o.Failure)
	assert.True(t, sameStep)
	assert.False(t, nextStep)
}

func TestFirstFailureCounts(t *testing.T) {
	o := run(func(r *check.Run) {
		inTask(r, func(core.Env) { r.Fatalf("first") })
		r.Errorf("second")
	})
	require.NotNil(t, o.Failure)
	assert.Equal(t, "first", o.Failure.Message)
}

func TestFailNowInTheBodyEndsIt(t *testing.T) {
	deferred, after := false, false
	o := run(func(r *check.Run) {
		defer func() { deferred = true }()
		w := r.World(sim.Config{})
		w.AddNode("n1", func(core.Env) {})
		r.FailNow()
		after = true
	})
	require.NotNil(t, o.Failure)
	assert.Regexp(t, `^sim/check/run_test.go:\d+$`, o.Failure.Key)
	assert.True(t, deferred)
	assert.False(t, after)
}

func TestKeyIsOfTheCallerOfAHelper(t *testing.T) {
	failing := func(r *check.Run) { assertNothing(r) }
	here := run(failing).Failure
	require.NotNil(t, here)
	assert.Contains(t, here.Function, "TestKeyIsOfTheCallerOfAHelper")
}

func assertNothing(r *check.Run) {
	r.Helper()
	require.Fail(r, "nothing holds")
}

func TestPanicIsAFailureAtItsPlace(t *testing.T) {
	inBody := run(func(*check.Run) { panic("in the body") }).Failure
	inside := run(func(r *check.Run) {
		inTask(r, func(core.Env) {
			var m map[string]int
			m["a"] = 1
		})
	}).Failure
	for _, f := range []*explore.Failure{inBody, inside} {
		require.NotNil(t, f)
		assert.Regexp(t, `^sim/check/run_test.go:\d+$`, f.Key)
		assert.Contains(t, f.Function, "TestPanicIsAFailureAtItsPlace")
		assert.Contains(t, f.Stack, "run_test.go")
		assert.NotContains(t, f.Stack, "goroutine", "the same failure has the same text in every run")
	}
	assert.Equal(t, "panic: in the body", inBody.Message)
	assert.Equal(t, "n1/work", inside.Who)
}

func TestWhatTheWorldFindsIsTheRuns(t *testing.T) {
	o := run(func(r *check.Run) {
		inTask(r, func(env core.Env) { _ = env.NewSignal().Wait(env.Context(), core.Forever) })
		r.Errorf("a consequence")
	})
	require.NotNil(t, o.Failure)
	assert.Equal(t, sim.KeyDeadlock, o.Failure.Key)
}

func TestWorldThatNeverRanIsAFailure(t *testing.T) {
	o := run(func(r *check.Run) { r.World(sim.Config{}).AddNode("n1", func(core.Env) {}) })
	require.NotNil(t, o.Failure)
	assert.Equal(t, "never run", o.Failure.Key)
}

func TestDrawnValuesAreChoicesAndAreShown(t *testing.T) {
	body := func(r *check.Run) { check.Draw(r, "workers", 2, 3, 5) }
	quiet := check.Execute(check.Settings{Chooser: choice.NewReplayer(nil, nil)}, body)
	assert.Equal(t, []explore.Setting{{Name: "workers", Value: "2"}}, quiet.Config)

	recorder := choice.NewRecorder(choice.NewReplayer(map[string]int{"config draw workers 0": 2}, nil))
	loud := check.Execute(check.Settings{Chooser: recorder}, body)
	assert.Equal(t, []explore.Setting{{Name: "workers", Value: "5"}}, loud.Config)
	assert.Equal(t, map[string]int{"config draw workers 0": 2}, recorder.Answers())
}

func TestSwarmIsAboutWhatItDrew(t *testing.T) {
	var in []string
	body := func(r *check.Run) { in = check.Swarm(r, "operations", "read", "write", "cancel") }
	quiet := check.Execute(check.Settings{Chooser: choice.NewReplayer(nil, nil)}, body)
	assert.Empty(t, in)
	assert.Equal(t, []explore.Setting{{Name: "operations", Value: "none"}}, quiet.Config)

	answers := map[string]int{"config swarm operations read 0": 1, "config swarm operations cancel 0": 1}
	recorder := choice.NewRecorder(choice.NewReplayer(answers, nil))
	loud := check.Execute(check.Settings{Chooser: recorder}, body)
	assert.Equal(t, []string{"read", "cancel"}, in)
	assert.Equal(t, []explore.Setting{{Name: "operations", Value: "read, cancel"}}, loud.Config)
	assert.Equal(t, answers, recorder.Answers())

	seen := map[string]int{}
	for seed := range uint64(100) {
		check.Execute(check.Settings{Chooser: choice.NewSeeded(seed)}, body)
		seen[strings.Join(in, " ")]++
	}
	assert.Len(t, seen, 8, "every subset: %v", seen)
}

func TestWorldsOfOneRunChooseApart(t *testing.T) {
	recorder := choice.NewRecorder(choice.NewSeeded(3))
	o := check.Execute(check.Settings{Chooser: recorder}, func(r *check.Run) {
		for range 2 {
			inTask(r, func(env core.Env) { _ = env.Sleep(env.Context(), time.Second) })
		}
	})
	require.Nil(t, o.Failure)
	assert.Equal(t, 2*time.Second, o.Virtual)
	answers := recorder.Answers()
	first, second := answers["pick n1#0/work 0"], answers["pick world2/n1#0/work 0"]
	assert.NotZero(t, first)
	assert.NotZero(t, second)
	assert.NotEqual(t, first, second)
}

func TestSameSeedIsTheSameRun(t *testing.T) {
	body := func(r *check.Run) {
		w := r.World(sim.Config{})
		n := w.AddNode("n1", func(core.Env) {})
		for i := range 3 {
			w.Workload(n, fmt.Sprint("w", i), func(env core.Env) {
				for range 10 {
					_ = env.Sleep(env.Context(), time.Duration(1+env.Rand().IntN(5))*time.Millisecond)
					env.Note(fact("slept"))
					r.Reached("slept")
				}
			})
		}
		w.Run()
	}
	execute := func(seed uint64) explore.Outcome {
		return check.Execute(check.Settings{Chooser: choice.NewSeeded(seed)}, body)
	}
	assert.Equal(t, execute(1), execute(1))
	assert.NotEqual(t, execute(1).Hash, execute(2).Hash)
	assert.Equal(t, []explore.Count{{Name: "slept", Times: 30}}, execute(1).Reached)
}

func TestKeepingATraceChangesNothing(t *testing.T) {
	body := func(r *check.Run) {
		inTask(r, func(env core.Env) {
			r.Logf("line %d", 1)
			env.Log().Info("line 2")
			r.Fatalf("enough")
		})
	}
	kept, bare := run(body), check.Execute(check.Settings{Name: "test"}, body)
	assert.Equal(t, bare.Hash, kept.Hash)
	assert.Empty(t, bare.Trace)
	var lines []string
	for _, e := range kept.Trace {
		if e.Kind == trace.Log {
			lines = append(lines, e.Text)
		}
	}
	assert.ElementsMatch(t, []string{"line 1", `level=INFO msg="line 2"`}, lines)
}

func TestFailureFromARealGoroutineIsTaken(t *testing.T) {
	o := run(func(r *check.Run) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			require.NoError(r, context.Canceled)
		}()
		<-done
		assert.True(r, r.Failed())
	})
	require.NotNil(t, o.Failure)
	assert.Contains(t, o.Failure.Message, errors.New("context canceled").Error())
}

func TestFailNowInACallbackEndsTheRun(t *testing.T) {
	for name, arrange := range map[string]func(w *sim.World, look func()){
		"after":   func(w *sim.World, look func()) { w.After(time.Second, "look", look) },
		"every":   func(w *sim.World, look func()) { w.Every(1, look) },
		"observe": func(w *sim.World, look func()) { w.Observe(func(check.Observation) { look() }) },
	} {
		o := run(func(r *check.Run) {
			w := r.World(sim.Config{})
			w.Workload(w.AddNode("n1", func(core.Env) {}), "work", noting(10))
			arrange(w, func() { r.Fatalf("seen") })
			w.Run()
		})
		require.NotNil(t, o.Failure, name)
		assert.Equal(t, "seen", o.Failure.Message, name)
		assert.Less(t, o.Virtual, 5*time.Second, name)
	}
}

func TestSecondWorldUnderAPickerReplaysByItsOwnNames(t *testing.T) {
	body := func(r *check.Run) {
		for range 2 {
			w := r.World(sim.Config{})
			n := w.AddNode("n", nil)
			for _, name := range []string{"a", "b", "c"} {
				w.Workload(n, name, func(env core.Env) {
					env.Yield("here")
					_ = env.Sleep(env.Context(), time.Millisecond)
				})
			}
			w.Run()
		}
	}
	seconds := 0
	for seed := range uint64(30) {
		recorder := choice.NewRecorder(choice.NewPOS(seed))
		recorded := check.Execute(check.Settings{Name: "two worlds", Chooser: recorder}, body)
		replayer := choice.NewReplayer(recorder.Answers(), nil)
		replayed := check.Execute(check.Settings{Name: "two worlds", Chooser: replayer}, body)
		require.Equal(t, recorded.Hash, replayed.Hash)
		require.Empty(t, replayer.NeverAsked())
		for key := range recorder.Answers() {
			if strings.HasPrefix(key, "pick world2/") {
				seconds++
			}
		}
	}
	require.NotZero(t, seconds)
}
