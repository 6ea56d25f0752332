package envtest

import (
	"encoding/binary"

	"github.com/windtunnel/windtunnel/core"
)

func messageChecks() []check {
	return []check{
		{name: "AnswerToFromUsesTheExistingConnection", script: answerToFrom},
		{name: "MessagesArriveInOrderWithinPeerAndClass", script: arriveInOrder},
		{name: "MessagesOfAllSizesArriveWhole", script: sizesArrive},
		{name: "MessageOverTheLimitIsRefused", script: overLimit},
		{name: "UnknownClassIsRefused", script: unknownClass},
		{name: "NodeReachesItself", script: reachesItself},
	}
}

// answerToFrom: b never learns an address of a, so only the connection that a made leads back.
func answerToFrom(k *kit) []Node {
	return k.link(
		func(env core.Env, e core.Endpoint, b core.Address) {
			k.mustBe(e.Send(background(), b, core.Message{Body: []byte("ping")}), nil, "send")
			from, m, err := e.Recv(background())
			k.mustBe(err, nil, "recv")
			k.must(from == "b" && string(m.Body) == "ping", "got %q from %s", m.Body, from)
			k.mustBe(e.Send(background(), from, core.Message{Body: []byte("pong")}), nil, "send to from")
		},
		func(env core.Env, e core.Endpoint) {
			k.echo(env, e)
			from, m, err := e.Recv(background())
			k.mustBe(err, nil, "recv")
			k.must(from == "a" && string(m.Body) == "pong", "got %q from %s", m.Body, from)
		})
}

// numbered is a message that says which of its class it is.
func numbered(class core.Class, n int) core.Message {
	return core.Message{Class: class, Body: binary.BigEndian.AppendUint64(nil, uint64(n))}
}

func (k *kit) number(m core.Message) int {
	k.Helper()
	k.must(len(m.Body) == 8, "a numbered message of %d bytes", len(m.Body))
	return int(binary.BigEndian.Uint64(m.Body))
}

func arriveInOrder(k *kit) []Node {
	const each = 300
	return k.link(
		func(env core.Env, e core.Endpoint, b core.Address) {
			for n := range each {
				for class := range core.ClassCount {
					k.mustBe(e.Send(background(), b, numbered(class, n)), nil, "send")
				}
			}
		},
		func(env core.Env, e core.Endpoint) {
			var next [core.ClassCount]int
			for range each * int(core.ClassCount) {
				from, m, err := e.Recv(background())
				k.mustBe(err, nil, "recv")
				n := k.number(m)
				want := next[m.Class]
				k.must(from == "a" && n == want, "got %v %d from %s, want %d", m.Class, n, from, want)
				next[m.Class]++
			}
		})
}

// patterned is a body in which a misplaced part shows.
func patterned(size int) []byte {
	body := make([]byte, size)
	for i := range body {
		body[i] = byte(i*7 + i>>8*13 + i>>16)
	}
	return body
}

func sizesArrive(k *kit) []Node {
	limit := k.MessageLimit()
	sizes := []int{0, 1, limit / 2, limit - 1, limit, 0, limit / 3, 2}
	return k.link(
		func(env core.Env, e core.Endpoint, b core.Address) {
			for i, size := range sizes {
				class := core.Class(i / 2)
				m := core.Message{Class: class, Body: patterned(size)}
				k.mustBe(e.Send(background(), b, m), nil, "send")
			}
		},
		func(env core.Env, e core.Endpoint) {
			var next [core.ClassCount]int
			for range sizes {
				_, m, err := e.Recv(background())
				k.mustBe(err, nil, "recv")
				want := sizes[2*int(m.Class)+next[m.Class]]
				next[m.Class]++
				k.must(string(m.Body) == string(patterned(want)), "%d bytes are not the %d that were sent",
					len(m.Body), want)
			}
		})
}

func overLimit(k *kit) []Node {
	limit := k.MessageLimit()
	return k.link(
		func(env core.Env, e core.Endpoint, b core.Address) {
			for range 2 { // before and after there is a connection
				over := core.Message{Class: core.Critical, Body: make([]byte, limit+1)}
				k.mustRefuse(e.Send(background(), b, over), core.ErrTooLarge, "send of one byte too many")
				k.mustBe(e.Send(background(), b, core.Message{Body: []byte("fits")}), nil, "send")
			}
		},
		func(env core.Env, e core.Endpoint) {
			for range 2 {
				_, m, err := e.Recv(background())
				k.mustBe(err, nil, "recv")
				k.must(string(m.Body) == "fits", "a message of %d bytes arrived", len(m.Body))
			}
		})
}

func unknownClass(k *kit) []Node {
	return k.link(
		func(env core.Env, e core.Endpoint, b core.Address) {
			err := e.Send(background(), b, core.Message{Class: core.ClassCount})
			k.must(err != nil && k.isDefinite(err), "send of an unknown class: %v", err)
		},
		func(core.Env, core.Endpoint) {})
}

func reachesItself(k *kit) []Node {
	return alone(func(env core.Env) {
		endpoint := k.listen(env)
		k.mustBe(endpoint.Send(background(), endpoint.Addr(), core.Message{Body: []byte("me")}), nil, "send")
		from, m, err := endpoint.Recv(background())
		k.mustBe(err, nil, "recv")
		k.must(from == "a" && string(m.Body) == "me", "got %q from %s", m.Body, from)
	})
}
