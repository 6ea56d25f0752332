package main

import (
	"fmt"
	"iter"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/choice"
)

// measureScheduler has n tasks, each of which sleeps again and again for 1 to 1,000 µs. An operation is
// one sleep: a timer, two keyed choices (rank and stall), a hashed event, and a switch to another task.
// The heaps do the same pushes and pops and nothing else.
func measureScheduler(s settings) ([]figure, error) {
	results, err := takeTurns(s, contestant{name: "coroutine", run: switches})
	if err != nil {
		return nil, err
	}
	figures := []figure{{what: "a coroutine resumed and back, nothing else", value: results[0].nanoseconds()}}
	for _, tasks := range []int{10, 100} {
		results, err := takeTurns(s,
			world(tasks), plainHeap(tasks), containerHeap(tasks), bubble(s.test, tasks))
		if err != nil {
			return nil, err
		}
		ours, plain, container, synctest := results[0], results[1], results[2], results[3]
		at := fmt.Sprintf(", %d tasks", tasks)
		figures = append(figures,
			figure{what: "a task's sleep" + at, value: ours.nanoseconds()},
			versus(ours, container, "container/heap"+at, atMost(3, "×")),
			versus(ours, plain, "heap written by hand"+at, atMost(3, "×")),
			faster(ours, synctest, "testing/synctest"+at, atLeast(3, "×")),
		)
	}
	results, err = takeTurns(s, world(5000), world(100), bubble(s.test, 5000))
	if err != nil {
		return nil, err
	}
	figures = append(figures,
		versus(results[0], results[1], "its own cost with 100 tasks, 5,000 tasks", atMost(4, "×")),
		faster(results[0], results[2], "testing/synctest, 5,000 tasks", goal{}),
	)
	results, err = takeTurns(s, contestant{name: "empty world", run: emptyWorlds})
	if err != nil {
		return nil, err
	}
	return append(figures, rate("runs of an empty World a second", results[0], atLeast(20_000, ""))), nil
}

// versus says how many times the rival's cost ours is.
func versus(ours, rival result, name string, g goal) figure {
	ratio := ours.over(rival)
	return figure{
		what:  "cost over " + name,
		value: fmt.Sprintf("%s× (%s over %s)", number(ratio), ours.nanoseconds(), rival.nanoseconds()),
		goal:  g, got: ratio,
	}
}

// faster says how many times the rival takes as long.
func faster(ours, rival result, name string, g goal) figure {
	ratio := rival.over(ours)
	return figure{
		what:  "faster than " + name,
		value: fmt.Sprintf("%s× (%s, not %s)", number(ratio), ours.nanoseconds(), rival.nanoseconds()),
		goal:  g, got: ratio,
	}
}

// rate says how many operations a second there are.
func rate(what string, r result, g goal) figure {
	return figure{what: what, value: number(r.perSecond()), goal: g, got: r.perSecond()}
}

// naps is a cheap sequence of durations, the same for all contestants.
type naps uint64

func (s *naps) next() time.Duration {
	*s = *s*6364136223846793005 + 1442695040888963407
	return time.Duration(*s>>33%1000+1) * time.Microsecond
}

// world is a World whose tasks sleep n times together. The clock starts once all have started, and stops
// before they end.
func world(tasks int) contestant {
	return contestant{name: fmt.Sprintf("World of %d tasks", tasks), run: func(n int) (time.Duration, error) {
		w := sim.NewWorld(sim.Config{Chooser: choice.NewSeeded(1)})
		node := w.AddNode("n", func(core.Env) {})
		left := n
		var began, ended time.Time
		for i := range tasks {
			w.Workload(node, "task", func(env core.Env) {
				ctx, sleeps := env.Context(), naps(i)
				_ = env.Sleep(ctx, time.Second)
				for left > 0 {
					if left--; left == 0 {
						ended = time.Now()
					}
					_ = env.Sleep(ctx, sleeps.next())
				}
			})
		}
		w.After(time.Second/2, "start", func() { began = time.Now() })
		if failure := w.Run(); failure != nil {
			return 0, fmt.Errorf("%s: %s", failure.Key, failure.Message)
		}
		return ended.Sub(began), nil
	}, least: 20 * tasks}
}

// switches resumes one coroutine and has it yield: the least that two task switches can cost in Go.
func switches(n int) (time.Duration, error) {
	resume, stop := iter.Pull(func(yield func(struct{}) bool) {
		for yield(struct{}{}) {
		}
	})
	defer stop()
	began := time.Now()
	for range n {
		resume()
	}
	return time.Since(began), nil
}

// emptyWorlds makes and runs Worlds of one node that does nothing.
func emptyWorlds(n int) (time.Duration, error) {
	began := time.Now()
	for range n {
		w := sim.NewWorld(sim.Config{Chooser: choice.NewSeeded(1)})
		w.AddNode("n", func(core.Env) {})
		if failure := w.Run(); failure != nil {
			return 0, fmt.Errorf("%s: %s", failure.Key, failure.Message)
		}
	}
	return time.Since(began), nil
}
