package check_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// napping has two tasks that sleep and wake each other.
func napping(r *check.Run) *sim.World {
	w := r.World(sim.Config{})
	n := w.AddNode("n1", func(core.Env) {})
	for _, name := range []string{"a", "b"} {
		w.Workload(n, name, func(env core.Env) {
			for range 10 {
				_ = env.Sleep(env.Context(), 1)
				env.Yield("between")
			}
		})
	}
	return w
}

// following counts steps, and checks that each question is asked in the step that it thinks it is.
type following struct {
	choice.Seeded
	world *sim.World
	done  uint64
	wrong int
}

func (f *following) StepDone() { f.done++ }

func (f *following) Choose(c choice.Choice) int {
	if f.world != nil && f.world.Step() > 0 && f.world.Step() != f.done+1 {
		f.wrong++
	}
	return f.Seeded.Choose(c)
}

func TestFollowerIsToldOfEveryStepAndChangesNothing(t *testing.T) {
	f := &following{Seeded: choice.NewSeeded(4)}
	followed := check.Execute(check.Settings{Chooser: f}, func(r *check.Run) {
		f.world = napping(r)
		f.world.Run()
	})
	require.Zero(t, f.wrong)
	assert.Equal(t, followed.Steps+1, f.done, "once more at the end")
	bare := check.Execute(check.Settings{Chooser: choice.NewSeeded(4)}, func(r *check.Run) {
		napping(r).Run()
	})
	assert.Equal(t, bare.Hash, followed.Hash)
}

func TestWatcherSeesEveryStepAndMayEndTheRun(t *testing.T) {
	var steps []uint64
	settings := check.Settings{Chooser: choice.NewSeeded(4), Keep: trace.All, Watch: func(w *sim.World) {
		if steps = append(steps, w.Step()); w.Step() == 7 {
			w.Fail("enough", "")
		}
	}}
	o := check.Execute(settings, func(r *check.Run) { napping(r).Run() })
	assert.Equal(t, []uint64{1, 2, 3, 4, 5, 6, 7}, steps)
	require.NotNil(t, o.Failure)
	assert.Equal(t, "enough", o.Failure.Key)
}

func TestWatcherSeesTheStateInWhichAnAssertionFails(t *testing.T) {
	state := ""
	settings := check.Settings{Watch: func(w *sim.World) {
		if w.Failure() != nil {
			state = w.State()
		}
	}}
	check.Execute(settings, func(r *check.Run) {
		inTask(r, func(core.Env) { r.Fatalf("here") })
	})
	assert.Contains(t, state, "n1/work runs\n")
}
