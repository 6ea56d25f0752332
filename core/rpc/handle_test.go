package rpc_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/rpc"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/choice"
)

// The callee's clocks are hours off and fast; its handler asks a third node under what is left.
func TestDeadlineTravelsOnAsTheTimeThatIsLeft(t *testing.T) {
	type sight struct {
		left, took time.Duration
		err        error
	}
	quietly(t, func(t assert.TestingT, w *sim.World) {
		var middle, last sight
		// watch waits for the handler's context to end.
		watch := func(env core.Env, ctx context.Context) sight {
			before := env.Now()
			left, ok := rpc.Left(env, ctx)
			assert.True(t, ok)
			err := env.Sleep(ctx, time.Hour)
			return sight{left: left, took: env.Now().Sub(before), err: err}
		}
		b := w.AddNode("b", func(env core.Env) {
			serve(env, rpc.Config{}, func(n *rpc.Node) {
				n.Handle("via", func(ctx context.Context, _ core.Address, _ []byte) ([]byte, error) {
					middle.left, _ = rpc.Left(env, ctx)
					_ = env.Sleep(ctx, 300*ms)
					return n.Call(ctx, "c:1", core.Normal, "last", nil)
				})
			})
		})
		b.SkewWall(-5 * time.Hour)
		w.AddNode("c", func(env core.Env) {
			serve(env, rpc.Config{}, func(n *rpc.Node) {
				n.Handle("last", func(ctx context.Context, _ core.Address, _ []byte) ([]byte, error) {
					last = watch(env, ctx)
					return nil, last.err
				})
			})
		})
		w.Workload(w.AddNode("a", func(core.Env) {}), "call", func(env core.Env) {
			settle(env)
			n := serve(env, rpc.Config{}, nil)
			ctx, cancel := rpc.WithTimeout(env, env.Context(), 2*time.Second)
			defer cancel()
			inner, cancel := rpc.WithTimeout(env, ctx, time.Hour)
			defer cancel()
			before := env.Now()
			_, err := n.Call(inner, "b:1", core.Normal, "via", nil)
			took := env.Now().Sub(before)
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, 2*time.Second, took, "an inner timeout does not extend the outer one")
			settle(env)
			assert.LessOrEqual(t, middle.left, 2*time.Second)
			assert.Greater(t, middle.left, 1500*ms)
			assert.LessOrEqual(t, last.left, 1700*ms)
			assert.Greater(t, last.left, 1000*ms)
			assert.ErrorIs(t, last.err, context.DeadlineExceeded)
			assert.InDelta(t, last.left.Seconds(), last.took.Seconds(), 0.25)
		})
	})
}

// Whenever the caller gives up, it returns at once, with the reply or with why, and the handler hears of it.
func TestCancellationRacesTheReply(t *testing.T) {
	replied, cancelled := 0, 0
	simulate(t, func(t assert.TestingT, w *sim.World) {
		heard := 0
		var b *rpc.Node
		w.AddNode("b", func(env core.Env) {
			b = serve(env, rpc.Config{CallsIn: 1}, func(n *rpc.Node) {
				n.Handle("work", func(ctx context.Context, _ core.Address, body []byte) ([]byte, error) {
					if env.Sleep(ctx, 5*ms) != nil {
						heard++
					}
					return body, nil
				})
			})
		})
		w.Workload(w.AddNode("a", func(core.Env) {}), "call", func(env core.Env) {
			settle(env)
			n := serve(env, rpc.Config{}, nil)
			for i := range byte(10) {
				ctx, cancel := env.WithCancel(env.Context())
				var end core.Instant
				after := 3*ms + time.Duration(w.Choose(choice.Config, "cancel", 80))*ms/10
				env.Go("cancel", func() {
					_ = env.Sleep(env.Context(), after)
					end = env.Now()
					cancel()
				})
				got, err := n.Call(ctx, "b:1", core.Normal, "work", []byte{i})
				if err == nil {
					assert.Equal(t, []byte{i}, got)
					replied++
				} else {
					assert.ErrorIs(t, err, context.Canceled)
					assert.Less(t, env.Now().Sub(end), 250*ms, "with stalls")
					cancelled++
				}
				settle(env) // one slot: whatever came of it, the handler has left it
			}
			assert.LessOrEqual(t, n.Counters().LateReplies, uint64(10-heard), "a reply was sent to nobody")
			assert.Zero(t, b.Counters().Busy)
		})
	})
	assert.Positive(t, replied)
	assert.Positive(t, cancelled)
}

func TestCancellationReachesTheHandler(t *testing.T) {
	quietly(t, func(t assert.TestingT, w *sim.World) {
		var ended error
		w.AddNode("b", func(env core.Env) {
			serve(env, rpc.Config{}, func(n *rpc.Node) {
				n.Handle("work", func(ctx context.Context, _ core.Address, _ []byte) ([]byte, error) {
					ended = env.Sleep(ctx, time.Hour)
					return nil, nil
				})
			})
		})
		w.Workload(w.AddNode("a", func(core.Env) {}), "call", func(env core.Env) {
			settle(env)
			n := serve(env, rpc.Config{Timeout: time.Minute}, nil)
			ctx, cancel := env.WithTimeout(env.Context(), time.Second)
			defer cancel()
			_, err := n.Call(ctx, "b:1", core.Normal, "work", nil)
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			settle(env)
			assert.ErrorIs(t, ended, context.Canceled)
			assert.Zero(t, n.Counters(), "the handler of a cancelled request answered")
		})
	})
}

// A cancellation that waits for a connection, which has broken, waits alone.
func TestTasksThatTellOfCancellationsAreBounded(t *testing.T) {
	quietly(t, func(t assert.TestingT, w *sim.World) {
		w.AddNode("b", func(env core.Env) { listen(env) })
		w.AddNode("c", func(env core.Env) { listen(env) })
		w.Workload(w.AddNode("a", func(core.Env) {}), "call", func(env core.Env) {
			settle(env)
			n := serve(env, rpc.Config{CallsOut: 1}, nil)
			giveUp := func(to core.Address, meanwhile func()) {
				ctx, cancel := env.WithCancel(env.Context())
				env.Go("cancel", func() {
					_ = env.Sleep(env.Context(), 100*ms)
					meanwhile()
					cancel()
				})
				_, err := n.Call(ctx, to, core.Normal, "m", nil)
				assert.ErrorIs(t, err, context.Canceled)
				assert.ErrorIs(t, err, core.ErrIndefinite)
			}
			giveUp("b:1", func() {
				w.Partition([]string{"a"}, []string{"b"})
				w.Cut("a", "b")
			})
			giveUp("c:1", func() {})
			assert.EqualValues(t, 1, n.Counters().Unsent, "that of c, over the bound")
			_ = env.Sleep(env.Context(), 2*time.Second)
			assert.EqualValues(t, 2, n.Counters().Unsent)
			giveUp("c:1", func() {})
			assert.EqualValues(t, 2, n.Counters().Unsent)
		})
	})
}

func TestHandlersContextLastsAsLongAsTheHandlerButNoLongerThanAnHour(t *testing.T) {
	quietly(t, func(t assert.TestingT, w *sim.World) {
		var kept context.Context
		w.AddNode("b", func(env core.Env) {
			serve(env, rpc.Config{}, func(n *rpc.Node) {
				n.Handle("keep", func(ctx context.Context, _ core.Address, _ []byte) ([]byte, error) {
					left, _ := rpc.Left(env, ctx)
					assert.Equal(t, time.Hour, left)
					_, ok := rpc.Left(env, context.WithoutCancel(ctx))
					assert.False(t, ok)
					kept = ctx
					return nil, ctx.Err()
				})
			})
		})
		w.Workload(w.AddNode("a", func(core.Env) {}), "call", func(env core.Env) {
			settle(env)
			ctx, cancel := rpc.WithTimeout(env, env.Context(), core.Forever)
			defer cancel()
			_, err := serve(env, rpc.Config{}, nil).Call(ctx, "b:1", core.Normal, "keep", nil)
			assert.NoError(t, err)
			assert.ErrorIs(t, kept.Err(), context.Canceled)
		})
	})
}

func TestHandlersEndWhenServeEnds(t *testing.T) {
	for want, end := range map[error]func(core.Endpoint, context.CancelFunc){
		context.Canceled: func(_ core.Endpoint, cancel context.CancelFunc) { cancel() },
		core.ErrClosed:   func(e core.Endpoint, _ context.CancelFunc) { _ = e.Close() },
	} {
		quietly(t, func(t assert.TestingT, w *sim.World) {
			w.AddNode("a", func(env core.Env) {
				n := serve(env, rpc.Config{}, nil)
				_, _ = n.Call(env.Context(), "b:1", core.Normal, "work", nil)
			})
			w.Workload(w.AddNode("b", func(core.Env) {}), "serve", func(env core.Env) {
				endpoint := must(env.Listen("tcp", ":1"))
				n := must(rpc.New(env, endpoint, rpc.Config{}))
				ended := core.NewLatch(env)
				n.Handle("work", func(ctx context.Context, _ core.Address, _ []byte) ([]byte, error) {
					assert.ErrorIs(t, env.Sleep(ctx, time.Hour), context.Canceled)
					ended.Open()
					return nil, nil
				})
				ctx, cancel := env.WithCancel(env.Context())
				env.Go("end", func() {
					settle(env)
					end(endpoint, cancel)
				})
				assert.ErrorIs(t, n.Serve(ctx), want)
				settle(env)
				assert.True(t, ended.IsOpen())
				before := env.Now()
				_, err := n.Call(env.Context(), "a", core.Normal, "m", nil) // whose reply nobody could hear
				assert.ErrorIs(t, err, core.ErrClosed)
				assert.ErrorIs(t, err, core.ErrDefinite)
				assert.Equal(t, before, env.Now())
			})
		})
	}
}

func TestHandlerThatNeverReturnsAnAnswerIsAnInternalError(t *testing.T) {
	nodes := transportPair(t)
	b := nodes.serve("b", func(n *rpc.Node) {
		n.Handle("exit", func(context.Context, core.Address, []byte) ([]byte, error) {
			runtime.Goexit() // as a panic would, ends the task; but not the node with it
			return nil, nil
		})
	})
	a := nodes.serve("a", nil)
	for range 2 {
		_, err := a.Call(t.Context(), b.Addr(), core.Normal, "exit", nil)
		assert.ErrorIs(t, err, rpc.Internal)
	}
}

func TestInlineHandlerSeesMessagesInOrderAndMayAnswerLater(t *testing.T) {
	quietly(t, func(t assert.TestingT, w *sim.World) {
		var notes []byte
		w.AddNode("b", func(env core.Env) {
			queue := core.NewMailbox[rpc.Responder](env.NewSignal(), 4)
			serve(env, rpc.Config{CallsIn: 1}, func(n *rpc.Node) {
				n.HandleInline("note", func(from core.Address, body []byte, r rpc.Responder) {
					assert.Equal(t, core.Address("a"), from)
					assert.False(t, r.Waited())
					assert.Zero(t, r.Left())
					r.Answer(body)
					notes = append(notes, body...)
				})
				n.HandleInline("later", func(_ core.Address, body []byte, r rpc.Responder) {
					assert.True(t, r.Waited())
					if !queue.Put(r) {
						r.Fail(rpc.Busy)
					}
				})
			})
			env.Go("answers", func() {
				for {
					r, err := queue.Take(env.Context())
					if err != nil {
						return
					}
					_ = env.Sleep(env.Context(), 20*ms)
					r.Answer([]byte(fmt.Sprint(r.Left() > 4*time.Second, r.Left() <= 5*time.Second)))
					r.Answer([]byte("twice"))
				}
			})
		})
		w.Workload(w.AddNode("a", func(core.Env) {}), "call", func(env core.Env) {
			settle(env)
			n := serve(env, rpc.Config{}, nil)
			var want []byte
			for i := range byte(20) {
				assert.NoError(t, n.Notify(env.Context(), "b:1", core.Low, "note", []byte{i}))
				want = append(want, i)
			}
			g := core.NewGroup(env, env.Context())
			for _, name := range []string{"x", "y"} {
				g.Go(name, func(ctx context.Context) error {
					got, err := n.Call(ctx, "b:1", core.Normal, "later", nil)
					assert.Equal(t, "true true", string(got))
					return err
				})
			}
			assert.NoError(t, g.Wait())
			settle(env)
			assert.Equal(t, want, notes)
			assert.Equal(t, rpc.Counters{LateReplies: 2}, n.Counters(), "the second answers, and no other")
		})
	})
}
