package rpc_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/core/wire"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/choice"
)

const (
	seeds = 60
	ms    = time.Millisecond
)

// simulate runs what build builds, once a seed. Tasks judge with assert: their failures name the seed.
func simulate(t *testing.T, build func(t assert.TestingT, w *sim.World)) {
	t.Helper()
	simulateWith(t, sim.StallWeights{}, build)
}

// quietly is simulate without stalls, for claims about what happens when.
func quietly(t *testing.T, build func(t assert.TestingT, w *sim.World)) {
	t.Helper()
	simulateWith(t, sim.Quiet(), build)
}

func simulateWith(t *testing.T, stalls sim.StallWeights, build func(t assert.TestingT, w *sim.World)) {
	t.Helper()
	for seed := range uint64(seeds) {
		w := sim.NewWorld(sim.Config{Chooser: choice.NewSeeded(seed), Stalls: stalls})
		build(seeded{t, seed}, w)
		if failure := w.Run(); failure != nil {
			t.Errorf("seed %d: %v\n%s", seed, failure, failure.Stack)
		}
		if t.Failed() {
			return
		}
	}
}

type seeded struct {
	t    *testing.T
	seed uint64
}

func (s seeded) Errorf(format string, args ...any) {
	s.t.Helper()
	s.t.Errorf("seed %d: "+format, append([]any{s.seed}, args...)...)
}

// serve is a node's boot: it listens on its port 1 and serves what register registers.
func serve(env core.Env, config rpc.Config, register func(n *rpc.Node)) *rpc.Node {
	return serveOn(env, "tcp", config, register)
}

func serveOn(env core.Env, network string, config rpc.Config, register func(n *rpc.Node)) *rpc.Node {
	endpoint := must(env.Listen(network, ":1"))
	n := must(rpc.New(env, endpoint, config))
	if register != nil {
		register(n)
	}
	env.Go("rpc", func() { _ = n.Serve(env.Context()) })
	return n
}

// settle waits until every node has booted, however its tasks stalled.
func settle(env core.Env) { _ = env.Sleep(env.Context(), 500*ms) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// echo answers with what it got, after as many milliseconds as the first byte says, and whoever waits.
func echo(env core.Env) rpc.Handler {
	return func(_ context.Context, _ core.Address, body []byte) ([]byte, error) {
		_ = env.Sleep(env.Context(), time.Duration(body[0])*ms)
		return body, nil
	}
}

// raw is a node without rpc, to see and to say what no Node would.
type raw struct {
	env      core.Env
	endpoint core.Endpoint
}

// packet is the frame as documented, field by field: what older and newer peers must agree on.
type packet struct {
	Kind    uint8 // request, notification, reply, refusal, cancellation
	ID      uint64
	Timeout time.Duration
	Method  string
	Code    rpc.Code
	Detail  string
	Body    []byte
}

func (p *packet) Fields(c *wire.Coder) {
	wire.Enum(c, 1, &p.Kind)
	c.Fixed64(2, &p.ID)
	c.Duration(3, &p.Timeout)
	c.String(4, &p.Method)
	wire.Enum(c, 5, &p.Code)
	c.String(6, &p.Detail)
	c.Bytes(7, &p.Body)
}

const (
	request uint8 = iota
	notification
	reply
	refusal
	cancellation
)

// wireBytes is a packet as it travels.
func wireBytes(p packet) []byte { return wire.Marshal(&p) }

func listen(env core.Env) raw { return raw{env, must(env.Listen("tcp", ":1"))} }

func (r raw) send(to core.Address, p packet) {
	m := core.Message{Class: core.Normal, Body: wireBytes(p)}
	if err := r.endpoint.Send(r.env.Context(), to, m); err != nil {
		panic(err)
	}
}

// recv returns nil when nothing comes within a second.
func (r raw) recv() (core.Address, core.Class, *packet) {
	ctx, cancel := r.env.WithTimeout(r.env.Context(), time.Second)
	defer cancel()
	from, m, err := r.endpoint.Recv(ctx)
	if err != nil {
		return "", 0, nil
	}
	var p packet
	if err := wire.Unmarshal(m.Body, &p); err != nil {
		panic(err)
	}
	return from, m.Class, &p
}
