package rpc_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/wire"
	"github.com/windtunnel/windtunnel/transport"
)

type Name struct{ Text string }

func (m *Name) Fields(c *wire.Coder) { c.String(1, &m.Text) }

type Greeting struct{ Text string }

func (m *Greeting) Fields(c *wire.Coder) { c.String(1, &m.Text) }

// boot is a node of either world: it greets who has a name.
func boot(env core.Env) *rpc.Node {
	endpoint, err := env.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	node, err := rpc.New(env, endpoint, rpc.Config{})
	if err != nil {
		panic(err)
	}
	greet := func(_ context.Context, from core.Address, in *Name) (*Greeting, error) {
		if in.Text == "" {
			return nil, rpc.Errorf(rpc.Invalid, "%s sent no name", from)
		}
		return &Greeting{"Hello, " + in.Text}, nil
	}
	rpc.Handle(node, "greet", greet)
	env.Go("rpc", func() { _ = node.Serve(env.Context()) })
	return node
}

// Two nodes over loopback TCP.
func Example() {
	ctx := context.Background()
	start := func(name string) (*rpc.Node, func()) {
		process, err := transport.New(transport.Config{Name: name})
		if err != nil {
			panic(err)
		}
		return boot(process.Env()), func() { _ = process.Stop(ctx) }
	}
	server, stop := start("server")
	defer stop()
	client, stop := start("client")
	defer stop()

	reply, err := rpc.Call[Greeting](ctx, client, server.Addr(), core.Normal, "greet", &Name{"Ada"})
	fmt.Println(reply.Text, err)

	_, err = rpc.Call[Greeting](ctx, client, server.Addr(), core.Normal, "greet", &Name{})
	fmt.Println(errors.Is(err, rpc.Invalid), errors.Is(err, core.ErrDefinite))

	_, err = client.Call(ctx, server.Addr(), core.Normal, "sing", nil)
	var remote *rpc.RemoteError
	fmt.Println(errors.As(err, &remote), remote)
	// Output:
	// Hello, Ada <nil>
	// true true
	// true unknown method: sing
}
