package retry_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/retry"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/simtest"
)

func TestWaitsDoubleWithinTheirBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		policy := retry.Policy{First: 100 * time.Millisecond, Most: 2 * time.Second}
		failed := rapid.IntRange(1, 1000).Draw(t, "failed")
		wait := policy.Wait(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)), failed)
		require.GreaterOrEqual(t, wait, time.Duration(0))
		require.LessOrEqual(t, wait, min(policy.First<<min(failed-1, 10), policy.Most))
	})
	random := rand.New(rand.NewPCG(1, 1))
	longest := time.Duration(0)
	for range 1000 {
		longest = max(longest, retry.Policy{First: time.Millisecond, Most: time.Second}.Wait(random, 50))
	}
	require.Greater(t, longest, 900*time.Millisecond, "waits do not grow to Most")
}

func TestCallEndsWithAnAnswerARefusalOrTheCallersWord(t *testing.T) {
	broken := errors.New("connection broken")
	busy, refused := rpc.Errorf(rpc.Busy, "later"), rpc.Errorf(rpc.NotFound, "never")
	for name, want := range map[string]struct {
		answers []error
		most    int
		calls   int
		err     error
	}{
		"answered at once":      {[]error{nil}, 9, 1, nil},
		"answered the third":    {[]error{broken, busy, nil}, 9, 3, nil},
		"refused":               {[]error{broken, refused, nil}, 9, 2, refused},
		"given up":              {[]error{broken, broken, broken, nil}, 2, 2, broken},
		"a refusal comes first": {[]error{refused}, 0, 1, refused},
	} {
		t.Run(name, func(t *testing.T) {
			simtest.CheckWith(t, simtest.Options{Seeds: 3}, func(r *check.Run) {
				w := r.World(sim.Config{})
				calls := 0
				w.Workload(w.AddNode("n", func(core.Env) {}), "caller", func(env core.Env) {
					policy := retry.Policy{Timeout: time.Second, First: time.Millisecond, Most: time.Second}
					err := policy.Call(env.Context(), env, func(ctx context.Context) error {
						left, ok := rpc.Left(env, ctx)
						require.True(r, ok && left <= time.Second, "no deadline to tell the callee")
						calls++
						return want.answers[calls-1]
					}, func(failed int) bool { return failed < want.most })
					require.Equal(r, want.err, err)
					require.Equal(r, want.calls, calls)
				})
				w.Run()
			})
		})
	}
}

func TestCallReturnsWhenItsContextEnds(t *testing.T) {
	simtest.CheckWith(t, simtest.Options{Seeds: 3}, func(r *check.Run) {
		w := r.World(sim.Config{})
		w.Workload(w.AddNode("n", func(core.Env) {}), "caller", func(env core.Env) {
			ctx, cancel := env.WithTimeout(env.Context(), 10*time.Second)
			defer cancel()
			policy := retry.Policy{Timeout: time.Second, First: time.Second, Most: time.Minute}
			err := policy.Call(ctx, env, func(context.Context) error { return core.ErrElapsed },
				func(int) bool { return true })
			require.ErrorIs(r, err, core.ErrElapsed)
			require.Less(r, env.Now(), core.Instant(11*time.Second))
		})
		w.Run()
	})
}
