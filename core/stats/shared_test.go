package stats

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"
	"github.com/windtunnel/windtunnel/core/wire"
	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func anySlot() *rapid.Generator[Slot] {
	return rapid.Custom(func(t *rapid.T) Slot {
		return Slot{
			testStream(rapid.Uint32Range(0, 3).Draw(t, "shard")),
			rapid.Uint64Range(0, 3).Draw(t, "n"), anyCounts(3).Draw(t, "counts"),
		}
	})
}

func TestJoiningSlotsIsCommutativeAssociativeAndIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := anySlot().Draw(t, "a"), anySlot().Draw(t, "b"), anySlot().Draw(t, "c")
		b.Stream, c.Stream = a.Stream, a.Stream
		require.Equal(t, a.Join(b), b.Join(a))
		require.Equal(t, a.Join(b).Join(c), a.Join(b.Join(c)))
		require.Equal(t, a, a.Join(a))
		require.Equal(t, max(a.N, b.N), a.Join(b).N)
		var back Slot
		require.NoError(t, wire.Unmarshal(wire.Marshal(&a), &back))
		require.Equal(t, a, back)
	})
}

func TestSharedDoesNotDependOnOrderGroupingOrRepetition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		slots := rapid.SliceOfN(anySlot(), 1, 12).Draw(t, "slots")
		var one, other Shared
		one.Merge(slots)
		before := one.Snapshot()
		shuffled := rapid.Permutation(append(slices.Clone(slots), slots...)).Draw(t, "shuffled")
		for len(shuffled) > 0 {
			n := rapid.IntRange(1, len(shuffled)).Draw(t, "n")
			other.Merge(shuffled[:n])
			shuffled = shuffled[n:]
		}
		a, b := slices.Collect(before.All()), slices.Collect(other.Snapshot().All())
		require.Equal(t, a, b)
		require.Equal(t, before.Total(), other.Snapshot().Total())
		var sum Counts
		for _, slot := range a {
			sum, _ = sum.Add(slot.Counts)
			found, ok := before.Find(slot.Stream)
			require.True(t, ok)
			require.Equal(t, slot, found)
		}
		require.Equal(t, sum, before.Total())
		require.Equal(t, len(a), before.Len())
		_, ok := before.Find(testStream(99))
		require.False(t, ok)
		for range before.All() {
			break
		}
		one.Merge([]Slot{{Stream: testStream(0), N: 99, Counts: Counts{OK: 999}}})
		require.Equal(t, a, slices.Collect(before.All()), "a snapshot never changes")
		require.EqualValues(t, 1, before.Merges())
	})
}

// A merge raises both streams to n at once; a reader must never see one without the other, and never go
// back.
func TestSharedIsLinearizableForConcurrentReadersAndWriters(t *testing.T) {
	defer goleak.VerifyNone(t)
	type read [2]uint64
	model := porcupine.Model{
		Init: func() any { return read{} },
		Step: func(state, input, output any) (bool, any) {
			s := state.(read)
			if n, ok := input.(uint64); ok {
				return true, read{max(s[0], n), max(s[1], n)}
			}
			return s == output.(read), s
		},
	}
	var (
		shared  Shared
		clock   sync.Mutex
		time    int64
		history []porcupine.Operation
		wait    sync.WaitGroup
	)
	now := func() int64 {
		clock.Lock()
		defer clock.Unlock()
		time++
		return time
	}
	do := func(client int, input any, f func() any) {
		call := now()
		output := f()
		end := now()
		clock.Lock()
		defer clock.Unlock()
		history = append(history, porcupine.Operation{
			ClientId: client, Input: input, Call: call, Output: output, Return: end,
		})
	}
	for client := range 4 {
		wait.Go(func() {
			for i := range uint64(40) {
				if client%2 == 0 {
					n := i*2 + uint64(client)/2 + 1
					do(client, n, func() any {
						shared.Merge([]Slot{
							{testStream(0), n, Counts{OK: n}}, {testStream(1), n, Counts{OK: n}},
						})
						return nil
					})
					continue
				}
				do(client, nil, func() any {
					snapshot := shared.Snapshot()
					a, _ := snapshot.Find(testStream(0))
					b, _ := snapshot.Find(testStream(1))
					if snapshot.Total().OK != a.N+b.N {
						return read{1 << 40} // no state of the model
					}
					return read{a.N, b.N}
				})
			}
		})
	}
	wait.Wait()
	require.True(t, porcupine.CheckOperations(model, history))
}

func TestNoMergeIsLostToAnother(t *testing.T) {
	defer goleak.VerifyNone(t)
	var (
		shared Shared
		wait   sync.WaitGroup
		lost   atomic.Uint64
	)
	for writer := range uint32(4) {
		wait.Go(func() {
			for n := range uint64(3000) {
				shared.Merge([]Slot{{testStream(writer), n, Counts{OK: n}}})
				if slot, _ := shared.Snapshot().Find(testStream(writer)); slot.N != n {
					lost.Add(1)
				}
			}
		})
	}
	wait.Wait()
	require.Zero(t, lost.Load())
	require.EqualValues(t, 4*3000, shared.Snapshot().Merges())
}

func TestPendingJobsListsEachJobOnceInOrder(t *testing.T) {
	p := NewPendingJobs()
	require.Nil(t, p.Take())
	require.True(t, p.Add("b"))
	require.True(t, p.Add("a"))
	require.False(t, p.Add("b"))
	require.True(t, p.Add("c"))
	p.Remove("a")
	p.Remove("nobody")
	require.Equal(t, 2, p.Len())
	require.Equal(t, []string{"b", "c"}, p.Take())
	require.Zero(t, p.Len())
	require.True(t, p.Add("b"), "taken, it can come again")
	require.Equal(t, []string{"b"}, p.Take())
}
