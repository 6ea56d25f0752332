package rpc_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/wire"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/trace"
)

func TestTraceSaysWhatIsCalledAndWhatIsAnswered(t *testing.T) {
	world := sim.NewWorld(sim.Config{Keep: trace.All, Network: sim.NetworkConfig{Describe: rpc.Describe}})
	world.AddNode("b", func(env core.Env) {
		serve(env, rpc.Config{}, func(n *rpc.Node) {
			rpc.Handle(n, "greet", func(_ context.Context, _ core.Address, in *Name) (*Greeting, error) {
				if in.Text == "" {
					return nil, rpc.Errorf(rpc.Invalid, "no name")
				}
				return &Greeting{in.Text}, nil
			})
		})
	})
	world.Workload(world.AddNode("a", func(core.Env) {}), "calls", func(env core.Env) {
		settle(env)
		a := serve(env, rpc.Config{}, nil)
		for _, name := range []string{"Ada", ""} {
			_, _ = rpc.Call[Greeting](env.Context(), a, "b:1", core.Normal, "greet", &Name{name})
		}
	})
	require.Nil(t, world.Run())
	var sent []string
	for _, e := range world.Trace() {
		if e.Kind == trace.Send {
			sent = append(sent, e.Text)
		}
	}
	require.Len(t, sent, 4)
	call := sent[0][strings.IndexByte(sent[0], '#'):][:5]
	assert.Regexp(t, `^a → b request greet #[0-9a-f]{4}, NORMAL, \d+ bytes$`, sent[0])
	assert.Regexp(t, `^b → a reply `+call+`, NORMAL, \d+ bytes$`, sent[1])
	assert.NotContains(t, sent[2], call, "another call has another number")
	assert.Regexp(t, `^b → a refusal #[0-9a-f]{4} "no name", NORMAL, \d+ bytes$`, sent[3])
}

func TestBytesOfAnotherProtocolAreOnlyCounted(t *testing.T) {
	for _, body := range [][]byte{nil, {0xff}, []byte("GET / HTTP/1.1"), wire.Marshal(&Name{"Ada"})} {
		assert.Contains(t, rpc.Describe(core.Message{Class: core.Low, Body: body}), "LOW, ")
	}
	assert.Equal(t, "LOW, 1 bytes", rpc.Describe(core.Message{Class: core.Low, Body: []byte{0xff}}))
}
