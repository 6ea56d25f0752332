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
)

// One token and one signal for two waiters, one of whom may give up before, at or after that moment. If it
// gets the token it hands it on; so in the end the patient one has it, unless a signal was lost.
func TestSignalIsNotLostWithAWaiterThatGivesUp(t *testing.T) {
	everyOrder(t, func(r require.TestingT, env core.Env) {
		locker, token := env.NewLocker(), false
		cond := blocking.NewCond(env, locker)
		impatient, giveUp := env.WithCancel(env.Context())
		group, cancel := newGroup(env)
		defer cancel()
		await := func(ctx context.Context) error {
			for !token {
				if err := cond.Wait(ctx); err != nil {
					return err
				}
			}
			return nil
		}
		group.Go("impatient", func(context.Context) error {
			locker.Lock()
			defer locker.Unlock()
			if await(impatient) == nil {
				cond.Signal()
			}
			return nil
		})
		group.Go("patient", func(ctx context.Context) error {
			locker.Lock()
			defer locker.Unlock()
			return await(ctx)
		})
		group.Go("fickle", func(context.Context) error {
			giveUp()
			return nil
		})
		locker.Lock()
		token = true
		locker.Unlock()
		cond.Signal()
		require.NoError(r, group.Wait())
	})
}

// Who is not woken when its turn comes stops them all.
func TestConditionHandsTurnsOver(t *testing.T) {
	bothWorlds(t, func(r require.TestingT, env core.Env) {
		locker := env.NewLocker()
		cond := blocking.NewCond(env, locker)
		turn := 0
		group, cancel := newGroup(env)
		defer cancel()
		for me, name := range []string{"t0", "t1", "t2"} {
			group.Go(name, func(ctx context.Context) error {
				for range 5 {
					locker.Lock()
					for turn%3 != me {
						if err := cond.Wait(ctx); err != nil {
							locker.Unlock()
							return err
						}
					}
					turn++
					locker.Unlock()
					cond.Broadcast()
				}
				return nil
			})
		}
		require.NoError(r, group.Wait())
		require.Equal(r, 15, turn)
	})
}

func TestConditionLocksAgainAlsoWhenItGivesUp(t *testing.T) {
	env := newEnv(t)
	locker := env.NewLocker()
	cond := blocking.NewCond(env, locker)
	ended, cancel := env.WithCancel(env.Context())
	cancel()
	cond.Signal() // nobody waits: it is not remembered
	locker.Lock()
	require.ErrorIs(t, cond.Wait(ended), context.Canceled)
	locker.Unlock()
}

func TestWaitGroupFreesAllAtZeroAndMayGoUpAgain(t *testing.T) {
	bothWorlds(t, func(r require.TestingT, env core.Env) {
		work := blocking.NewWaitGroup(env)
		require.NoError(r, work.Wait(env.Context()), "zero from the start")
		var done atomic.Int64
		group, cancel := newGroup(env)
		defer cancel()
		work.Add(3)
		for _, name := range []string{"worker 1", "worker 2", "worker 3"} {
			group.Go(name, func(context.Context) error {
				env.Yield("work")
				done.Add(1)
				work.Done()
				return nil
			})
		}
		for _, name := range []string{"waiter 1", "waiter 2"} {
			group.Go(name, func(ctx context.Context) error {
				err := work.Wait(ctx)
				assert.GreaterOrEqual(r, done.Load(), int64(3))
				return err
			})
		}
		require.NoError(r, work.Wait(env.Context()))
		work.Add(1) // the waiters may not have looked yet; theirs has been zero
		soon, end := env.WithTimeout(env.Context(), time.Microsecond)
		defer end()
		require.ErrorIs(r, work.Wait(soon), context.DeadlineExceeded)
		done.Add(1)
		work.Done()
		require.NoError(r, group.Wait())
	})
}

func TestWaitGroupBelowZeroPanics(t *testing.T) {
	work := blocking.NewWaitGroup(newEnv(t))
	require.Panics(t, work.Done)
	work.Add(2)
	require.Panics(t, func() { work.Add(-3) })
	work.Add(-2)
}

func onceProgram(r require.TestingT, env core.Env) {
	once := blocking.NewOnce(env)
	var begun, finished atomic.Int64
	group, cancel := newGroup(env)
	defer cancel()
	for _, name := range []string{"t1", "t2", "t3"} {
		group.Go(name, func(ctx context.Context) error {
			err := once.Do(ctx, func() {
				begun.Add(1)
				env.Yield("in the middle")
				finished.Add(1)
			})
			assert.EqualValues(r, 1, finished.Load(), "returned before it was done")
			return err
		})
	}
	require.NoError(r, group.Wait())
	require.EqualValues(r, 1, begun.Load())
}

func TestOnceIsDoneWhenAnyCallReturns(t *testing.T) { bothWorlds(t, onceProgram) }

func TestOnceInEveryOrder(t *testing.T) { everyOrder(t, onceProgram) }

func TestOnceIsNotWaitedForBeyondItsContext(t *testing.T) {
	bothWorlds(t, func(r require.TestingT, env core.Env) {
		once, begun, let := blocking.NewOnce(env), core.NewLatch(env), core.NewLatch(env)
		group, cancel := newGroup(env)
		defer cancel()
		group.Go("doer", func(ctx context.Context) error {
			return once.Do(ctx, func() {
				begun.Open()
				_ = let.Wait(ctx, core.Forever)
			})
		})
		require.NoError(r, begun.Wait(env.Context(), core.Forever))
		ended, end := env.WithCancel(env.Context())
		end()
		require.ErrorIs(r, once.Do(ended, nil), context.Canceled)
		let.Open()
		require.NoError(r, group.Wait())
		require.NoError(r, once.Do(ended, nil), "what is done wins over an ended context")
	})
}
