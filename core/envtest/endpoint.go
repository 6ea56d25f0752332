package envtest

import (
	"context"
	"time"

	"github.com/windtunnel/windtunnel/core"
)

func endpointChecks() []check {
	return []check{
		{name: "AddressInUseIsSaid", script: addressInUse},
		{name: "UnknownNetworkIsRefused", script: unknownNetwork},
		{name: "CloseUnblocksRecv", script: closeUnblocks},
		{name: "ClosedEndpointRefuses", script: closedRefuses},
		{name: "RecvEndsWithItsContext", script: recvEndsWithContext},
		{name: "MessageWinsOverEndedContext", script: messageWins},
		{name: "NobodyThereIsADefiniteError", script: nobodyThere},
		{name: "EndedContextSendsNothing", script: endedContextSends},
		{name: "SendThatWaitsEndsWithItsContext", needs: []Ability{CanStall}, script: sendEndsWithContext},
	}
}

func addressInUse(k *kit) []Node {
	return alone(func(env core.Env) {
		first, second := k.listen(env), k.listen(env)
		k.must(first.Addr() != second.Addr(), "two endpoints listen on %s", first.Addr())
		_, err := env.Listen("tcp", string(first.Addr()))
		k.mustBe(err, core.ErrAddressInUse, "listen where another endpoint does")
		k.mustBe(first.Close(), nil, "close")
		again, err := env.Listen("tcp", string(first.Addr()))
		k.mustBe(err, nil, "listen where an endpoint was closed")
		k.must(again.Addr() == first.Addr(), "asked for %s, got %s", first.Addr(), again.Addr())
	})
}

func unknownNetwork(k *kit) []Node {
	return alone(func(env core.Env) {
		_, err := env.Listen("pigeon", "127.0.0.1:0")
		k.must(err != nil, "listens for pigeons")
		_, err = env.Listen("tcp", "no address at all")
		k.must(err != nil, "listens nowhere")
	})
}

func closeUnblocks(k *kit) []Node {
	return alone(func(env core.Env) {
		endpoint := k.listen(env)
		var err error
		received := task(env, "receiver", func() { _, _, err = endpoint.Recv(background()) })
		env.Yield("let the receiver wait")
		k.mustBe(endpoint.Close(), nil, "close")
		received.wait(env)
		k.mustBe(err, core.ErrClosed, "recv")
	})
}

func closedRefuses(k *kit) []Node {
	return k.link(
		func(env core.Env, e core.Endpoint, b core.Address) {
			k.mustBe(e.Send(background(), b, core.Message{Class: core.High}), nil, "send")
			k.mustBe(e.Close(), nil, "close")
			k.mustRefuse(e.Send(background(), b, core.Message{}), core.ErrClosed, "send after close")
			_, _, err := e.Recv(background())
			k.mustBe(err, core.ErrClosed, "recv after close")
		},
		func(env core.Env, e core.Endpoint) {
			from, m, err := e.Recv(background()) // close does not throw away what was queued
			k.mustBe(err, nil, "recv")
			k.must(from == "a" && m.Class == core.High && len(m.Body) == 0, "got %v from %s", m, from)
		})
}

func recvEndsWithContext(k *kit) []Node {
	return k.link(
		func(env core.Env, e core.Endpoint, b core.Address) {
			ctx, cancel := env.WithCancel(env.Context())
			var err error
			received := task(env, "receiver", func() { _, _, err = e.Recv(ctx) })
			cancel()
			received.wait(env)
			k.mustBe(err, context.Canceled, "recv")
			k.mustBe(e.Send(background(), b, core.Message{Body: []byte("now")}), nil, "send")
			_, m, err := e.Recv(background())
			k.mustBe(err, nil, "recv after one that was cancelled")
			k.must(string(m.Body) == "now", "got %q", m.Body)
		},
		k.echo)
}

// echo answers one message, to where it came from.
func (k *kit) echo(env core.Env, e core.Endpoint) {
	from, m, err := e.Recv(background())
	k.mustBe(err, nil, "echo: recv")
	k.mustBe(e.Send(background(), from, m), nil, "echo: send")
}

func messageWins(k *kit) []Node {
	return k.link(
		func(env core.Env, e core.Endpoint, b core.Address) {
			for range 2 {
				k.mustBe(e.Send(background(), b, core.Message{Class: core.Low}), nil, "send")
			}
			k.mustBe(e.Send(background(), b, core.Message{Class: core.Low}), nil, "send")
		},
		func(env core.Env, e core.Endpoint) {
			_, _, err := e.Recv(background())
			k.mustBe(err, nil, "recv")
			ended, cancel := env.WithCancel(background())
			cancel()
			for took := 1; took < 3; {
				// Whether the next message is there is open; that it is not lost is not.
				_, _, err := e.Recv(ended)
				if err == nil {
					took++
					continue
				}
				k.mustBe(err, context.Canceled, "recv under an ended context")
				_, _, err = e.Recv(background())
				k.mustBe(err, nil, "recv")
				took++
			}
		})
}

func nobodyThere(k *kit) []Node {
	return alone(func(env core.Env) {
		endpoint, gone := k.listen(env), k.listen(env)
		k.mustBe(gone.Close(), nil, "close")
		ctx, cancel := env.WithTimeout(background(), time.Minute)
		defer cancel()
		for range 2 {
			err := endpoint.Send(ctx, gone.Addr(), core.Message{})
			k.mustRefuse(err, core.ErrUnreachable, "send to where nobody listens")
		}
		err := endpoint.Send(ctx, "stranger", core.Message{})
		k.mustRefuse(err, core.ErrUnreachable, "send to a name that never sent")
	})
}

func endedContextSends(k *kit) []Node {
	return k.link(
		func(env core.Env, e core.Endpoint, b core.Address) {
			ctx, cancel := env.WithCancel(background())
			cancel()
			k.mustRefuse(e.Send(ctx, b, core.Message{Body: []byte("no")}), context.Canceled, "first send")
			k.mustBe(e.Send(background(), b, core.Message{Body: []byte("yes")}), nil, "send")
			k.mustRefuse(e.Send(ctx, b, core.Message{Body: []byte("no")}), context.Canceled, "later send")
			k.mustBe(e.Send(background(), b, core.Message{Body: []byte("yes")}), nil, "send")
		},
		func(env core.Env, e core.Endpoint) {
			for range 2 {
				_, m, err := e.Recv(background())
				k.mustBe(err, nil, "recv")
				k.must(string(m.Body) == "yes", "what was refused arrived")
			}
		})
}

func sendEndsWithContext(k *kit) []Node {
	return k.link(
		func(env core.Env, e core.Endpoint, b core.Address) {
			k.Stall(env, "a", "b")
			ctx, cancel := env.WithTimeout(background(), 5*time.Millisecond)
			defer cancel()
			err := e.Send(ctx, b, core.Message{Body: []byte("no")})
			k.mustRefuse(err, context.DeadlineExceeded, "send that waits for a connection")

			manual, stop := env.WithCancel(background())
			var sendErr error
			sent := task(env, "sender", func() {
				sendErr = e.Send(manual, b, core.Message{Body: []byte("no")})
			})
			env.Yield("let the sender wait")
			stop()
			sent.wait(env)
			k.mustRefuse(sendErr, context.Canceled, "send that waits for a connection")

			k.Release(env, "a", "b")
			k.mustBe(e.Send(background(), b, core.Message{Body: []byte("yes")}), nil, "send")
		},
		func(env core.Env, e core.Endpoint) {
			_, m, err := e.Recv(background())
			k.mustBe(err, nil, "recv")
			k.must(string(m.Body) == "yes", "what was refused arrived")
		})
}
