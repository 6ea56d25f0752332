package sim

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/windtunnel/windtunnel/core"
	"pgregory.net/rapid"
)

// sentNote is what a sender knows of a message that it handed to the network without an error.
type sentNote struct {
	connection *end
	class      core.Class
	number     uint64
}

// orderRun sends numbered messages of all classes from a to b while the network does what rapid draws.
type orderRun struct {
	world    *World
	sent     []sentNote
	refused  map[uint64]bool // definite errors
	received map[core.Class][]uint64
}

func newOrderRun(t *rapid.T) *orderRun {
	config := NetworkConfig{KeepAlive: 50 * time.Millisecond, DialTimeout: 100 * time.Millisecond}
	config.Link = LinkConfig{
		Latency:   LongTailLatency(time.Millisecond, time.Millisecond),
		Bandwidth: rapid.SampledFrom([]int{0, 0, 20_000, 200_000}).Draw(t, "bandwidth"),
		Reset:     rapid.SampledFrom([]int{0, 0, 50}).Draw(t, "reset"),
		Queue:     rapid.SampledFrom([]int{0, 10}).Draw(t, "queue"),
		Loss:      500, Duplicate: 500, Reorder: 500, // which a connection must not notice
	}
	r := &orderRun{
		world:    quietNet(rapid.Uint64().Draw(t, "seed"), config),
		refused:  make(map[uint64]bool),
		received: make(map[core.Class][]uint64),
	}
	r.world.AddNode("b", func(env core.Env) {
		e := listen(t, env, "tcp", ":7000")
		for {
			_, m, err := e.Recv(env.Context())
			if err != nil {
				return
			}
			r.received[m.Class] = append(r.received[m.Class], numberOf(m.Body))
		}
	})
	return r
}

func (r *orderRun) send(t *rapid.T, count int) {
	pauses := rapid.SliceOfN(rapid.IntRange(0, 3), count, count).Draw(t, "pauses")
	classes := rapid.SliceOfN(rapid.IntRange(0, int(core.ClassCount)-1), count, count).Draw(t, "classes")
	r.world.Workload(r.world.AddNode("a", asleep), "send", func(env core.Env) {
		e := listen(t, env, "tcp", ":0").(*endpoint)
		require.NoError(t, env.Sleep(env.Context(), time.Millisecond))
		for i := range count {
			class := core.Class(classes[i])
			err := e.Send(env.Context(), "b:7000", core.Message{Class: class, Body: number(uint64(i))})
			if err == nil {
				r.sent = append(r.sent, sentNote{e.endTo("b:7000"), class, uint64(i)})
			} else if isDefinite(err) {
				r.refused[uint64(i)] = true
			}
			require.NoError(t, env.Sleep(env.Context(), time.Duration(pauses[i])*time.Millisecond))
		}
		require.NoError(t, env.Sleep(env.Context(), time.Minute))
	})
}

func (r *orderRun) disturb(t *rapid.T) {
	w := r.world
	for i := range rapid.IntRange(0, 6).Draw(t, "disturbances") {
		at := time.Duration(rapid.IntRange(1, 300).Draw(t, fmt.Sprintf("at%d", i))) * time.Millisecond
		lasts := time.Duration(rapid.IntRange(1, 120).Draw(t, fmt.Sprintf("lasts%d", i))) * time.Millisecond
		begin, end := func() {}, func() {}
		switch rapid.IntRange(0, 5).Draw(t, fmt.Sprintf("kind%d", i)) {
		case 0:
			begin = func() { w.Cut("a", "b") }
		case 1:
			begin = func() { w.Cut("b", "a") }
		case 2:
			begin = func() { w.HalfOpen("a", "b") }
		case 3:
			begin, end = func() { w.Hold(Link{"a", "b"}) }, func() { w.Release(Link{"a", "b"}) }
		case 4:
			begin, end = func() { w.Partition([]string{"a"}, []string{"b"}) }, w.Heal
		case 5:
			begin = func() { w.PartitionOneWay([]string{"b"}, []string{"a"}) }
			end = w.Heal
		}
		w.after(at, 0, begin)
		w.after(at+lasts, 0, end)
	}
}

func isDefinite(err error) bool {
	send, ok := err.(*core.SendError)
	return ok && send.Definite
}

func TestWhatATCPConnectionDeliversIsAPrefixOfEachClassAndNothingTwice(t *testing.T) {
	broke := 0
	rapid.Check(t, func(t *rapid.T) {
		r := newOrderRun(t)
		r.send(t, 80)
		r.disturb(t)
		if f := r.world.Run(); f != nil {
			t.Fatal(f)
		}
		for class, numbers := range r.received {
			for i, n := range numbers {
				if i > 0 && n <= numbers[i-1] {
					t.Fatalf("%v: %d arrived after %d", class, n, numbers[i-1])
				}
				if r.refused[n] {
					t.Fatalf("%v: %d was definitely not delivered, and arrived", class, n)
				}
			}
		}
		type stream struct {
			connection *end
			class      core.Class
		}
		lost := make(map[stream]uint64)
		for _, s := range r.sent {
			key := stream{s.connection, s.class}
			arrived := slices.Contains(r.received[s.class], s.number)
			if first, ok := lost[key]; ok && arrived {
				t.Fatalf("%v: %d was lost, and %d of its connection arrived", s.class, first, s.number)
			}
			if !arrived {
				lost[key] = s.number
				broke++
			}
		}
	})
	require.NotZero(t, broke, "no connection ever lost a tail")
}

func TestWithoutFaultsNothingIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newOrderRun(t)
		for _, l := range r.world.net.inOrder {
			l.base.Reset = 0
			l.refresh()
		}
		r.world.net.config.Link.Reset = 0
		r.send(t, 80)
		if f := r.world.Run(); f != nil {
			t.Fatal(f)
		}
		for _, s := range r.sent {
			if !slices.Contains(r.received[s.class], s.number) {
				t.Fatalf("%v: %d is lost", s.class, s.number)
			}
		}
		if stats := r.world.NetworkStats(); stats.Sent != stats.Delivered || stats.Drops() != 0 {
			t.Fatalf("%+v", stats)
		}
	})
}
