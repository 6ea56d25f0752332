package scenarios

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

// moment is something that a node does at a time of the run.
type moment struct {
	at   time.Duration
	node string
	do   func(core.Env) // nil: it crashes
}

// at is a node noting facts.
func at(seconds float64, node string, events ...core.Event) moment {
	return moment{time.Duration(seconds * float64(time.Second)), node, func(env core.Env) {
		for _, event := range events {
			env.Note(event)
		}
	}}
}

// in is a node noting facts in a task of that name.
func in(task string, m moment) moment {
	do := m.do
	m.do = func(env core.Env) { env.Go(task, func() { do(env) }) }
	return m
}

// lingering is a task that lives for a minute.
func lingering(seconds float64, node, task string) moment {
	return in(task, moment{time.Duration(seconds * float64(time.Second)), node, func(env core.Env) {
		_ = env.Sleep(env.Context(), time.Minute)
	}})
}

// slept is nothing happening.
func slept(seconds float64) moment {
	return moment{time.Duration(seconds * float64(time.Second)), gateName, func(core.Env) {}}
}

// played has an invariant judge moments that nodes of a World really go through, in order, and returns what
// it objected to: what durations, tasks and causes are needed for.
func played(t *testing.T, make func(*Stage) check.Invariant, moments ...moment) string {
	t.Helper()
	outcome := check.Execute(check.Settings{Name: "play"}, func(r *check.Run) {
		s := newStage(r, Shape{}, nil)
		s.World = r.World(sim.Config{Stalls: sim.Quiet()})
		r.Hold(make(s))
		envs := map[string]core.Env{}
		for _, name := range []string{gateName, "m-a", "w-a1", "c1"} {
			s.World.AddNode(name, func(env core.Env) {
				envs[name] = env
				_ = env.Sleep(env.Context(), core.Forever) // a node lives as long as it has a task
			})
		}
		director := s.World.AddNode("director", func(core.Env) {})
		s.World.Workload(director, "play", func(env core.Env) {
			for _, m := range moments {
				_ = env.Sleep(env.Context(), max(m.at-s.World.Now(), time.Millisecond))
				if m.do == nil {
					s.World.Node(m.node).Crash()
					continue
				}
				m.do(envs[m.node])
			}
			_ = env.Sleep(env.Context(), time.Millisecond)
		})
		s.World.Run()
	})
	if outcome.Failure == nil {
		return ""
	}
	require.True(t, outcome.Failure.Invariant, outcome.Failure.Message)
	return outcome.Failure.Message
}

// plays are tales that take their time.
type plays []struct {
	name    string
	moments []moment
	broken  string
}

func (all plays) test(t *testing.T, make func(*Stage) check.Invariant) {
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			objection := played(t, make, c.moments...)
			if c.broken == "" {
				require.Empty(t, objection)
				return
			}
			require.Contains(t, objection, c.broken)
		})
	}
}
