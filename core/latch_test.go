package core_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
)

func TestLatchLetsPresentAndFutureWaitersPass(t *testing.T) {
	env := newEnv(t)
	latch := core.NewLatch(env)
	require.False(t, latch.IsOpen())
	group := core.NewGroup(env, env.Context())
	for range 10 {
		group.Go("waiter", func(ctx context.Context) error { return latch.Wait(ctx, core.Forever) })
	}
	latch.Open()
	latch.Open()
	require.NoError(t, group.Wait())
	require.True(t, latch.IsOpen())
	require.NoError(t, latch.Wait(context.Background(), core.Forever))
}

func TestLatchWaitElapsesAndEndsWithItsContext(t *testing.T) {
	env := newEnv(t)
	latch := core.NewLatch(env)
	ended, cancel := env.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, latch.Wait(context.Background(), 0), core.ErrElapsed)
	require.ErrorIs(t, latch.Wait(context.Background(), time.Millisecond), core.ErrElapsed)
	require.ErrorIs(t, latch.Wait(ended, core.Forever), context.Canceled)
	latch.Open()
	require.NoError(t, latch.Wait(ended, 0), "an open latch wins over both")
}

func TestWaiterThatGaveUpDoesNotDisturbTheOthers(t *testing.T) {
	env := newEnv(t)
	latch := core.NewLatch(env)
	group := core.NewGroup(env, env.Context())
	group.Go("patient", func(ctx context.Context) error { return latch.Wait(ctx, core.Forever) })
	for range 100 {
		require.ErrorIs(t, latch.Wait(context.Background(), time.Microsecond), core.ErrElapsed)
	}
	latch.Open()
	require.NoError(t, group.Wait())
}
