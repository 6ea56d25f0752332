package sim

import (
	"context"
	"encoding/binary"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/choice"
)

// orderLane is one sender's process, one receiver's process and a class: what order is promised within.
type orderLane struct {
	from, to         string
	fromBoot, toBoot int
	class            core.Class
}

// numberedChatter lets all nodes send numbered messages to all, under a nemesis that does everything.
func numberedChatter(
	t *testing.T, seed uint64, kind string, until time.Duration,
) (*World, map[orderLane][]uint64) {
	received := make(map[orderLane][]uint64)
	w := NewWorld(Config{Chooser: choice.NewSeeded(seed)})
	names := []string{"n1", "n2", "n3", "n4"}
	for _, name := range names {
		w.AddNode(name, func(env core.Env) {
			own := w.Node(name).Incarnation()
			e := listen(t, env, kind, ":7000")
			for _, peer := range names {
				env.Go("send "+peer, func() {
					for n := uint64(0); w.Now() < until; n++ {
						m := core.Message{Class: core.Class(n % uint64(core.ClassCount)), Body: number(n)}
						m.Body = binary.BigEndian.AppendUint64(m.Body, uint64(own))
						_ = e.Send(env.Context(), core.Address(peer+":7000"), m)
						_ = env.Sleep(env.Context(), 50*time.Millisecond)
					}
				})
			}
			for {
				from, m, err := e.Recv(env.Context())
				if err != nil {
					require.ErrorIs(t, err, context.Canceled)
					return // it was asked to stop
				}
				lane := orderLane{string(from), name, int(numberOf(m.Body[8:])), own, m.Class}
				received[lane] = append(received[lane], numberOf(m.Body))
			}
		})
	}
	w.Workload(w.AddNode("clock", asleep), "wait", func(env core.Env) {
		_ = env.Sleep(env.Context(), until+10*time.Minute)
	})
	require.NoError(t, w.Inject(everyFault()))
	return w, received
}

func TestUnderEveryFaultAConnectionKeepsOrderAndDoublesNothing(t *testing.T) {
	for seed := range uint64(12) {
		w, received := numberedChatter(t, seed, "tcp", time.Minute)
		mustRun(t, w)
		for lane, numbers := range received {
			for i := 1; i < len(numbers); i++ {
				require.Greater(t, numbers[i], numbers[i-1], "seed %d, %v", seed, lane)
			}
		}
	}
}

func TestEveryPacketIsDeliveredOrDroppedOnceWithItsReason(t *testing.T) {
	for _, kind := range []string{"tcp", "udp"} {
		dropped := uint64(0)
		for seed := range uint64(8) {
			w, received := numberedChatter(t, seed, kind, time.Minute)
			mustRun(t, w)
			taken := uint64(0)
			for _, numbers := range received {
				taken += uint64(len(numbers))
			}
			stats := w.NetworkStats()
			dropped += stats.Drops()
			require.Equal(t, stats.Sent+stats.Duplicated, stats.Delivered+stats.Drops(), "%+v", stats)
			require.Equal(t, stats.Delivered, taken+stats.Unread, "%+v", stats)
			for _, l := range w.net.inOrder {
				require.Zero(t, l.waiting.length)
				require.True(t, l.transmitter.isIdle())
				require.Zero(t, l.datagrams)
			}
		}
		require.NotZero(t, dropped)
	}
}

func TestAfterTheFaultsEverybodyTalksAgain(t *testing.T) {
	for seed := range uint64(8) {
		w, received := numberedChatter(t, seed, "tcp", 2*time.Minute)
		mustRun(t, w)
		for _, from := range w.nodes[:4] {
			for _, to := range w.nodes[:4] {
				lane := orderLane{from.name, to.name, from.incarnation, to.incarnation, core.Critical}
				if w.net.gone[from.name] || w.net.gone[to.name] {
					continue
				}
				numbers := received[lane]
				require.NotEmpty(t, numbers, "seed %d, %v", seed, lane)
				require.Greater(t, numbers[len(numbers)-1], uint64(1000), "seed %d, %v", seed, lane)
			}
		}
	}
}
