package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/windtunnel/windtunnel/core"
)

func TestFirstRuleThatDecidesWins(t *testing.T) {
	w := quietNet(1, fixedLatency())
	w.AddRule("no opinion", func(Packet) Verdict { return NextRule() })
	pass := w.AddRule("pass critical", func(p Packet) Verdict {
		if p.Class == core.Critical {
			return PassPacket()
		}
		return NextRule()
	})
	drop := w.AddRule("drop", func(p Packet) Verdict {
		require.Equal(t, Link{"a", "b"}, p.Link)
		require.Equal(t, "udp", p.Network)
		if string(p.Body) == "first" {
			return DeliverAfter(5 * time.Millisecond)
		}
		return DropPacket()
	})
	received := overLink(t, w, "udp", func(env core.Env, e core.Endpoint) {
		require.NoError(t, e.Send(env.Context(), "b:7000", core.Message{Body: []byte("critical")}))
		require.NoError(t, e.Send(env.Context(), "b:7000", normal("dropped")))
		drop.Remove()
		drop.Remove() // does nothing
		require.NoError(t, e.Send(env.Context(), "b:7000", normal("passed")))
	})
	require.Equal(t, []string{"critical", "passed", "first"}, texts(received))
	require.Equal(t, 6*time.Millisecond, received[2].at)
	require.EqualValues(t, 1, pass.Decided())
	require.EqualValues(t, 2, drop.Decided())
	require.EqualValues(t, 1, w.NetworkStats().Dropped[DropRule])
}

func TestDroppedPacketBreaksItsConnectionAndWhatWasBeforeItArrives(t *testing.T) {
	w := quietNet(1, fixedLatency())
	w.AddRule("drop it", func(p Packet) Verdict {
		if string(p.Body) == "it" {
			return DropPacket()
		}
		return NextRule()
	})
	received := overLink(t, w, "tcp", func(env core.Env, e core.Endpoint) {
		require.NoError(t, e.Send(env.Context(), "b:7000", normal("before")))
		require.NoError(t, e.Send(env.Context(), "b:7000", normal("it")))
		before := w.Now()
		require.NoError(t, e.Send(env.Context(), "b:7000", normal("after")))
		require.Equal(t, 2*time.Millisecond, w.Now()-before) // a new connection
	})
	require.Equal(t, []string{"first", "before", "after"}, texts(received))
}

func TestDelayedPacketIsNotOvertakenWithinItsClass(t *testing.T) {
	w := quietNet(1, fixedLatency())
	w.AddRule("delay", func(p Packet) Verdict {
		if string(p.Body) == "slow" {
			return DeliverAfter(time.Second)
		}
		return NextRule()
	})
	received := overLink(t, w, "tcp", func(env core.Env, e core.Endpoint) {
		require.NoError(t, e.Send(env.Context(), "b:7000", normal("slow")))
		require.NoError(t, e.Send(env.Context(), "b:7000", normal("next")))
		low := core.Message{Class: core.Low, Body: []byte("low")}
		require.NoError(t, e.Send(env.Context(), "b:7000", low))
	})
	require.Equal(t, []string{"first", "low", "slow", "next"}, texts(received))
}
