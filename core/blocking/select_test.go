package blocking_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/blocking"
)

func TestSelectDoesTheFirstThatIsPossibleAndNoOther(t *testing.T) {
	bothWorlds(t, func(r require.TestingT, env core.Env) {
		empty, stop := blocking.NewQueue[int](env, 1), blocking.NewQueue[int](env, 1)
		several := blocking.NewQueue[string](env, 2)
		ctx, number, text := env.Context(), 0, ""

		i, err := blocking.TrySelect(empty.Taking(&number), several.Taking(&text))
		require.Equal(r, -1, i)
		require.NoError(r, err)

		require.NoError(r, several.Put(ctx, "a"))
		i, err = blocking.Select(ctx, env, empty.Taking(&number), several.Taking(&text), several.Putting("b"))
		require.NoError(r, err)
		require.Equal(r, 1, i)
		require.Equal(r, "a", text)
		require.Zero(r, several.Len(), "nothing was put")

		stop.Close()
		i, err = blocking.Select(ctx, env, stop.Taking(&number), several.Putting("b"))
		require.Equal(r, 0, i)
		require.ErrorIs(r, err, blocking.ErrClosed)

		soon, cancel := env.WithTimeout(ctx, time.Microsecond)
		defer cancel()
		i, err = blocking.Select(soon, env, empty.Taking(&number))
		require.Equal(r, -1, i)
		require.ErrorIs(r, err, context.DeadlineExceeded)
		i, err = blocking.Select(soon, env, several.Putting("c"))
		require.Equal(r, 0, i, "what is possible wins over an ended context")
		require.NoError(r, err)
	})
}

// Both items come at once. If the chooser waits by then it is rung for both, and takes the first as written;
// the other task waits for the second only.
func TestWokenTaskThatTakesSomethingElsePassesItOn(t *testing.T) {
	everyOrder(t, func(r require.TestingT, env core.Env) {
		first, second := blocking.NewQueue[int](env, 1), blocking.NewQueue[int](env, 1)
		group, cancel := newGroup(env)
		defer cancel()
		group.Go("chooser", func(ctx context.Context) error {
			var item int
			i, err := blocking.Select(ctx, env, first.Taking(&item), second.Taking(&item))
			require.Equal(r, 0, i)
			return err
		})
		group.Go("other", func(ctx context.Context) error {
			_, err := second.Take(ctx)
			return err
		})
		env.Yield("before the items come")
		for _, queue := range []*blocking.Queue[int]{first, second} {
			ok, err := queue.TryPut(1)
			require.NoError(r, err)
			require.True(r, ok)
		}
		require.NoError(r, group.Wait())
	})
}

func TestEveryItemOfSeveralQueuesIsChosenOnce(t *testing.T) {
	bothWorlds(t, func(r require.TestingT, env core.Env) {
		queues := []*blocking.Queue[int]{blocking.NewQueue[int](env, 1), blocking.NewQueue[int](env, 2)}
		done := blocking.NewQueue[int](env, 12)
		group, cancel := newGroup(env)
		defer cancel()
		for p, name := range []string{"p0", "p1"} {
			group.Go(name, func(ctx context.Context) error {
				for range 6 {
					if err := queues[p].Put(ctx, 1); err != nil {
						return err
					}
				}
				return nil
			})
		}
		for _, name := range []string{"c0", "c1", "c2"} {
			group.Go(name, func(ctx context.Context) error {
				for range 4 {
					var item int
					_, err := blocking.Select(ctx, env, queues[0].Taking(&item), queues[1].Taking(&item))
					if err != nil {
						return err
					}
					if err = done.Put(ctx, item); err != nil {
						return err
					}
				}
				return nil
			})
		}
		require.NoError(r, group.Wait())
		require.Equal(r, 12, done.Len())
	})
}
