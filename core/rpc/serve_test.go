package rpc_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/sim"
)

// pair runs a caller against one serving node, "b:1", that has booted.
func pair(t *testing.T, config rpc.Config, register func(env core.Env, b *rpc.Node),
	call func(t assert.TestingT, env core.Env, a, b *rpc.Node)) {
	t.Helper()
	quietly(t, func(t assert.TestingT, w *sim.World) {
		var b *rpc.Node
		w.AddNode("b", func(env core.Env) {
			b = serve(env, config, func(n *rpc.Node) { register(env, n) })
		})
		w.Workload(w.AddNode("a", func(core.Env) {}), "calls", func(env core.Env) {
			settle(env)
			call(t, env, serve(env, rpc.Config{}, nil), b)
		})
	})
}

var errOwn = errors.New("out of paper")

func TestHandlersErrorReachesTheCaller(t *testing.T) {
	const teapot = rpc.FirstOwn + 18
	cases := map[string]struct {
		err      error
		code     rpc.Code
		detail   string
		definite bool
	}{
		"plain":    {errOwn, rpc.Internal, "out of paper", false},
		"code":     {rpc.NotFound, rpc.NotFound, "", true},
		"wrapped":  {fmt.Errorf("job %q: %w", "j", rpc.Conflict), rpc.Conflict, `job "j": conflict`, true},
		"detailed": {rpc.Errorf(rpc.NotOwner, "ask %s", "g2"), rpc.NotOwner, "ask g2", true},
		"both": {
			fmt.Errorf("submit: %w", rpc.Errorf(rpc.Invalid, "rate -1")),
			rpc.Invalid, "submit: invalid: rate -1", true,
		},
		"busy":      {rpc.Busy, rpc.Busy, "", true},
		"own":       {teapot, teapot, "", false},
		"no code":   {rpc.Code(0), rpc.Internal, "code 0", false},
		"deadline":  {context.DeadlineExceeded, rpc.Deadline, "context deadline exceeded", false},
		"elapsed":   {core.ErrElapsed, rpc.Deadline, "time elapsed", false},
		"cancelled": {context.Canceled, rpc.Cancelled, "context canceled", false},
		"another's": {
			&rpc.CallError{To: "c:1", Method: "m", Definite: true, Cause: rpc.Busy}, rpc.Internal,
			"call m of c:1: busy", false,
		},
		"another's deadline": {
			&rpc.CallError{To: "c:1", Method: "m", Cause: &rpc.RemoteError{Code: rpc.Deadline}},
			rpc.Deadline, "call m of c:1: deadline exceeded", false,
		},
		"endless": {errors.New(strings.Repeat("x", 5000)), rpc.Internal, strings.Repeat("x", 1024), false},
	}
	pair(t, rpc.Config{}, func(_ core.Env, b *rpc.Node) {
		b.Handle("fail", func(_ context.Context, _ core.Address, body []byte) ([]byte, error) {
			return nil, cases[string(body)].err
		})
	}, func(t assert.TestingT, env core.Env, a, _ *rpc.Node) {
		for _, name := range slices.Sorted(maps.Keys(cases)) {
			c := cases[name]
			_, err := a.Call(env.Context(), "b:1", core.High, "fail", []byte(name))
			var remote *rpc.RemoteError
			if !assert.ErrorAs(t, err, &remote, name) {
				continue
			}
			assert.Equal(t, rpc.RemoteError{Code: c.code, Detail: c.detail}, *remote, name)
			assert.ErrorIs(t, err, c.code, name)
			assert.Equal(t, c.definite, errors.Is(err, core.ErrDefinite), name)
			assert.Equal(t, !c.definite, errors.Is(err, core.ErrIndefinite), name)
			assert.Contains(t, err.Error(), "call fail of b:1: "+c.code.Error())
		}
	})
}

func TestUnknownMethodIsAnsweredAtOnce(t *testing.T) {
	none := func(core.Env, *rpc.Node) {}
	pair(t, rpc.Config{}, none, func(t assert.TestingT, env core.Env, a, b *rpc.Node) {
		_, err := a.Call(env.Context(), "b:1", core.Normal, "nothing", nil)
		assert.ErrorIs(t, err, rpc.UnknownMethod)
		assert.ErrorIs(t, err, core.ErrDefinite)
		assert.NoError(t, a.Notify(env.Context(), "b:1", core.Normal, "nothing", nil))
		settle(env)
		assert.Equal(t, rpc.Counters{UnknownMethod: 2}, b.Counters())
		assert.Zero(t, a.Counters(), "a notification was answered")
	})
}

func TestOverTheBoundRequestsAreRefusedAtOnce(t *testing.T) {
	notified := 0
	pair(t, rpc.Config{CallsIn: 2}, func(env core.Env, b *rpc.Node) {
		b.Handle("echo", echo(env))
		b.Handle("note", func(context.Context, core.Address, []byte) ([]byte, error) {
			notified++
			return nil, nil
		})
	}, func(t assert.TestingT, env core.Env, a, b *rpc.Node) {
		g := core.NewGroup(env, env.Context())
		for _, name := range []string{"one", "two"} {
			g.Go(name, func(ctx context.Context) error {
				_, err := a.Call(ctx, "b:1", core.Normal, "echo", []byte{250})
				return err
			})
		}
		_ = env.Sleep(env.Context(), 120*ms)
		_, err := a.Call(env.Context(), "b:1", core.Normal, "echo", []byte{0})
		assert.ErrorIs(t, err, rpc.Busy)
		assert.ErrorIs(t, err, core.ErrDefinite)
		notified = 0
		assert.NoError(t, a.Notify(env.Context(), "b:1", core.Normal, "note", nil))
		assert.NoError(t, g.Wait())
		assert.EqualValues(t, 2, b.Counters().Busy)
		assert.Zero(t, notified)
		for range 3 { // what was released is free again, notifications' room too
			assert.NoError(t, a.Notify(env.Context(), "b:1", core.Normal, "note", nil))
			settle(env)
		}
		assert.Equal(t, 3, notified)
		_, err = a.Call(env.Context(), "b:1", core.Normal, "echo", []byte{0})
		assert.NoError(t, err)
	})
}

func TestMalformedMessagesAreCountedAndDropped(t *testing.T) {
	pair(t, rpc.Config{}, func(env core.Env, b *rpc.Node) {
		b.Handle("echo", echo(env))
	}, func(t assert.TestingT, env core.Env, a, b *rpc.Node) {
		r := raw{env, must(env.Listen("tcp", ":2"))}
		bad := []packet{
			{},
			{Method: "echo"},
			{Method: "echo", Timeout: -1},
			{Timeout: 1},
			{Timeout: 1, Method: strings.Repeat("m", 65)},
			{Kind: notification},
			{Kind: notification, Method: strings.Repeat("m", 65)},
			{Kind: refusal, ID: 7},
			{Kind: 5},
		}
		for _, p := range bad {
			r.send("b:1", p)
		}
		garbage := core.Message{Body: []byte{0xff}}
		assert.NoError(t, r.endpoint.Send(env.Context(), "b:1", garbage))
		settle(env)
		r.send("b:1", packet{Kind: reply, ID: 1<<64 - 1})
		r.send("b:1", packet{Kind: reply, ID: 1 << 16})
		r.send("b:1", packet{Kind: cancellation, ID: 1})
		settle(env)
		assert.Equal(t, rpc.Counters{Malformed: uint64(len(bad)) + 1, LateReplies: 2}, b.Counters())
		_, err := a.Call(env.Context(), "b:1", core.Normal, "echo", []byte{0})
		assert.NoError(t, err)
	})
}

func TestReplyAndCancellationHaveTheClassOfTheRequest(t *testing.T) {
	quietly(t, func(t assert.TestingT, w *sim.World) {
		w.AddNode("b", func(env core.Env) {
			serve(env, rpc.Config{}, func(n *rpc.Node) { n.Handle("echo", echo(env)) })
		})
		w.Workload(w.AddNode("a", func(core.Env) {}), "raw", func(env core.Env) {
			settle(env)
			r := listen(env)
			for class := range core.ClassCount {
				for _, method := range []string{"echo", "unknown"} {
					body := wireBytes(packet{ID: 9, Timeout: time.Second, Method: method, Body: []byte{1}})
					m := core.Message{Class: class, Body: body}
					assert.NoError(t, r.endpoint.Send(env.Context(), "b:1", m))
					from, got, p := r.recv()
					assert.Equal(t, core.Address("b"), from)
					assert.Equal(t, class, got)
					assert.EqualValues(t, 9, p.ID)
				}
			}
		})
		w.Workload(w.AddNode("c", func(core.Env) {}), "cancel", func(env core.Env) {
			settle(env)
			settle(env)
			settle(env)
			n := serve(env, rpc.Config{}, nil)
			ctx, cancel := env.WithTimeout(env.Context(), 300*ms)
			defer cancel()
			_, err := n.Call(ctx, "d:1", core.Low, "m", nil)
			assert.ErrorIs(t, err, context.DeadlineExceeded)
		})
		w.Workload(w.AddNode("d", func(core.Env) {}), "raw", func(env core.Env) {
			r := listen(env)
			for _, kind := range []uint8{request, cancellation} {
				_ = env.Sleep(env.Context(), time.Second)
				_, class, p := r.recv()
				if assert.NotNil(t, p) {
					assert.Equal(t, kind, p.Kind)
					assert.Equal(t, core.Low, class)
				}
			}
		})
	})
}

func TestRegisteringAHandlerWronglyIsAMistakeOfTheProgram(t *testing.T) {
	quietly(t, func(t assert.TestingT, w *sim.World) {
		w.Workload(w.AddNode("a", func(core.Env) {}), "register", func(env core.Env) {
			n := must(rpc.New(env, must(env.Listen("tcp", ":1")), rpc.Config{}))
			n.Handle("m", nil)
			assert.Panics(t, func() { n.Handle("m", nil) }, "twice")
			assert.Panics(t, func() { n.HandleInline("", nil) }, "no name")
			assert.Panics(t, func() { n.Handle(strings.Repeat("m", 65), nil) }, "a name too long")
			env.Go("rpc", func() { _ = n.Serve(env.Context()) })
			settle(env)
			assert.Panics(t, func() { n.Handle("late", nil) }, "while serving")
			assert.Panics(t, func() { _ = n.Serve(env.Context()) }, "a second receiving task")
		})
	})
}

func TestConfigOutOfBoundsIsRefused(t *testing.T) {
	for want, config := range map[string]rpc.Config{
		"rpc: config: CallsOut is -1, must be 1 to 65536":       {CallsOut: -1},
		"rpc: config: CallsIn is 65537, must be 1 to 65536":     {CallsIn: 65537},
		"rpc: config: Timeout is 1µs, must be 1ms to 1h0m0s":    {Timeout: time.Microsecond},
		"rpc: config: Timeout is 2h0m0s, must be 1ms to 1h0m0s": {Timeout: 2 * time.Hour},
	} {
		_, err := rpc.New(nil, nil, config)
		assert.EqualError(t, err, want)
	}
}
