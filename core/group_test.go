package core_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
)

func TestGroupWaitsForEveryTask(t *testing.T) {
	env := newEnv(t)
	group := core.NewGroup(env, env.Context())
	var ended atomic.Int64
	for range 20 {
		group.Go("task", func(context.Context) error {
			env.Yield("work")
			group.Go("task of a task", func(context.Context) error {
				ended.Add(1)
				return nil
			})
			ended.Add(1)
			return nil
		})
	}
	require.NoError(t, group.Wait())
	require.EqualValues(t, 40, ended.Load())
}

func TestGroupWithoutTasksDoesNotWait(t *testing.T) {
	env := newEnv(t)
	require.NoError(t, core.NewGroup(env, env.Context()).Wait())
}

func TestFirstErrorOfAGroupEndsTheOthers(t *testing.T) {
	env := newEnv(t)
	group := core.NewGroup(env, env.Context())
	first := errors.New("first")
	var told atomic.Int64
	for range 5 {
		group.Go("patient", func(ctx context.Context) error {
			err := env.Sleep(ctx, core.Forever)
			told.Add(1)
			return err
		})
	}
	group.Go("failing", func(context.Context) error { return first })
	require.Same(t, first, group.Wait(), "not what the others returned because of it")
	require.EqualValues(t, 5, told.Load())
}

func TestCancelEndsAGroup(t *testing.T) {
	env := newEnv(t)
	group := core.NewGroup(env, env.Context())
	group.Go("patient", func(ctx context.Context) error { return env.Sleep(ctx, core.Forever) })
	group.Cancel()
	require.ErrorIs(t, group.Wait(), context.Canceled)
	require.NoError(t, env.Context().Err(), "the parent goes on")
}

func TestGroupsContextEndsWithItsWait(t *testing.T) {
	env := newEnv(t)
	group := core.NewGroup(env, env.Context())
	var kept context.Context
	group.Go("task", func(ctx context.Context) error {
		kept = ctx
		return nil
	})
	require.NoError(t, group.Wait())
	require.ErrorIs(t, kept.Err(), context.Canceled)
}
