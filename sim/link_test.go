package sim

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/windtunnel/windtunnel/core"
	"pgregory.net/rapid"
)

// overLink makes a sender a with an open connection (or a datagram socket) and a sink b, and lets body send.
func overLink(t *testing.T, w *World, kind string, body func(env core.Env, e core.Endpoint)) []got {
	t.Helper()
	var received []got
	w.AddNode("b", sink(w, kind, &received))
	w.Workload(w.AddNode("a", asleep), "send", func(env core.Env) {
		require.NoError(t, env.Sleep(env.Context(), time.Millisecond))
		e := listen(t, env, kind, ":0")
		require.NoError(t, e.Send(env.Context(), "b:7000", normal("first")))
		body(env, e)
		require.NoError(t, env.Sleep(env.Context(), time.Minute))
	})
	mustRun(t, w)
	return received
}

func nap(t *testing.T, env core.Env, d time.Duration) {
	t.Helper()
	require.NoError(t, env.Sleep(env.Context(), d))
}

func TestBandwidthIsNeverExceeded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bandwidth := rapid.IntRange(1000, 100_000).Draw(t, "bandwidth")
		sizes := rapid.SliceOfN(rapid.IntRange(0, 2000), 1, 30).Draw(t, "sizes")
		classes := rapid.SliceOfN(rapid.IntRange(0, 3), 30, 30).Draw(t, "classes")
		w := quietNet(1, NetworkConfig{Link: LinkConfig{
			Latency: ConstantLatency(time.Millisecond), Bandwidth: bandwidth,
		}})
		var received []got
		w.AddNode("b", sink(w, "tcp", &received))
		var began time.Duration
		w.Workload(w.AddNode("a", asleep), "send", func(env core.Env) {
			e := listen(t, env, "tcp", ":0")
			for i, size := range sizes {
				m := core.Message{Class: core.Class(classes[i]), Body: make([]byte, size)}
				require.NoError(t, e.Send(env.Context(), "b:7000", m))
				if i == 0 {
					began = w.Now()
				}
			}
			require.NoError(t, env.Sleep(env.Context(), time.Hour))
		})
		if f := w.Run(); f != nil {
			t.Fatal(f)
		}
		require.Len(t, received, len(sizes))
		total := 0
		for _, g := range received {
			total += len(g.text) + headerBytes
			least := time.Duration(total) * time.Second / time.Duration(bandwidth)
			require.GreaterOrEqual(t, g.at-began-time.Millisecond, least)
		}
		whole := time.Duration(total) * time.Second / time.Duration(bandwidth)
		// Each part of each packet rounds up.
		most := whole + time.Duration(3*len(sizes))*time.Microsecond
		require.LessOrEqual(t, received[len(received)-1].at-began-time.Millisecond, most)
	})
}

func TestCriticalMessageDoesNotStandBehindBulk(t *testing.T) {
	w := quietNet(1, NetworkConfig{Link: LinkConfig{
		Latency: ConstantLatency(time.Millisecond), Bandwidth: 1000,
	}})
	received := overLink(t, w, "tcp", func(env core.Env, e core.Endpoint) {
		nap(t, env, time.Second)
		bulk := core.Message{Class: core.Low, Body: []byte(strings.Repeat("b", 5000-headerBytes))}
		require.NoError(t, e.Send(env.Context(), "b:7000", bulk)) // five seconds
		require.NoError(t, e.Send(env.Context(), "b:7000", bulk))
		nap(t, env, time.Second)
		high := core.Message{Class: core.High, Body: []byte("high")}
		require.NoError(t, e.Send(env.Context(), "b:7000", high))
		require.NoError(t, e.Send(env.Context(), "b:7000", core.Message{Body: []byte("critical")}))
	})
	require.Equal(t, []string{"first", "critical", "high"}, texts(received)[:3])
	require.Less(t, received[2].at, 2300*time.Millisecond)
	began := received[0].at + time.Second - time.Millisecond
	require.InDelta(t, began+10*time.Second, received[4].at, float64(200*time.Millisecond)) // nothing twice
}

func TestRecvTakesTheMostUrgentFirst(t *testing.T) {
	w := quietNet(1, fixedLatency())
	b := w.AddNode("b", asleep)
	var order []core.Class
	w.Workload(b, "recv", func(env core.Env) {
		e := listen(t, env, "tcp", ":7000")
		nap(t, env, time.Second)
		for range 4 {
			_, m, err := e.Recv(env.Context())
			require.NoError(t, err)
			order = append(order, m.Class)
		}
	})
	w.Workload(w.AddNode("a", asleep), "send", func(env core.Env) {
		nap(t, env, time.Millisecond)
		e := listen(t, env, "tcp", ":0")
		for _, class := range []core.Class{core.Low, core.Critical, core.Normal, core.High} {
			require.NoError(t, e.Send(env.Context(), "b:7000", core.Message{Class: class}))
		}
	})
	mustRun(t, w)
	require.Equal(t, []core.Class{core.Critical, core.High, core.Normal, core.Low}, order)
}

func TestFullQueueIsDefiniteAndOfOneClassOnly(t *testing.T) {
	for _, kind := range []string{"tcp", "udp"} {
		config := fixedLatency()
		config.Link.Queue = 3
		w := quietNet(1, config)
		received := overLink(t, w, kind, func(env core.Env, e core.Endpoint) {
			nap(t, env, time.Second)
			w.Node("b").Pause() // on "tcp" what nobody receives counts
			for range 3 {
				require.NoError(t, e.Send(env.Context(), "b:7000", normal("x")))
			}
			err := e.Send(env.Context(), "b:7000", normal("too much"))
			require.ErrorIs(t, err, core.ErrQueueFull)
			require.ErrorIs(t, err, core.ErrDefinite)
			require.NoError(t, e.Send(env.Context(), "b:7000", core.Message{Body: []byte("urgent")}))
			nap(t, env, time.Second)
			if kind == "tcp" {
				require.ErrorIs(t, e.Send(env.Context(), "b:7000", normal("still")), core.ErrQueueFull)
			} else {
				require.NoError(t, e.Send(env.Context(), "b:7000", normal("dropped at the inbox")))
				nap(t, env, time.Second)
				require.EqualValues(t, 1, w.NetworkStats().Dropped[DropInboxFull])
			}
			w.Node("b").Resume()
			nap(t, env, time.Second)
			require.NoError(t, e.Send(env.Context(), "b:7000", normal("again")))
		})
		require.Equal(t, []string{"first", "urgent", "x", "x", "x", "again"}, texts(received))
	}
}

func TestDatagramsAreLostDuplicatedAndReorderedAsConfigured(t *testing.T) {
	const count = 2000
	send := func(config LinkConfig) (received []got, stats NetworkStats) {
		config.Latency = ConstantLatency(time.Millisecond)
		w := quietNet(7, NetworkConfig{Link: config})
		received = overLink(t, w, "udp", func(env core.Env, e core.Endpoint) {
			for i := range count {
				m := core.Message{Body: number(uint64(i))}
				require.NoError(t, e.Send(env.Context(), "b:7000", m))
				nap(t, env, time.Millisecond)
			}
		})
		return received, w.NetworkStats()
	}
	received, stats := send(LinkConfig{Loss: 100})
	require.InDelta(t, count*0.1, stats.Dropped[DropLoss], count*0.03)
	require.EqualValues(t, count+1, len(received)+int(stats.Drops()))

	received, stats = send(LinkConfig{Duplicate: 200})
	require.InDelta(t, count*0.2, stats.Duplicated, count*0.04)
	require.EqualValues(t, count+1+stats.Duplicated, len(received))

	received, _ = send(LinkConfig{Reorder: 200})
	late := 0
	for i := 2; i < len(received); i++ {
		if received[i].text < received[i-1].text {
			late++
		}
	}
	require.Len(t, received, count+1)
	require.Greater(t, late, count/20)
}

func TestHoldKeepsAndReleaseDeliversInOrder(t *testing.T) {
	for _, kind := range []string{"tcp", "udp"} {
		w := quietNet(1, fixedLatency())
		link := Link{"a", "b"}
		received := overLink(t, w, kind, func(env core.Env, e core.Endpoint) {
			nap(t, env, time.Second)
			w.Hold(link)
			w.Hold(link) // is holding once
			for _, text := range []string{"1", "2", "3"} {
				require.NoError(t, e.Send(env.Context(), "b:7000", normal(text)))
			}
			nap(t, env, time.Hour) // much longer than a keep-alive
			w.Release(link)
			require.NoError(t, e.Send(env.Context(), "b:7000", normal("4")))
		})
		require.Equal(t, []string{"first", "1", "2", "3", "4"}, texts(received))
		require.Equal(t, received[1].at, received[3].at)
	}
}

func TestEachDirectionIsConfiguredByItself(t *testing.T) {
	w := quietNet(1, fixedLatency())
	require.NoError(t, w.SetLink("a", "b", LinkConfig{Latency: ConstantLatency(time.Second)}))
	require.Error(t, w.SetLink("a", "b", LinkConfig{Loss: -1}))
	var answered time.Duration
	received := overLink(t, w, "tcp", func(env core.Env, e core.Endpoint) { answered = w.Now() })
	require.Equal(t, 1002*time.Millisecond, answered) // listening since 1 ms, 1 s there, 1 ms back
	require.Equal(t, 2002*time.Millisecond, received[0].at)
}

func TestConfigNamesFieldValueAndBound(t *testing.T) {
	for text, config := range map[string]NetworkConfig{
		"Network.Link.Loss is 1001: want 0 to 1000":        {Link: LinkConfig{Loss: 1001}},
		"Network.Link.Latency.Least is -1ns":               {Link: LinkConfig{Latency: Latency{Least: -1}}},
		"Network.Link.Latency.Shape is 9":                  {Link: LinkConfig{Latency: Latency{Shape: 9}}},
		"Network.Link.Bandwidth is -1":                     {Link: LinkConfig{Bandwidth: -1}},
		"Network.Link.Queue is -1":                         {Link: LinkConfig{Queue: -1}},
		"Network.MessageLimit is -1: want 0 (4 MiB) to 1 ": {MessageLimit: -1},
		"Network.DialTimeout is -1ns":                      {DialTimeout: -1},
		"Network.KeepAlive is -1ns":                        {KeepAlive: -1},
	} {
		require.ErrorContains(t, config.validate(), text)
	}
	require.NoError(t, NetworkConfig{}.validate())
}
