package rpc_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/wire"
)

type name struct{ Text string }

func (m *name) Fields(c *wire.Coder) { c.String(1, &m.Text) }

type length struct{ N uint64 }

func (m *length) Fields(c *wire.Coder) { c.Uint64(1, &m.N) }

func TestTypedCallsCarryMessages(t *testing.T) {
	var noted []string
	pair(t, rpc.Config{}, func(_ core.Env, b *rpc.Node) {
		noted = nil
		rpc.Handle(b, "length", func(_ context.Context, _ core.Address, in *name) (*length, error) {
			if in.Text == "" {
				return nil, nil
			}
			if in.Text == "nobody" {
				return nil, rpc.NotFound
			}
			return &length{uint64(len(in.Text))}, nil
		})
		rpc.HandleInline(b, "inline", func(_ core.Address, in *name, r rpc.Responder) {
			noted = append(noted, in.Text)
			r.Reply(&length{uint64(len(in.Text))})
		})
		b.Handle("garbage", func(context.Context, core.Address, []byte) ([]byte, error) {
			return []byte{0xff}, nil
		})
	}, func(t assert.TestingT, env core.Env, a, b *rpc.Node) {
		call := func(method string, in wire.Message) (length, error) {
			return rpc.Call[length](env.Context(), a, "b:1", core.Normal, method, in)
		}
		for _, method := range []string{"length", "inline"} {
			for _, text := range []string{"", "Ada", string(make([]byte, 300))} {
				got, err := call(method, &name{text})
				assert.NoError(t, err)
				assert.EqualValues(t, len(text), got.N)
			}
			_, err := call(method, &length{5}) // no name
			assert.ErrorIs(t, err, rpc.Invalid)
			assert.ErrorContains(t, err, "*rpc_test.name: field 1")
		}
		_, err := call("length", &name{"nobody"})
		assert.ErrorIs(t, err, rpc.NotFound)
		_, err = call("garbage", &name{})
		assert.ErrorIs(t, err, wire.ErrMalformed)
		assert.ErrorIs(t, err, core.ErrIndefinite)
		assert.Equal(t, rpc.Counters{Malformed: 1}, a.Counters())
		assert.Equal(t, rpc.Counters{Malformed: 2}, b.Counters())

		noted = nil
		assert.NoError(t, rpc.Notify(env.Context(), a, "b:1", core.Low, "inline", &name{"Bob"}))
		settle(env)
		assert.Equal(t, []string{"Bob"}, noted)
		assert.Zero(t, a.Counters().LateReplies)
	})
}
