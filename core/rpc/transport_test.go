package rpc_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// real are nodes over loopback TCP, which end with the test.
type real struct{ t testing.TB }

func transportPair(t testing.TB) real { return real{t} }

func (r real) serve(name string, register func(n *rpc.Node)) *rpc.Node {
	node, err := transport.New(transport.Config{Name: name})
	require.NoError(r.t, err)
	r.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		require.NoError(r.t, node.Stop(ctx))
	})
	env := node.Env()
	endpoint, err := env.Listen("tcp", "127.0.0.1:0")
	require.NoError(r.t, err)
	n, err := rpc.New(env, endpoint, rpc.Config{})
	require.NoError(r.t, err)
	if register != nil {
		register(n)
	}
	env.Go("rpc", func() { _ = n.Serve(env.Context()) })
	return n
}

func TestConcurrentCallsOverTCPGetTheirOwnReplies(t *testing.T) {
	nodes := transportPair(t)
	b := nodes.serve("b", func(n *rpc.Node) {
		n.Handle("task", same)
		n.HandleInline("inline", func(_ core.Address, body []byte, r rpc.Responder) { r.Answer(body) })
	})
	a := nodes.serve("a", nil)
	t.Run("calls", func(t *testing.T) {
		for caller := range byte(16) {
			t.Run("caller", func(t *testing.T) {
				t.Parallel()
				for i := range byte(50) {
					for _, method := range []string{"task", "inline"} {
						ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
						got, err := a.Call(ctx, b.Addr(), core.Normal, method, []byte{caller, i})
						cancel()
						require.NoError(t, err)
						require.Equal(t, []byte{caller, i}, got)
					}
				}
			})
		}
	})
	require.Zero(t, a.Counters())
	require.Zero(t, b.Counters())
}

func same(_ context.Context, _ core.Address, body []byte) ([]byte, error) { return body, nil }

// benchmark makes 100-byte calls from that many callers.
func benchmark(b *testing.B, callers int, method string) {
	nodes := transportPair(b)
	server := nodes.serve("b", func(n *rpc.Node) {
		n.Handle("task", same)
		n.HandleInline("inline", func(_ core.Address, body []byte, r rpc.Responder) { r.Answer(body) })
	})
	client := nodes.serve("a", nil)
	body, to := make([]byte, 100), server.Addr()
	b.ReportAllocs()
	b.SetParallelism(max(1, callers/2))
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := client.Call(b.Context(), to, core.Normal, method, body); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.StopTimer()
}

func BenchmarkCall(b *testing.B) {
	b.Run("task/1", func(b *testing.B) { benchmark(b, 1, "task") })
	b.Run("task/64", func(b *testing.B) { benchmark(b, 64, "task") })
	b.Run("inline/64", func(b *testing.B) { benchmark(b, 64, "inline") })
}
