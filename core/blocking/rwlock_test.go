package blocking_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/blocking"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/simtest"
)

// holders counts who is inside a lock, and asserts that they may be there together.
type holders struct {
	r                require.TestingT
	readers, writers atomic.Int64
}

func (h *holders) write(env core.Env) {
	assert.EqualValues(h.r, 1, h.writers.Add(1), "writers at once")
	assert.Zero(h.r, h.readers.Load(), "readers beside a writer")
	env.Yield("writing")
	h.writers.Add(-1)
}

func (h *holders) read(env core.Env) {
	h.readers.Add(1)
	assert.Zero(h.r, h.writers.Load(), "writers beside a reader")
	env.Yield("reading")
	h.readers.Add(-1)
}

func TestWriterIsAloneAndNobodyIsForgotten(t *testing.T) {
	bothWorlds(t, func(r require.TestingT, env core.Env) {
		lock, inside := blocking.NewRWLock(env), &holders{r: r}
		group, cancel := newGroup(env)
		defer cancel()
		for _, name := range []string{"w1", "w2"} {
			group.Go(name, func(ctx context.Context) error {
				for i := range 6 {
					hasty, giveUp := env.WithTimeout(ctx, time.Duration(env.Rand().IntN(3))*time.Microsecond)
					if i%2 == 0 {
						hasty = ctx
					}
					if err := lock.Lock(hasty); err == nil {
						inside.write(env)
						lock.Unlock()
					} else {
						assert.ErrorIs(r, err, context.DeadlineExceeded)
					}
					giveUp()
				}
				return ctx.Err()
			})
		}
		for _, name := range []string{"r1", "r2", "r3"} {
			group.Go(name, func(ctx context.Context) error {
				for range 4 {
					if err := lock.RLock(ctx); err != nil {
						return err
					}
					inside.read(env)
					lock.RUnlock()
				}
				return nil
			})
		}
		require.NoError(r, group.Wait())
		assert.True(r, lock.TryLock(), "free at the end")
	})
}

func TestSmallRWLockInEveryOrder(t *testing.T) {
	everyOrder(t, func(r require.TestingT, env core.Env) {
		lock, inside := blocking.NewRWLock(env), &holders{r: r}
		group, cancel := newGroup(env)
		defer cancel()
		for _, name := range []string{"w1", "w2"} {
			group.Go(name, func(ctx context.Context) error {
				require.NoError(r, lock.Lock(ctx))
				inside.write(env)
				lock.Unlock()
				return nil
			})
		}
		group.Go("r", func(ctx context.Context) error {
			require.NoError(r, lock.RLock(ctx))
			inside.read(env)
			lock.RUnlock()
			return nil
		})
		require.NoError(r, group.Wait())
	})
}

// A newcomer comes only when a writer waits; it must not be in before the writer.
func TestWriterThatWaitsComesBeforeNewReaders(t *testing.T) {
	simtest.Check(t, inAWorld(func(r require.TestingT, env core.Env) {
		lock := blocking.NewRWLock(env)
		var order []string
		require.NoError(r, lock.RLock(env.Context()))
		group, cancel := newGroup(env)
		defer cancel()
		group.Go("writer", func(ctx context.Context) error {
			require.NoError(r, lock.Lock(ctx))
			order = append(order, "writer")
			lock.Unlock()
			return nil
		})
		for lock.TryRLock() {
			lock.RUnlock()
			require.NoError(r, env.Sleep(env.Context(), time.Millisecond))
		}
		for _, name := range []string{"r1", "r2"} {
			group.Go(name, func(ctx context.Context) error {
				require.NoError(r, lock.RLock(ctx))
				order = append(order, "reader")
				lock.RUnlock()
				return nil
			})
		}
		require.NoError(r, env.Sleep(env.Context(), time.Millisecond))
		lock.RUnlock()
		require.NoError(r, group.Wait())
		require.Equal(r, []string{"writer", "reader", "reader"}, order)
	}))
}

// The first reader keeps the lock until the second has it, so only the writer's leaving lets that one in.
func TestWriterThatGivesUpLetsReadersIn(t *testing.T) {
	everyOrder(t, func(r require.TestingT, env core.Env) {
		lock := blocking.NewRWLock(env)
		require.NoError(r, lock.RLock(env.Context()))
		impatient, giveUp := env.WithCancel(env.Context())
		group, cancel := newGroup(env)
		defer cancel()
		group.Go("writer", func(context.Context) error {
			require.ErrorIs(r, lock.Lock(impatient), context.Canceled)
			return nil
		})
		group.Go("reader", func(ctx context.Context) error {
			require.NoError(r, lock.RLock(ctx))
			lock.RUnlock()
			return nil
		})
		env.Yield("before the writer gives up")
		giveUp()
		require.NoError(r, group.Wait())
		lock.RUnlock()
		require.True(r, lock.TryLock())
	})
}

func TestUnlockOfWhatIsNotLockedPanics(t *testing.T) {
	lock := blocking.NewRWLock(newEnv(t))
	require.Panics(t, lock.Unlock)
	require.Panics(t, lock.RUnlock)
	require.True(t, lock.TryRLock())
	require.False(t, lock.TryLock())
	require.Panics(t, lock.Unlock)
	lock.RUnlock()
}

// Deferred calls of a crashed node's tasks find the structures as those left them; nothing may hang on it.
func TestCrashWhileTasksWaitAndHoldEndsThem(t *testing.T) {
	simtest.Check(t, func(r *check.Run) {
		w := r.World(sim.Config{})
		boots := 0
		node := w.AddNode("n", func(env core.Env) {
			boots++
			lock, locker := blocking.NewRWLock(env), env.NewLocker()
			queue, cond := blocking.NewQueue[int](env, 1), blocking.NewCond(env, locker)
			for _, name := range []string{"a", "b", "c"} {
				env.Go(name, func() {
					locker.Lock()
					defer locker.Unlock()
					defer cond.Broadcast()
					_ = cond.Wait(env.Context())
				})
				env.Go("queue/"+name, func() {
					defer queue.Close()
					_, _ = queue.Take(env.Context())
				})
				env.Go("lock/"+name, func() {
					if lock.Lock(env.Context()) == nil {
						defer lock.Unlock()
						_ = env.Sleep(env.Context(), time.Hour)
					}
				})
			}
		})
		w.Workload(w.AddNode("other", nil), "wait", func(env core.Env) {
			_ = env.Sleep(env.Context(), time.Second)
		})
		w.After(500*time.Millisecond, "crash", func() { node.Crash(); node.Restart() })
		w.Run()
		require.Equal(r, 2, boots)
	})
}
