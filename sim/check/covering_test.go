package check_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// covered is a chooser that has seen the orders of its run.
type covered struct {
	choice.Chooser
	orders *trace.Orders
}

var _ explore.Covering = covered{}

func (c covered) Orders() *trace.Orders { return c.orders }

func TestAllWorldsOfARunAreCoveredAndTheRunIsTheSame(t *testing.T) {
	body := func(worlds int) func(r *check.Run) {
		return func(r *check.Run) {
			for world := range worlds {
				w := r.World(sim.Config{})
				n := w.AddNode("n1", func(core.Env) {})
				for _, name := range []string{"a", "b", "c"} {
					w.Workload(n, fmt.Sprint(name, "-of-", world), func(env core.Env) {
						for range 3 {
							_ = env.Sleep(env.Context(), time.Millisecond)
							env.Note(fact("slept"))
						}
					})
				}
				w.Run()
			}
		}
	}
	seen := map[int]int{}
	for worlds := 1; worlds <= 2; worlds++ {
		chooser := covered{choice.NewSeeded(1), new(trace.Orders)}
		o := check.Execute(check.Settings{Chooser: chooser}, body(worlds))
		require.Equal(t, check.Execute(check.Settings{Chooser: choice.NewSeeded(1)}, body(worlds)), o)
		seen[worlds] = chooser.orders.Set().Len()
	}
	require.Positive(t, seen[1])
	require.LessOrEqual(t, seen[2], 2*seen[1]+8)
	require.Greater(t, seen[2], seen[1], "the second World is covered, too")
}
