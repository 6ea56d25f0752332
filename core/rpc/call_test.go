package rpc_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/choice"
)

// Every caller gets what it asked for or its deadline, whatever answers come late into slots that are used
// again.
func TestLateReplyNeverAnswersTheNextCall(t *testing.T) {
	late := uint64(0)
	simulate(t, func(t assert.TestingT, w *sim.World) {
		w.AddNode("b", func(env core.Env) {
			serve(env, rpc.Config{}, func(n *rpc.Node) { n.Handle("echo", echo(env)) })
		})
		a := w.AddNode("a", func(core.Env) {})
		w.Workload(a, "calls", func(env core.Env) {
			settle(env)
			n := serve(env, rpc.Config{}, nil)
			callers := core.NewGroup(env, env.Context())
			for caller := range byte(4) {
				callers.Go(fmt.Sprintf("caller%d", caller), func(ctx context.Context) error {
					for i := range byte(10) {
						slow := byte(w.Choose(choice.Config, "slow", 20))
						ctx, cancel := rpc.WithTimeout(env, ctx, 12*ms)
						body := []byte{slow, caller, i}
						got, err := n.Call(ctx, "b:1", core.Normal, "echo", body)
						cancel()
						if err == nil {
							assert.Equal(t, body, got)
						} else {
							assert.ErrorIs(t, err, context.DeadlineExceeded)
						}
					}
					return nil
				})
			}
			_ = callers.Wait()
			_ = env.Sleep(env.Context(), time.Second)
			late += n.Counters().LateReplies
		})
	})
	assert.Positive(t, late, "no reply was late")
}

// Over "udp" a reply finds the next incarnation of the caller, whose calls use the same slots.
func TestReplyFromBeforeARestartAnswersNoCall(t *testing.T) {
	late := uint64(0)
	simulate(t, func(t assert.TestingT, w *sim.World) {
		w.AddNode("b", func(env core.Env) {
			serveOn(env, "udp", rpc.Config{}, func(n *rpc.Node) { n.Handle("echo", echo(env)) })
		})
		a := w.AddNode("a", func(env core.Env) {
			n := serveOn(env, "udp", rpc.Config{}, nil)
			for i := range byte(5) {
				body := []byte{10, i, byte(env.Rand().Uint32())}
				if got, err := n.Call(env.Context(), "b:1", core.Normal, "echo", body); err == nil {
					assert.Equal(t, body, got)
				}
			}
			late += n.Counters().LateReplies
		})
		w.After(27*ms, "restart", a.Restart)
		w.Workload(w.Node("b"), "wait", func(env core.Env) { _ = env.Sleep(env.Context(), time.Second) })
	})
	assert.Positive(t, late, "no reply came after the restart")
}

func TestDuplicatedReplyAnswersOneCall(t *testing.T) {
	seen := rpc.Counters{}
	simulate(t, func(t assert.TestingT, w *sim.World) {
		for _, link := range []sim.Link{{From: "a", To: "b"}, {From: "b", To: "a"}} {
			config := sim.LinkConfig{Latency: sim.UniformLatency(ms, 5*ms), Duplicate: 500, Reorder: 300}
			assert.NoError(t, w.SetLink(link.From, link.To, config))
		}
		var b *rpc.Node
		w.AddNode("b", func(env core.Env) {
			running := map[byte]bool{}
			b = serveOn(env, "udp", rpc.Config{}, func(n *rpc.Node) {
				n.Handle("echo", func(ctx context.Context, from core.Address, body []byte) ([]byte, error) {
					assert.False(t, running[body[1]], "the same request is handled twice at once")
					running[body[1]] = true
					defer func() { running[body[1]] = false }()
					return echo(env)(ctx, from, body)
				})
			})
		})
		w.Workload(w.AddNode("a", func(core.Env) {}), "calls", func(env core.Env) {
			settle(env)
			n := serveOn(env, "udp", rpc.Config{}, nil)
			for i := range byte(10) {
				body := []byte{5, i}
				got, err := n.Call(env.Context(), "b:1", core.Normal, "echo", body)
				assert.NoError(t, err)
				assert.Equal(t, body, got)
			}
			seen.LateReplies += n.Counters().LateReplies
			seen.Duplicates += b.Counters().Duplicates
		})
	})
	assert.Positive(t, seen.LateReplies)
	assert.Positive(t, seen.Duplicates, "no request came again while it was handled")
}

func TestReplyMustComeFromTheNodeThatWasAsked(t *testing.T) {
	quietly(t, func(t assert.TestingT, w *sim.World) {
		var caller *rpc.Node
		w.AddNode("a", func(env core.Env) {
			caller = serve(env, rpc.Config{}, func(n *rpc.Node) {
				n.Handle("ask", func(ctx context.Context, from core.Address, _ []byte) ([]byte, error) {
					return n.Call(ctx, from, core.Normal, "back", nil) // to a node's name
				})
			})
		})
		c := w.AddNode("c", func(core.Env) {})
		w.Workload(w.AddNode("b", func(core.Env) {}), "ask", func(env core.Env) {
			settle(env)
			b := listen(env)
			b.send("a:1", packet{ID: 1, Timeout: time.Second, Method: "ask"})
			_, _, back := b.recv()
			w.Workload(c, "meddle", func(env core.Env) {
				listen(env).send("a:1", packet{Kind: reply, ID: back.ID, Body: []byte("from c")})
			})
			_ = env.Sleep(env.Context(), 500*ms)
			b.send("a", packet{Kind: reply, ID: back.ID, Body: []byte("from b")})
			_, _, answer := b.recv()
			assert.Equal(t, "from b", string(answer.Body))
			assert.EqualValues(t, 1, caller.Counters().StrangeReply)
		})
	})
}

func TestCallsInFlightAreBounded(t *testing.T) {
	quietly(t, func(t assert.TestingT, w *sim.World) {
		w.AddNode("b", func(env core.Env) {
			serve(env, rpc.Config{}, func(n *rpc.Node) { n.Handle("echo", echo(env)) })
		})
		w.Workload(w.AddNode("a", func(core.Env) {}), "calls", func(env core.Env) {
			settle(env)
			n := serve(env, rpc.Config{CallsOut: 2}, nil)
			g := core.NewGroup(env, env.Context())
			for _, name := range []string{"one", "two"} {
				g.Go(name, func(ctx context.Context) error {
					_, err := n.Call(ctx, "b:1", core.Normal, "echo", []byte{200})
					return err
				})
			}
			_ = env.Sleep(env.Context(), 110*ms) // longer than the longest stall
			before := env.Now()
			_, err := n.Call(env.Context(), "b:1", core.Normal, "echo", []byte{0})
			assert.ErrorIs(t, err, rpc.ErrTooManyCalls)
			assert.ErrorIs(t, err, core.ErrDefinite)
			assert.Equal(t, before, env.Now())
			assert.EqualValues(t, 1, n.Counters().TooManyCalls)
			assert.NoError(t, g.Wait())
			for range 3 { // nor does a request that cannot be sent keep its place
				_, err = n.Call(env.Context(), "nobody:1", core.Normal, "echo", nil)
				assert.ErrorIs(t, err, core.ErrUnreachable)
			}
			_, err = n.Call(env.Context(), "b:1", core.Normal, "echo", []byte{0})
			assert.NoError(t, err)
		})
	})
}

func TestErrorSaysWhetherTheRequestMayHaveArrived(t *testing.T) {
	simulate(t, func(t assert.TestingT, w *sim.World) {
		w.AddNode("silent", func(env core.Env) { listen(env) })
		w.Workload(w.AddNode("a", func(core.Env) {}), "calls", func(env core.Env) {
			settle(env)
			n := serve(env, rpc.Config{Timeout: time.Second}, nil)
			ended, cancel := env.WithCancel(env.Context())
			cancel()
			tooLate, cancel := rpc.WithTimeout(env, env.Context(), 0)
			defer cancel()
			unaware, cancel := env.WithCancel(context.WithoutCancel(tooLate))
			defer cancel()
			for _, c := range []struct {
				ctx           context.Context
				to            core.Address
				kind, notKind error
				cause         error
			}{
				{env.Context(), "nobody:1", core.ErrDefinite, core.ErrIndefinite, core.ErrUnreachable},
				{ended, "silent:1", core.ErrDefinite, core.ErrIndefinite, context.Canceled},
				{tooLate, "silent:1", core.ErrDefinite, core.ErrIndefinite, context.DeadlineExceeded},
				{unaware, "silent:1", core.ErrDefinite, core.ErrIndefinite, context.DeadlineExceeded},
				{env.Context(), "silent:1", core.ErrIndefinite, core.ErrDefinite, context.DeadlineExceeded},
			} {
				_, err := n.Call(c.ctx, c.to, core.Normal, "m", nil)
				assert.ErrorIs(t, err, c.kind)
				assert.NotErrorIs(t, err, c.notKind)
				assert.ErrorIs(t, err, c.cause)
				var call *rpc.CallError
				if assert.ErrorAs(t, err, &call) {
					assert.Equal(t, c.to, call.To)
					assert.Equal(t, "m", call.Method)
				}
			}
			assert.ErrorIs(t, n.Notify(env.Context(), "nobody:1", core.Low, "m", nil), core.ErrDefinite)
		})
	})
}

// The dial of a node that is cut off would take longer than the call may.
func TestDeadlineHoldsWhileTheConnectionIsMade(t *testing.T) {
	quietly(t, func(t assert.TestingT, w *sim.World) {
		w.AddNode("b", func(env core.Env) { listen(env) })
		w.Partition([]string{"a"}, []string{"b"})
		w.Workload(w.AddNode("a", func(core.Env) {}), "calls", func(env core.Env) {
			settle(env)
			n := serve(env, rpc.Config{Timeout: 500 * ms}, nil)
			before := env.Now()
			_, err := n.Call(env.Context(), "b:1", core.Normal, "m", nil)
			assert.ErrorIs(t, err, core.ErrDefinite)
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, 500*ms, env.Now().Sub(before))
		})
	})
}

func TestServeEndsTheCallsThatWait(t *testing.T) {
	quietly(t, func(t assert.TestingT, w *sim.World) {
		w.AddNode("silent", func(env core.Env) { listen(env) })
		w.Workload(w.AddNode("a", func(core.Env) {}), "calls", func(env core.Env) {
			settle(env)
			endpoint := must(env.Listen("tcp", ":1"))
			n := must(rpc.New(env, endpoint, rpc.Config{}))
			g := core.NewGroup(env, env.Context())
			g.Go("rpc", func(ctx context.Context) error {
				assert.ErrorIs(t, n.Serve(ctx), core.ErrClosed)
				return nil
			})
			g.Go("close", func(ctx context.Context) error {
				_ = env.Sleep(ctx, time.Second)
				return endpoint.Close()
			})
			before := env.Now()
			_, err := n.Call(env.Context(), "silent:1", core.Normal, "m", nil)
			assert.ErrorIs(t, err, core.ErrClosed)
			assert.ErrorIs(t, err, core.ErrIndefinite)
			assert.Equal(t, time.Second, env.Now().Sub(before))
			assert.NoError(t, g.Wait())
			_, err = n.Call(env.Context(), "silent:1", core.Normal, "m", nil)
			assert.ErrorIs(t, err, core.ErrClosed)
			assert.ErrorIs(t, err, core.ErrDefinite)
		})
	})
}
