package transport_test

import (
	"context"
	"fmt"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/transport"
)

// Two nodes in one process, over loopback TCP. The same boot function would run in a simulated World.
func Example() {
	server, err := transport.New(transport.Config{Name: "server"})
	if err != nil {
		fmt.Println(err)
		return
	}
	client, err := transport.New(transport.Config{Name: "client"})
	if err != nil {
		fmt.Println(err)
		return
	}
	endpoint, err := server.Env().Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	server.Env().Go("greeter", func() { greet(server.Env(), endpoint) })

	env := client.Env()
	own, err := env.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	hello := core.Message{Class: core.High, Body: []byte("hello")}
	if err := own.Send(ctx, endpoint.Addr(), hello); err != nil {
		fmt.Println(err)
		return
	}
	from, m, err := own.Recv(ctx)
	fmt.Println(from, m.Class, string(m.Body), err)

	fmt.Println(client.Stop(ctx), server.Stop(ctx))
	// Output:
	// server HIGH hello client <nil>
	// <nil> <nil>
}

// greet answers until its node is asked to stop.
func greet(env core.Env, endpoint core.Endpoint) {
	for {
		from, m, err := endpoint.Recv(env.Context())
		if err != nil {
			return
		}
		answer := core.Message{Class: m.Class, Body: append(m.Body, " "+from...)}
		if err := endpoint.Send(env.Context(), from, answer); err != nil {
			env.Log().Warn("not answered", "peer", from, "cause", err)
		}
	}
}
