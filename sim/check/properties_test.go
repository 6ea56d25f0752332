package check_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/explore"
)

// wrongForAStep has a number that is wrong between two steps only, long before the first scan.
func wrongForAStep(r *check.Run, hold func(number *int)) {
	number := 0
	hold(&number)
	inTask(r, func(env core.Env) {
		_ = env.Sleep(env.Context(), time.Second)
		number++
		_ = env.Sleep(env.Context(), time.Second)
		number--
	})
}

func notZero(number *int) func() error {
	return func() error {
		if *number != 0 {
			return fmt.Errorf("it is %d", *number)
		}
		return nil
	}
}

func TestAlwaysLooksAfterEveryStep(t *testing.T) {
	o := run(func(r *check.Run) {
		wrongForAStep(r, func(number *int) { r.Hold(check.Always("zero", notZero(number))) })
	})
	require.NotNil(t, o.Failure)
	assert.True(t, o.Failure.Invariant)
	assert.Equal(t, "zero", o.Failure.Key)
	assert.Equal(t, "it is 1", o.Failure.Message)
	assert.Equal(t, time.Second, o.Failure.At)

	o = run(func(r *check.Run) {
		wrongForAStep(r, func(number *int) { r.Hold(&atMost{fact: "x", state: notZero(number)}) })
	})
	require.NotNil(t, o.Failure)
	assert.Equal(t, "none at all", o.Failure.Message, "a scan does not see it")
}

func TestAlwaysMayBeHeldOnceItsWorldIsThere(t *testing.T) {
	looks := 0
	o := run(func(r *check.Run) {
		w := r.World(sim.Config{})
		w.Workload(w.AddNode("n1", nil), "work", noting(10))
		for range 2 {
			r.Hold(check.Always("counted", func() error { looks++; return nil }))
		}
		w.Run()
	})
	require.Nil(t, o.Failure)
	assert.EqualValues(t, 2*(o.Steps+1), looks, "each once a step, and once at the end")
}

func TestUnreachableFailsByItsName(t *testing.T) {
	o := run(func(r *check.Run) {
		inTask(r, func(core.Env) { r.Unreachable("two leaders", "in term %d", 7) })
	})
	require.NotNil(t, o.Failure)
	assert.True(t, o.Failure.Invariant)
	assert.Equal(t, "two leaders", o.Failure.Key)
	assert.Equal(t, "in term 7", o.Failure.Message)
	assert.Equal(t, "n1/work", o.Failure.Who)
}

// recovering has one node, which is down until the last fault is over at about +10s and then takes some time
// until it serves. The run lasts.
func recovering(serves, lasts time.Duration, healed check.Healed) explore.Outcome {
	settings := check.Settings{Name: "recovering", Chooser: choice.NewSeeded(3)}
	return check.Execute(settings, func(r *check.Run) {
		w := r.World(sim.Config{Stalls: sim.Quiet()})
		served := time.Duration(-1)
		w.AddNode("server", func(env core.Env) {
			_ = env.Sleep(env.Context(), serves)
			served = w.Now()
			_ = env.Sleep(env.Context(), core.Forever)
		})
		w.Workload(w.AddNode("clock", nil), "wait", func(env core.Env) {
			for w.Now() < lasts {
				_ = env.Sleep(env.Context(), 100*time.Millisecond)
			}
		})
		healed.Name = "it serves"
		healed.Holds = func(healed time.Duration) error {
			if served < healed {
				return errors.New("nothing was served since")
			}
			return nil
		}
		r.Hold(check.Eventually(w, healed))
		require.NoError(r, w.Inject(sim.Faults{
			Kinds: []sim.FaultKind{sim.FaultCrash}, NoSwarm: true, Intensity: 20, Until: 10 * time.Second,
			Nodes: map[sim.FaultKind][]string{sim.FaultCrash: {"server"}},
		}))
		w.Run()
	})
}

func TestEventuallyBreaksWhenItIsNotSoInTime(t *testing.T) {
	o := recovering(8*time.Second, time.Minute, check.Healed{Within: 5 * time.Second})
	require.NotNil(t, o.Failure)
	assert.True(t, o.Failure.Invariant)
	assert.Equal(t, "it serves", o.Failure.Key)
	assert.Regexp(t, `^not so 5s after the last fault, which ended at \+\d\.\d+s: nothing was served since$`,
		o.Failure.Message)
	assert.Less(t, o.Virtual, 16*time.Second)
}

func TestEventuallyHoldsExcusesAndCounts(t *testing.T) {
	for name, c := range map[string]struct {
		serves, lasts time.Duration
		excused       bool
		want          explore.Eventual
	}{
		"in time": {serves: 4 * time.Second, lasts: time.Minute, want: explore.Eventual{Held: 1}},
		"late, excused": {
			serves: 8 * time.Second, lasts: time.Minute, excused: true, want: explore.Eventual{Excused: 1},
		},
		"in time, with an excuse": {
			serves: 4 * time.Second, lasts: time.Minute, excused: true, want: explore.Eventual{Held: 1},
		},
		"ended before it was due": {
			serves: 8 * time.Second, lasts: 12 * time.Second, excused: true, want: explore.Eventual{Early: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.want.Name = "it serves"
			o := recovering(c.serves, c.lasts, check.Healed{
				Within: 5 * time.Second, Excused: func() bool { return c.excused },
			})
			require.Nil(t, o.Failure)
			assert.Equal(t, []explore.Eventual{c.want}, o.Eventually)
		})
	}
}

// Nothing happens between the end of the faults and long after the time is over: what happens then is late.
func TestEventuallyIsNotHeldByAStepThatComesTooLate(t *testing.T) {
	for _, early := range []bool{false, true} {
		o := run(func(r *check.Run) {
			w := r.World(sim.Config{Stalls: sim.Quiet()})
			so := false
			r.Hold(check.Eventually(w, check.Healed{
				Name: "so", Within: time.Second, From: func() time.Duration { return time.Second },
				Holds: func(time.Duration) error {
					if !so {
						return errors.New("it is not")
					}
					return nil
				},
			}))
			w.Workload(w.AddNode("n1", nil), "work", func(env core.Env) {
				so = early
				_ = env.Sleep(env.Context(), 1500*time.Millisecond)
				_ = env.Sleep(env.Context(), time.Hour)
				so = true
				_ = env.Sleep(env.Context(), time.Hour)
			})
			w.Run()
		})
		assert.Equal(t, early, o.Failure == nil)
	}
}
