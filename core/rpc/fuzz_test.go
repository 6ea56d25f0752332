package rpc_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/sim"
)

// Whatever a peer sends, others are served as before.
func FuzzMessage(f *testing.F) {
	for _, p := range []packet{
		{ID: 1, Timeout: time.Second, Method: "echo", Body: []byte{1}},
		{Kind: notification, Method: "echo", Body: []byte{1}},
		{Kind: reply, ID: 5},
		{Kind: refusal, ID: 1 << 16, Code: rpc.Busy, Detail: "x"},
		{Kind: cancellation, ID: 1},
		{ID: 1, Timeout: 1<<63 - 1, Method: "name", Body: []byte{0xff}},
		{Kind: 9},
	} {
		f.Add(wireBytes(p))
	}
	f.Add([]byte{0xff})
	f.Fuzz(func(t *testing.T, message []byte) {
		w := sim.NewWorld(sim.Config{})
		w.AddNode("b", func(env core.Env) {
			serve(env, rpc.Config{}, func(n *rpc.Node) {
				n.Handle("echo", same)
				rpc.Handle(n, "name", func(_ context.Context, _ core.Address, in *name) (*name, error) {
					return in, nil
				})
			})
		})
		w.Workload(w.AddNode("c", func(core.Env) {}), "fuzz", func(env core.Env) {
			settle(env)
			m := core.Message{Class: core.Normal, Body: message}
			assert.NoError(t, listen(env).endpoint.Send(env.Context(), "b:1", m))
		})
		w.Workload(w.AddNode("a", func(core.Env) {}), "call", func(env core.Env) {
			settle(env)
			settle(env)
			n := serve(env, rpc.Config{}, nil)
			got, err := n.Call(env.Context(), "b:1", core.Normal, "echo", []byte{7})
			assert.NoError(t, err)
			assert.Equal(t, []byte{7}, got)
			assert.Zero(t, n.Counters())
		})
		if failure := w.Run(); failure != nil {
			t.Fatal(failure)
		}
	})
}
