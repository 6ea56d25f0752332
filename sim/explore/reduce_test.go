package explore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/choice"
)

// shared is what the tasks of a drawn program share, in the ways that a reduced search allows.
type shared struct {
	locks   []sync.Locker
	values  []int // each under its lock
	bells   []core.Signal
	letters []int // each handed over by its bell
	seen    [][]int
	noted   []string
}

type said string

func (s said) AppendText(b []byte) []byte { return append(b, s...) }

func newShared(tasks int) *shared {
	return &shared{
		values: make([]int, 2), letters: make([]int, tasks), seen: make([][]int, tasks),
		locks: make([]sync.Locker, 2), bells: make([]core.Signal, tasks),
	}
}

// prepare makes locks and bells, whichever task comes first.
func (s *shared) prepare(env core.Env) {
	if s.locks[0] != nil {
		return
	}
	for i := range s.locks {
		s.locks[i] = env.NewLocker()
	}
	for i := range s.bells {
		s.bells[i] = env.NewSignal()
	}
}

// operations are what a drawn program is made of. Each changes a state in a way that shows the order.
var operations = []func(s *shared, env core.Env, me, at int){
	func(s *shared, env core.Env, me, at int) { // alone under a lock
		s.locks[at%2].Lock()
		s.values[at%2] = 3*s.values[at%2] + me + 1
		s.locks[at%2].Unlock()
	},
	func(s *shared, env core.Env, me, at int) { // with a step under the lock
		s.locks[at%2].Lock()
		read := s.values[at%2]
		env.Yield("inside")
		s.values[at%2] = 3*read + me + 1
		s.locks[at%2].Unlock()
	},
	func(s *shared, env core.Env, me, at int) { // both locks; the order may lead to a deadlock
		s.locks[at%2].Lock()
		s.locks[1-at%2].Lock()
		s.seen[me] = append(s.seen[me], s.values...)
		s.locks[1-at%2].Unlock()
		s.locks[at%2].Unlock()
	},
	func(s *shared, env core.Env, me, at int) { // a letter to the next task
		to := (me + 1) % len(s.bells)
		s.letters[to] = 2*s.letters[to] + 1 + at%2
		s.bells[to].Notify()
		env.Yield("sent")
	},
	func(s *shared, env core.Env, me, at int) { // wait for one, or look
		err := s.bells[me].Wait(env.Context(), time.Duration(at%2)*time.Millisecond)
		s.seen[me] = append(s.seen[me], s.letters[me])
		if err != nil {
			s.seen[me] = append(s.seen[me], -1)
		}
	},
	func(s *shared, env core.Env, me, at int) { env.Note(said(fmt.Sprint(me))); env.Yield("noted") },
	func(s *shared, env core.Env, me, at int) { // a task that the run does not wait for
		env.Go("child", func() {
			env.Yield("child")
			s.locks[0].Lock()
			s.values[0] = 3*s.values[0] + 9
			s.locks[0].Unlock()
		})
	},
	func(s *shared, env core.Env, me, at int) {
		_ = env.Sleep(env.Context(), time.Duration(at%2)*time.Millisecond)
	},
	func(s *shared, env core.Env, me, at int) { env.Yield("idle") },
}

// drawn is the run of a drawn program. The state in which it ends, be it a deadlock, goes into ends.
func drawn(program [][]int, spare *sim.Spare, ends map[string]bool) Body {
	return func(chooser choice.Chooser, _ bool) Outcome {
		w := sim.NewWorld(sim.Config{Chooser: chooser, Stalls: sim.Quiet(), Spare: spare})
		n := w.AddNode("n", nil)
		s := newShared(len(program))
		w.Observe(func(o sim.Observation) { s.noted = append(s.noted, o.Task) })
		for me, list := range program {
			w.Workload(n, fmt.Sprint("task", me), func(env core.Env) {
				s.prepare(env)
				for at, operation := range list {
					operations[operation](s, env, me, at)
				}
			})
		}
		end := ""
		if failure := w.Run(); failure != nil {
			end = failure.Key
		}
		if !chooser.(*tree).twin { // what a run shows that was given up is not found by the search
			ends[fmt.Sprint(s.values, s.letters, s.seen, s.noted, end)] = true
		}
		return Outcome{}
	}
}

// bothWays runs a program under a plain and under a reduced search, and insists that both reach the same
// ends. It returns how many runs each took; none if there were too many.
func bothWays(t require.TestingT, program [][]int, spare *sim.Spare) (plain, reduced int) {
	ends, runs := [2]map[string]bool{{}, {}}, [2]int{}
	for i, reduce := range []bool{false, true} {
		done, err := Exhaustive{
			Scenario: Scenario{Name: "drawn", Body: drawn(program, spare, ends[i])},
			Reduce:   reduce, Most: 2000,
		}.Explore(context.Background())
		require.NoError(t, err)
		if !done.Complete {
			return 0, 0
		}
		runs[i] = done.Schedules + done.Twins
		require.True(t, reduce || done.Twins == 0)
	}
	require.Equal(t, slices.Sorted(maps.Keys(ends[0])), slices.Sorted(maps.Keys(ends[1])), "%v", program)
	return runs[0], runs[1]
}

func TestReducedSearchReachesTheSameEnds(t *testing.T) {
	spare := new(sim.Spare)
	defer spare.Close()
	plain, reduced := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		// Few kinds in one program, so that they meet.
		kinds := rapid.SliceOfN(rapid.IntRange(0, len(operations)-1), 1, 3).Draw(t, "kinds")
		list := rapid.SliceOfN(rapid.SampledFrom(kinds), 2, 4)
		p, r := bothWays(t, rapid.SliceOfN(list, 2, 3).Draw(t, "program"), spare)
		plain, reduced = plain+p, reduced+r
	})
	require.Less(t, reduced, plain/2)
}

func TestReductionKnowsWhichOperationsMeet(t *testing.T) {
	spare := new(sim.Spare)
	defer spare.Close()
	idle := len(operations) - 1
	for a := range operations {
		for b := range operations {
			for c := range operations {
				bothWays(t, [][]int{{idle, a, idle}, {idle, b, c}}, spare)
			}
		}
	}
}
