package simtest_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/check/model"
	"github.com/windtunnel/windtunnel/sim/simtest"
)

// The tests below fail, which is what they are for: failing_test.go runs this binary with the variable that
// lets them, and looks at what it prints.
const fixtures = "SIMTEST_FIXTURES"

func fixture(name string) bool { return strings.Contains(os.Getenv(fixtures), name) }

// raised lets tasks of one node read a number, wait, and write it back raised by one. Without a lock an
// update is lost whenever two wait at once.
func raised(r *check.Run, tasks int, locked bool) {
	w := r.World(sim.Config{})
	n := w.AddNode("n1", func(core.Env) {})
	number := 0
	var mu sync.Locker
	for i := range tasks {
		w.Workload(n, string(rune('a'+i)), func(env core.Env) {
			if mu == nil {
				mu = env.NewLocker()
			}
			if locked {
				mu.Lock()
				defer mu.Unlock()
			}
			read := number
			require.NoError(r, env.Sleep(env.Context(), time.Millisecond))
			number = read + 1
		})
	}
	w.Run()
	require.Equal(r, tasks, number)
}

func race(r *check.Run, locked bool) { raised(r, 2, locked) }

func TestFixtureRace(t *testing.T) {
	if fixture("race") {
		simtest.Check(t, func(r *check.Run) { race(r, fixture("fixed")) })
	}
}

// TestFixtureStale has a copy of a value that is read before it is brought up to date.
func TestFixtureStale(t *testing.T) {
	if !fixture("stale") {
		return
	}
	simtest.Check(t, func(r *check.Run) {
		w, h := r.World(sim.Config{}), r.NewHistory()
		n := w.AddNode("n1", func(core.Env) {})
		value, reader := 0, 0
		w.Workload(n, "writer", func(env core.Env) {
			op := h.Call(0, model.Write[int]{Value: 1})
			value = 1
			op.Return(nil)
			require.NoError(r, env.Sleep(env.Context(), time.Millisecond))
			reader = value
		})
		w.Workload(n, "reader", func(env core.Env) {
			for range 3 {
				h.Call(1, model.Read{}).Return(reader)
				require.NoError(r, env.Sleep(env.Context(), time.Millisecond))
			}
		})
		w.Run()
		r.Linearizable("the register", model.Register(0), h, time.Minute)
	})
}

func TestFixtureSharedState(t *testing.T) {
	if !fixture("shared") {
		return
	}
	var runs atomic.Int64
	simtest.CheckWith(t, simtest.Options{Parallel: 1}, func(r *check.Run) {
		w := r.World(sim.Config{})
		n := w.AddNode("n1", func(core.Env) {})
		pause := time.Duration(runs.Add(1)) * time.Second
		w.Workload(n, "a", func(env core.Env) { _ = env.Sleep(env.Context(), pause) })
		w.Run()
	})
}

func TestFixtureProcess(t *testing.T) {
	if !fixture("process") {
		return
	}
	pause := time.Duration(1 + rand.IntN(1<<30))
	simtest.CheckWith(t, simtest.Options{Seeds: 1, Elsewhere: 1}, func(r *check.Run) {
		w := r.World(sim.Config{})
		n := w.AddNode("n1", func(core.Env) {})
		w.Workload(n, "a", func(env core.Env) { _ = env.Sleep(env.Context(), pause) })
		w.Run()
	})
}

func TestFixtureLeak(t *testing.T) {
	if !fixture("leak") {
		return
	}
	never := make(chan struct{})
	simtest.CheckWith(t, simtest.Options{Seeds: 3}, func(r *check.Run) { go func() { <-never }() })
}

func TestFixtureOuter(t *testing.T) {
	if fixture("outer") {
		simtest.Check(t, func(r *check.Run) { require.NotNil(t, nil) })
	}
}

func TestFixtureBudget(t *testing.T) {
	if !fixture("budget") {
		return
	}
	simtest.Budget(t, simtest.Options{Seeds: 20}, []simtest.Scenario{
		{Name: "holds", Body: func(r *check.Run) { race(r, true) }, Sometimes: []string{"nowhere"}},
		{Name: "breaks", Body: func(r *check.Run) { race(r, false) }, Sometimes: []string{"nowhere"}},
	})
}

// chain is rounds in which three tasks race. Whenever they come in by one order of six, and did in all rounds
// before, the run is one state further; behind the last one it fails. 1 in 1,679,616 runs comes so far.
func chain(r *check.Run) {
	w := r.World(sim.Config{Stalls: sim.Quiet()})
	n := w.AddNode("n1", func(core.Env) {})
	further := 0
	var came string
	for _, name := range []string{"a", "b", "c"} {
		w.Workload(n, name, func(env core.Env) {
			for round := range 8 {
				_ = env.Sleep(env.Context(), time.Second)
				if came += name; strings.HasSuffix(came, "cba") && further == round {
					further++
					r.Reached(fmt.Sprint("round ", further))
				}
				if len(came)%3 == 0 {
					came = ""
				}
			}
		})
	}
	w.Run()
	require.Less(r, further, 8)
}

func TestFixtureChain(t *testing.T) {
	if fixture("chain") {
		simtest.CheckWith(t, simtest.Options{Seeds: 2000}, chain)
	}
}

func FuzzFixture(f *testing.F) {
	simtest.FuzzCheck(f, func(r *check.Run) {
		if fixture("fuzz") {
			raised(r, 8, false)
		}
	})
}

func TestFixtureRapid(t *testing.T) {
	if fixture("rapid") {
		simtest.Rapid(t, func(rt *rapid.T, r *check.Run) {
			tasks := rapid.IntRange(1, 9).Draw(rt, "tasks")
			switch {
			case fixture("panic"):
				panic("of the body")
			case fixture("fatal"):
				rt.Fatal("of rapid")
			}
			raised(r, tasks, false)
		})
	}
}
