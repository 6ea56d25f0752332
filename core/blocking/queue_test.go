package blocking_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/blocking"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/simtest"
)

type put struct{ item int }

// boundedQueue is what a history of puts and takes is judged by: a put's input is put, a take's nil.
func boundedQueue(bound int) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return []int{} },
		Step: func(state, input, output any) (bool, any) {
			items := state.([]int)
			if in, ok := input.(put); ok {
				return len(items) < bound, append(slices.Clone(items), in.item)
			}
			if len(items) == 0 || items[0] != output.(int) {
				return false, state
			}
			return true, items[1:]
		},
		Equal: func(a, b any) bool { return slices.Equal(a.([]int), b.([]int)) },
	}
}

// Some give up: whoever is told so has put or taken nothing.
func TestQueueIsLinearizableAlsoWhenTasksGiveUp(t *testing.T) {
	report := simtest.CheckWith(t, simtest.Options{Seeds: 500}, func(r *check.Run) {
		w := r.World(sim.Config{})
		bound := check.Draw(r, "bound", 1, 2, 3)
		history := r.NewHistory()
		gaveUp := 0
		w.Workload(w.AddNode("n", nil), "main", func(env core.Env) {
			queue := blocking.NewQueue[int](env, bound)
			group, cancel := newGroup(env)
			defer cancel()
			try := func(client int, input any, f func(ctx context.Context) (any, error)) {
				soon := time.Duration(env.Rand().IntN(300)) * time.Microsecond
				ctx, end := env.WithTimeout(env.Context(), soon)
				defer end()
				op := history.Call(client, input)
				if answer, err := f(ctx); err == nil {
					op.Return(answer)
				} else {
					gaveUp++
					op.Refuse()
				}
			}
			take := func(ctx context.Context) (any, error) { return queue.Take(ctx) }
			for client, name := range []string{"p0", "p1", "t2", "t3", "t4"} {
				group.Go(name, func(context.Context) error {
					for i := range 4 {
						in := put{client*10 + i}
						if client > 1 {
							try(client, nil, take)
						} else {
							try(client, in, func(ctx context.Context) (any, error) {
								return nil, queue.Put(ctx, in.item)
							})
						}
					}
					return nil
				})
			}
			require.NoError(r, group.Wait())
		})
		w.Run()
		if gaveUp > 0 {
			r.Reached("somebody gave up")
		}
		r.Linearizable("queue", boundedQueue(bound), history, time.Minute)
	})
	if report.Runs == 500 { // neither a replay nor fewer, by a flag
		require.NotEmpty(t, report.Reached, "nobody gave up")
	}
}

func TestEverythingPutIsTakenOnceBeforeTheQueueSaysClosed(t *testing.T) {
	bothWorlds(t, func(r require.TestingT, env core.Env) {
		queue := blocking.NewQueue[int](env, 2)
		producers, cancelProducers := newGroup(env)
		defer cancelProducers()
		for client, name := range []string{"p0", "p1", "p2"} {
			producers.Go(name, func(ctx context.Context) error {
				for i := range 5 {
					if err := queue.Put(ctx, client*5+i); err != nil {
						return err
					}
				}
				return nil
			})
		}
		consumers, cancelConsumers := newGroup(env)
		defer cancelConsumers()
		taken := make([][]int, 3)
		for i, name := range []string{"c0", "c1", "c2"} {
			consumers.Go(name, func(ctx context.Context) error {
				for {
					item, err := queue.Take(ctx)
					if err != nil {
						assert.ErrorIs(r, err, blocking.ErrClosed)
						return nil
					}
					taken[i] = append(taken[i], item)
				}
			})
		}
		require.NoError(r, producers.Wait())
		queue.Close()
		require.NoError(r, consumers.Wait())
		require.Equal(r, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14},
			slices.Sorted(slices.Values(slices.Concat(taken...))))
		require.Zero(r, queue.Len())
		require.ErrorIs(r, queue.Put(env.Context(), 1), blocking.ErrClosed)
	})
}

func TestCloseEndsAllWhoWaitInEveryOrder(t *testing.T) {
	everyOrder(t, func(r require.TestingT, env core.Env) {
		queue, full := blocking.NewQueue[int](env, 1), blocking.NewQueue[int](env, 1)
		require.NoError(r, full.Put(env.Context(), 1))
		group, cancel := newGroup(env)
		defer cancel()
		for _, name := range []string{"t1", "t2"} {
			group.Go(name, func(ctx context.Context) error {
				_, err := queue.Take(ctx)
				require.ErrorIs(r, err, blocking.ErrClosed)
				return nil
			})
		}
		group.Go("p", func(ctx context.Context) error {
			require.ErrorIs(r, full.Put(ctx, 2), blocking.ErrClosed)
			return nil
		})
		queue.Close()
		full.Close()
		require.NoError(r, group.Wait())
		item, ok, err := full.TryTake()
		require.NoError(r, err)
		require.True(r, ok)
		require.Equal(r, 1, item, "what was in it is still to be had")
	})
}
