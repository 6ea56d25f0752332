package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/windtunnel/windtunnel/core"
)

func TestShortPartitionDelaysAConnectionAndLosesDatagrams(t *testing.T) {
	for kind, want := range map[string][]string{
		"tcp": {"first", "lost on udp", "healed"}, "udp": {"first", "healed"},
	} {
		w := quietNet(1, fixedLatency())
		received := overLink(t, w, kind, func(env core.Env, e core.Endpoint) {
			nap(t, env, time.Second)
			w.Partition([]string{"a"}, []string{"b"})
			require.NoError(t, e.Send(env.Context(), "b:7000", normal("lost on udp")))
			nap(t, env, defaultKeepAlive-time.Millisecond)
			w.Heal()
			require.NoError(t, e.Send(env.Context(), "b:7000", normal("healed")))
		})
		require.Equal(t, want, texts(received))
	}
}

func TestKeepAliveCountsFromTheLastHealing(t *testing.T) {
	w := quietNet(1, fixedLatency())
	received := overLink(t, w, "tcp", func(env core.Env, e core.Endpoint) {
		nap(t, env, time.Second)
		for range 5 {
			w.Partition([]string{"a"}, []string{"b"})
			require.NoError(t, e.Send(env.Context(), "b", normal("x")))
			nap(t, env, defaultKeepAlive-time.Second)
			w.Heal()
			nap(t, env, 500*time.Millisecond)
		}
	})
	require.Len(t, received, 6)
}

func TestLongPartitionBreaksAConnectionAtTheKeepAlive(t *testing.T) {
	for _, oneWay := range []bool{false, true} {
		w := quietNet(1, fixedLatency())
		received := overLink(t, w, "tcp", func(env core.Env, e core.Endpoint) {
			nap(t, env, time.Second)
			if oneWay {
				w.PartitionOneWay([]string{"b"}, []string{"a"})
			} else {
				w.Partition([]string{"a"}, []string{"b"})
			}
			require.NoError(t, e.Send(env.Context(), "b:7000", normal("then")))
			nap(t, env, defaultKeepAlive)
			require.Equal(t, oneWay, w.NetworkStats().Dropped[DropTail] == 0) // at once, not when it heals
			err := e.Send(env.Context(), "b", normal("by name"))
			require.ErrorIs(t, err, core.ErrDefinite)
			w.Heal()
			require.NoError(t, e.Send(env.Context(), "b:7000", normal("anew")))
		})
		if oneWay { // what was sent against the partition's direction arrives
			require.Equal(t, []string{"first", "then", "anew"}, texts(received))
		} else {
			require.Equal(t, []string{"first", "anew"}, texts(received))
		}
	}
}

func TestPartialPartitionLeavesTheOtherPaths(t *testing.T) {
	w := quietNet(1, fixedLatency())
	var b, c []got
	w.AddNode("b", sink(w, "udp", &b))
	w.AddNode("c", sink(w, "udp", &c))
	w.Partition([]string{"a"}, []string{"b"})
	w.Workload(w.AddNode("a", asleep), "send", func(env core.Env) {
		nap(t, env, time.Millisecond)
		e := listen(t, env, "udp", ":0")
		require.NoError(t, e.Send(env.Context(), "b:7000", normal("x")))
		require.NoError(t, e.Send(env.Context(), "c:7000", normal("y")))
		nap(t, env, time.Second)
	})
	mustRun(t, w)
	require.Empty(t, b)
	require.Equal(t, []string{"y"}, texts(c))
	require.EqualValues(t, 1, w.NetworkStats().Dropped[DropPartition])
}

func TestCutLosesATailOfDrawnLength(t *testing.T) {
	lengths := make(map[int]int)
	for seed := range uint64(60) {
		w := quietNet(seed, fixedLatency())
		received := overLink(t, w, "tcp", func(env core.Env, e core.Endpoint) {
			nap(t, env, time.Second)
			for _, text := range []string{"1", "2", "3"} {
				require.NoError(t, e.Send(env.Context(), "b:7000", normal(text)))
			}
			w.Cut("a", "b")
			require.ErrorIs(t, e.Send(env.Context(), "b", normal("x")), core.ErrUnreachable)
			require.NoError(t, e.Send(env.Context(), "b:7000", normal("4")))
		})
		all := texts(received)
		kept := len(all) - 2
		lengths[kept]++
		require.Equal(t, append([]string{"first", "1", "2", "3"}[:kept+1:kept+1], "4"), all)
	}
	require.Len(t, lengths, 4)
}

func TestPeerOfACutSendsIntoTheVoidUntilWordReachesIt(t *testing.T) {
	w := quietNet(1, fixedLatency())
	a := w.AddNode("a", asleep)
	w.AddNode("b", func(env core.Env) {
		e := listen(t, env, "tcp", ":7000")
		from, _, err := e.Recv(env.Context())
		require.NoError(t, err)
		w.Cut("a", "b")
		require.NoError(t, e.Send(env.Context(), from, normal("vanishes")))
		nap(t, env, time.Millisecond)
		require.ErrorIs(t, e.Send(env.Context(), from, normal("x")), core.ErrUnreachable)
	})
	w.Workload(a, "send", func(env core.Env) {
		nap(t, env, time.Millisecond)
		e := listen(t, env, "tcp", ":0")
		require.NoError(t, e.Send(env.Context(), "b:7000", normal("x")))
		nap(t, env, time.Second)
	})
	mustRun(t, w)
	require.EqualValues(t, 1, w.NetworkStats().Dropped[DropBroken])
}

func TestHalfOpenConnectionSwallowsUntilTheKeepAlive(t *testing.T) {
	config := fixedLatency()
	config.Link.Queue = 2 // which nothing fills that has vanished
	w := quietNet(1, config)
	received := overLink(t, w, "tcp", func(env core.Env, e core.Endpoint) {
		nap(t, env, time.Second)
		w.HalfOpen("a", "b")
		for range 4 {
			require.NoError(t, e.Send(env.Context(), "b:7000", normal("swallowed")))
			nap(t, env, time.Second)
		}
		nap(t, env, time.Second)
		require.ErrorIs(t, e.Send(env.Context(), "b", normal("x")), core.ErrUnreachable)
		require.NoError(t, e.Send(env.Context(), "b:7000", normal("anew")))
	})
	require.Equal(t, []string{"first", "anew"}, texts(received))
	require.EqualValues(t, 4, w.NetworkStats().Dropped[DropBroken])
}

func TestResetIsIndefiniteAndTheMessageArrivesOrNot(t *testing.T) {
	arrived := make(map[bool]int)
	for seed := range uint64(40) {
		w := quietNet(seed, fixedLatency())
		received := overLink(t, w, "tcp", func(env core.Env, e core.Endpoint) {
			nap(t, env, time.Second)
			config := LinkConfig{Latency: ConstantLatency(time.Millisecond), Reset: perMille}
			require.NoError(t, w.SetLink("a", "b", config))
			err := e.Send(env.Context(), "b:7000", normal("perhaps"))
			require.ErrorIs(t, err, core.ErrIndefinite)
			require.NotErrorIs(t, err, core.ErrDefinite)
		})
		arrived[len(received) == 2]++
	}
	require.Greater(t, arrived[true], 8)
	require.Greater(t, arrived[false], 8)
}

func TestCrashBreaksConnectionsAtThePeers(t *testing.T) {
	for _, silent := range []bool{false, true} {
		w := quietNet(1, fixedLatency())
		w.net.silent = silent
		received := overLink(t, w, "tcp", func(env core.Env, e core.Endpoint) {
			nap(t, env, time.Second)
			b := w.Node("b")
			b.Crash()
			require.NoError(t, e.Send(env.Context(), "b:7000", normal("vanishes")))
			if silent {
				nap(t, env, defaultKeepAlive-time.Millisecond)
				require.NoError(t, e.Send(env.Context(), "b:7000", normal("vanishes too")))
				nap(t, env, time.Millisecond)
			} else {
				nap(t, env, time.Millisecond)
			}
			require.ErrorIs(t, e.Send(env.Context(), "b:7000", normal("x")), core.ErrUnreachable)
			b.Restart()
			nap(t, env, time.Millisecond)
			require.ErrorIs(t, e.Send(env.Context(), "b", normal("x")), core.ErrUnreachable)
			require.NoError(t, e.Send(env.Context(), "b:7000", normal("anew")))
		})
		require.Equal(t, []string{"first", "anew"}, texts(received))
	}
}

func TestCrashLosesWhatWasNotYetTransmitted(t *testing.T) {
	config := fixedLatency()
	config.Link.Bandwidth = 1000
	w := faultless(config) // so that nothing is lost which need not be
	w.net.silent = true
	var received []got
	w.AddNode("b", sink(w, "tcp", &received))
	a := w.AddNode("a", func(env core.Env) {
		nap(t, env, time.Millisecond)
		e := listen(t, env, "tcp", ":0")
		require.NoError(t, e.Send(env.Context(), "b:7000", normal("1"))) // 33 ms each
		require.NoError(t, e.Send(env.Context(), "b:7000", normal("2")))
		require.NoError(t, e.Send(env.Context(), "b:7000", normal("3")))
		_, _, err := e.Recv(env.Context())
		require.NoError(t, err)
	})
	w.after(50*time.Millisecond, 0, a.Crash)
	mustRun(t, w)
	require.Equal(t, []string{"1"}, texts(received))
}

func TestPausedNodeFindsWhatArrivedMeanwhile(t *testing.T) {
	w := quietNet(1, fixedLatency())
	received := overLink(t, w, "tcp", func(env core.Env, e core.Endpoint) {
		nap(t, env, time.Second)
		b := w.Node("b")
		b.Pause()
		require.NoError(t, e.Send(env.Context(), "b:7000", normal("1")))
		require.NoError(t, e.Send(env.Context(), "b:7000", normal("2")))
		nap(t, env, time.Hour)
		b.Resume()
	})
	require.Equal(t, []string{"first", "1", "2"}, texts(received))
	require.Greater(t, received[1].at, time.Hour)
}

func TestCloseLosesNothingThatWasSent(t *testing.T) {
	for seed := range uint64(20) {
		config := fixedLatency()
		config.Link.Bandwidth = int(seed) * 10 // up to 6 s a message: longer than a keep-alive
		w := quietNet(seed, config)
		received := overLink(t, w, "tcp", func(env core.Env, e core.Endpoint) {
			require.NoError(t, e.Send(env.Context(), "b:7000", normal("second")))
			require.NoError(t, e.Close())
		})
		require.Equal(t, []string{"first", "second"}, texts(received))
	}
}

func TestAnswersGoToTheNewIncarnation(t *testing.T) {
	w := quietNet(1, fixedLatency())
	boots := 0
	var heard []int
	w.AddNode("b", func(env core.Env) {
		e := listen(t, env, "tcp", ":7000")
		for {
			from, m, err := e.Recv(env.Context())
			require.NoError(t, err)
			require.NoError(t, e.Send(env.Context(), from, m))
		}
	})
	a := w.AddNode("a", func(env core.Env) {
		boots++
		own := boots
		nap(t, env, time.Millisecond)
		e := listen(t, env, "tcp", "a:7000")
		for {
			require.NoError(t, e.Send(env.Context(), "b:7000", core.Message{Body: []byte{byte(own)}}))
			_, m, err := e.Recv(env.Context())
			require.NoError(t, err)
			require.Equal(t, own, int(m.Body[0]))
			heard = append(heard, own)
			nap(t, env, 300*time.Microsecond)
		}
	})
	for i := range 5 {
		w.after(time.Duration(10+10*i)*time.Millisecond, 0, a.Restart)
	}
	w.Workload(w.AddNode("clock", asleep), "wait", func(env core.Env) { nap(t, env, 70*time.Millisecond) })
	mustRun(t, w)
	require.Equal(t, 6, boots)
	for own := 1; own <= 6; own++ {
		require.Contains(t, heard, own)
	}
}
