package sim

import (
	"testing"
	"time"

	"github.com/windtunnel/windtunnel/core"
)

// BenchmarkDeliveredMessage is what one message costs from Send to the return of Recv, tasks and trace
// included: first in a stream that is always full, then as half of a request and its answer.
func BenchmarkDeliveredMessage(b *testing.B) {
	b.Run("stream", func(b *testing.B) {
		w := NewWorld(Config{Stalls: Quiet()})
		w.AddNode("b", func(env core.Env) { receiveAll(b, env, false) })
		w.Workload(w.AddNode("a", asleep), "send", func(env core.Env) {
			e := listen(b, env, "tcp", ":0")
			body := make([]byte, 100)
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				_ = e.Send(env.Context(), "b:7000", core.Message{Class: core.Normal, Body: body})
				if i%100 == 99 {
					_ = env.Sleep(env.Context(), time.Millisecond)
				}
			}
			_ = env.Sleep(env.Context(), time.Second)
		})
		benchRun(b, w)
	})
	b.Run("answer", func(b *testing.B) {
		w := NewWorld(Config{Stalls: Quiet()})
		w.AddNode("b", func(env core.Env) { receiveAll(b, env, true) })
		w.Workload(w.AddNode("a", asleep), "send", func(env core.Env) {
			e := listen(b, env, "tcp", ":0")
			body := make([]byte, 100)
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N/2 + 1 {
				_ = e.Send(env.Context(), "b:7000", core.Message{Class: core.Normal, Body: body})
				_, _, _ = e.Recv(env.Context())
			}
		})
		benchRun(b, w)
	})
}

func receiveAll(b *testing.B, env core.Env, answer bool) {
	e := listen(b, env, "tcp", ":7000")
	for {
		from, m, err := e.Recv(env.Context())
		if err != nil {
			return
		}
		if answer {
			_ = e.Send(env.Context(), from, m)
		}
	}
}

func benchRun(b *testing.B, w *World) {
	if f := w.Run(); f != nil {
		b.Fatal(f)
	}
	if stats := w.NetworkStats(); stats.Delivered < uint64(b.N) {
		b.Fatalf("%+v", stats)
	}
}
