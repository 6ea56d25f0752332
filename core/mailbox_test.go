package core_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/core"
)

// TestMailboxIsABoundedQueue holds it against a slice.
func TestMailboxIsABoundedQueue(t *testing.T) {
	env := newEnv(t)
	rapid.Check(t, func(t *rapid.T) {
		bound := rapid.IntRange(1, 20).Draw(t, "bound")
		m := core.NewMailbox[int](env.NewSignal(), bound)
		var model []int
		refused := uint64(0)
		for n := range rapid.IntRange(0, 100).Draw(t, "operations") {
			if rapid.IntRange(0, 2).Draw(t, "put") > 0 {
				fits := len(model) < bound
				if m.Put(n) != fits {
					t.Fatalf("Put into %d of %d items returned %v", len(model), bound, !fits)
				}
				if fits {
					model = append(model, n)
				} else {
					refused++
				}
			} else {
				item, ok := m.TryTake()
				if ok != (len(model) > 0) || ok && item != model[0] {
					t.Fatalf("TryTake returned %d, %v with %v inside", item, ok, model)
				}
				if ok {
					model = model[1:]
				}
			}
			if m.Len() != len(model) || m.Refused() != refused || m.Bound() != bound {
				t.Fatalf("Len %d, Refused %d, Bound %d; want %d, %d, %d", m.Len(), m.Refused(), m.Bound(),
					len(model), refused, bound)
			}
		}
	})
}

func TestMailboxOfNothingHoldsOne(t *testing.T) {
	m := core.NewMailbox[int](newEnv(t).NewSignal(), 0)
	require.True(t, m.Put(1))
	require.False(t, m.Put(2))
}

func TestMailboxKeepsNothingThatWasTaken(t *testing.T) {
	m := core.NewMailbox[*int](newEnv(t).NewSignal(), 1)
	first, second := new(int), new(int)
	m.Put(first)
	taken, _ := m.TryTake()
	require.Same(t, first, taken)
	m.Put(second)
	taken, _ = m.TryTake()
	require.Same(t, second, taken)
	taken, ok := m.TryTake()
	require.True(t, !ok && taken == nil)
}

func TestTakeReceivesWhatManyTasksPut(t *testing.T) {
	const putters, each = 8, 200
	env := newEnv(t)
	m := core.NewMailbox[int](env.NewSignal(), 4)
	group := core.NewGroup(env, env.Context())
	for range putters {
		group.Go("putter", func(context.Context) error {
			for n := 0; n < each; {
				env.Yield("put")
				if m.Put(n) {
					n++
				}
			}
			return nil
		})
	}
	sum := 0
	for range putters * each {
		n, err := m.Take(context.Background())
		require.NoError(t, err)
		sum += n
	}
	require.NoError(t, group.Wait())
	require.Equal(t, putters*each*(each-1)/2, sum)
	require.Zero(t, m.Len())
}

func TestTakeEndsWithItsContextButAnItemWins(t *testing.T) {
	env := newEnv(t)
	m := core.NewMailbox[string](env.NewSignal(), 4)
	ctx, cancel := env.WithCancel(context.Background())
	cancel()
	_, err := m.Take(ctx)
	require.ErrorIs(t, err, context.Canceled)
	m.Put("item")
	item, err := m.Take(ctx)
	require.NoError(t, err)
	require.Equal(t, "item", item)
}

func TestMailboxesShareABell(t *testing.T) {
	env := newEnv(t)
	bell := env.NewSignal()
	first, second := core.NewMailbox[int](bell, 1), core.NewMailbox[int](bell, 1)
	env.Go("putter", func() { second.Put(2) })
	require.NoError(t, bell.Wait(context.Background(), core.Forever))
	_, ok := first.TryTake()
	require.False(t, ok)
	n, ok := second.TryTake()
	require.True(t, ok && n == 2)
}
