package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// faultless is a World whose connections lose nothing that they need not lose.
func faultless(config NetworkConfig) *World {
	chooser := zeroes{choice.NewSeeded(1), func(c choice.Choice) bool { return c.Kind == choice.Fault }}
	return NewWorld(Config{Chooser: chooser, Stalls: Quiet(), Keep: trace.All, Network: config})
}

func TestWordOfABreakArrivesBehindWhatWasSentBefore(t *testing.T) {
	w := faultless(fixedLatency())
	w.AddRule("slow", func(p Packet) Verdict {
		if string(p.Body) == "slow" {
			return DeliverAfter(time.Second)
		}
		return NextRule()
	})
	received := overLink(t, w, "tcp", func(env core.Env, e core.Endpoint) {
		require.NoError(t, e.Send(env.Context(), "b:7000", normal("slow")))
		w.Cut("a", "b")
		listener := w.net.book.find("tcp", "b:7000")
		nap(t, env, time.Second-1)
		require.NotNil(t, listener.byName["a"])
		nap(t, env, time.Millisecond)
		require.Nil(t, listener.byName["a"])
	})
	require.Equal(t, []string{"first", "slow"}, texts(received))
}

func TestNoWordOfABreakPassesAHeldLink(t *testing.T) {
	for _, c := range []struct{ held, least, most time.Duration }{
		{0, 0, time.Millisecond},
		{time.Second, time.Second, 1200 * time.Millisecond},
		{time.Hour, defaultKeepAlive, defaultKeepAlive + wordRetry},
	} {
		w := quietNet(1, fixedLatency())
		overLink(t, w, "tcp", func(env core.Env, e core.Endpoint) {
			nap(t, env, time.Second)
			listener := w.net.book.find("tcp", "b:7000")
			w.Hold(Link{"a", "b"})
			w.Cut("a", "b")
			if c.held == 0 {
				w.Release(Link{"a", "b"})
			} else {
				w.after(c.held, 0, func() { w.Release(Link{"a", "b"}) })
			}
			before := w.Now()
			for listener.byName["a"] != nil {
				nap(t, env, time.Millisecond)
			}
			require.GreaterOrEqual(t, w.Now()-before, c.least)
			require.LessOrEqual(t, w.Now()-before, c.most+time.Millisecond)
		})
	}
}

func TestNobodyAnswersADialAtAPausedNode(t *testing.T) {
	w := quietNet(1, fixedLatency())
	var received []got
	b := w.AddNode("b", sink(w, "tcp", &received))
	w.Workload(w.AddNode("a", asleep), "send", func(env core.Env) {
		nap(t, env, time.Second)
		e := listen(t, env, "tcp", ":0")
		b.Pause()
		err := e.Send(env.Context(), "b:7000", normal("x"))
		require.ErrorIs(t, err, core.ErrUnreachable)
		w.after(time.Second, 0, b.Resume)
		require.NoError(t, e.Send(env.Context(), "b:7000", normal("y")))
		nap(t, env, time.Second)
	})
	mustRun(t, w)
	require.Equal(t, []string{"y"}, texts(received))
}

func TestNewBandwidthHoldsForWhatIsUnderTransmission(t *testing.T) {
	config := fixedLatency()
	config.Link.Bandwidth = 1000
	w := quietNet(1, config)
	var began time.Duration
	received := overLink(t, w, "tcp", func(env core.Env, e core.Endpoint) {
		nap(t, env, time.Second)
		began = w.Now()
		m := core.Message{Body: make([]byte, 10_000-headerBytes)} // ten seconds
		require.NoError(t, e.Send(env.Context(), "b:7000", m))
		nap(t, env, 5*time.Second)
		require.NoError(t, w.SetLink("a", "b", LinkConfig{Bandwidth: 5000})) // the rest takes one
	})
	require.Equal(t, 6*time.Second, received[1].at-began)
}

func TestBytesAreInTheHash(t *testing.T) {
	hashOf := func(text string) uint64 {
		w := quietNet(1, fixedLatency())
		overLink(t, w, "tcp", func(env core.Env, e core.Endpoint) {
			require.NoError(t, e.Send(env.Context(), "b:7000", normal(text)))
		})
		return w.Hash()
	}
	require.Equal(t, hashOf("one"), hashOf("one"))
	require.NotEqual(t, hashOf("one"), hashOf("two"))
}

func TestKeptTraceTellsWhatMessagesSay(t *testing.T) {
	for text, describe := range map[string]func(core.Message) string{
		"a → b NORMAL, 5 bytes": nil,
		"a → b says hello":      func(m core.Message) string { return "says " + string(m.Body) },
	} {
		config := fixedLatency()
		config.Describe = describe
		w := quietNet(1, config)
		overLink(t, w, "tcp", func(env core.Env, e core.Endpoint) {
			require.NoError(t, e.Send(env.Context(), "b:7000", normal("hello")))
		})
		var kinds []trace.Kind
		for _, event := range w.Trace() {
			if event.Text == text && event.At > time.Millisecond {
				kinds = append(kinds, event.Kind)
			}
		}
		require.Subset(t, kinds, []trace.Kind{trace.Send, trace.Deliver})
	}
}

func TestAnswerComesFromItsRequestAlsoWhenSeveralWait(t *testing.T) {
	w := quietNet(1, fixedLatency())
	w.Workload(w.AddNode("b", asleep), "answer", func(env core.Env) {
		e := listen(t, env, "tcp", ":7000")
		nap(t, env, time.Second)
		for range 3 {
			from, m, err := e.Recv(env.Context())
			require.NoError(t, err)
			require.NoError(t, e.Send(env.Context(), from, core.Message{Class: m.Class}))
		}
	})
	w.Workload(w.AddNode("a", asleep), "ask", func(env core.Env) {
		nap(t, env, time.Millisecond)
		e := listen(t, env, "tcp", ":0")
		for _, class := range []core.Class{core.High, core.Normal, core.Low} {
			require.NoError(t, e.Send(env.Context(), "b:7000", core.Message{Class: class}))
		}
	})
	mustRun(t, w)
	byID := make(map[uint64]trace.Event)
	answers := 0
	for _, event := range w.Trace() {
		byID[event.ID] = event
		if event.Kind != trace.Send || event.Lane[0] != 'b' {
			continue
		}
		cause := byID[event.Cause]
		for cause.Kind == trace.Step {
			cause = byID[cause.Cause]
		}
		require.Equal(t, trace.Deliver, cause.Kind)
		request := byID[cause.Cause]
		require.Equal(t, trace.Send, request.Kind)
		require.Equal(t, "a → b "+event.Text[len("b → a "):], request.Text) // the same class
		answers++
	}
	require.Equal(t, 3, answers)
}

func TestRecvIsAnInterleavingPointAlsoWithAMessageWaiting(t *testing.T) {
	orders := make(map[string]bool)
	for seed := range uint64(30) {
		w := quietNet(seed, fixedLatency())
		order := ""
		b := w.AddNode("b", asleep)
		w.Workload(b, "recv", func(env core.Env) {
			e := listen(t, env, "udp", ":7000")
			nap(t, env, time.Second)
			env.Go("other", func() { order += "o" })
			for range 2 {
				_, _, err := e.Recv(env.Context())
				require.NoError(t, err)
				order += "r"
			}
		})
		w.Workload(w.AddNode("a", asleep), "send", func(env core.Env) {
			nap(t, env, time.Millisecond)
			e := listen(t, env, "udp", ":0")
			require.NoError(t, e.Send(env.Context(), "b:7000", normal("1")))
			require.NoError(t, e.Send(env.Context(), "b:7000", normal("2")))
		})
		mustRun(t, w)
		orders[order] = true
	}
	require.True(t, orders["orr"] && orders["ror"], orders)
}

func TestNewLoopbackConnectionIsNotOvertakenByTheOld(t *testing.T) {
	w := faultless(fixedLatency())
	w.AddRule("slow", func(p Packet) Verdict {
		if string(p.Body) == "slow" {
			return DeliverAfter(time.Second)
		}
		return NextRule()
	})
	var received []got
	a := w.AddNode("a", sink(w, "tcp", &received))
	w.Workload(a, "send", func(env core.Env) {
		nap(t, env, time.Millisecond)
		e := w.net.book.find("tcp", "a:7000")
		require.NoError(t, e.Send(env.Context(), "a:7000", normal("slow")))
		w.Cut("a", "a")
		require.NoError(t, e.Send(env.Context(), "a:7000", normal("new")))
		nap(t, env, time.Minute)
	})
	mustRun(t, w)
	require.Equal(t, []string{"new"}, texts(received))
}

func TestTwoWhoDialEachOtherAtOnceShareAConnection(t *testing.T) {
	w := quietNet(1, fixedLatency())
	var a, b []got
	w.AddNode("a", sink(w, "tcp", &a))
	w.AddNode("b", sink(w, "tcp", &b))
	for _, pair := range [][2]string{{"a", "b"}, {"b", "a"}} {
		w.Workload(w.Node(pair[0]), "send", func(env core.Env) {
			nap(t, env, time.Second)
			e := w.net.book.find("tcp", core.Address(pair[0]+":7000"))
			require.NoError(t, e.Send(env.Context(), core.Address(pair[1]+":7000"), normal("hello")))
			nap(t, env, time.Second)
		})
	}
	mustRun(t, w)
	require.Len(t, a, 1)
	require.Len(t, b, 1)
	connected := 0
	for _, event := range w.Trace() {
		if event.Text == "a>b connected" || event.Text == "b>a connected" {
			connected++
		}
	}
	require.Equal(t, 1, connected)
}

func TestOlderConnectionFromTheSameNodeStillServes(t *testing.T) {
	w := quietNet(1, fixedLatency())
	var received []got
	b := w.AddNode("b", sink(w, "tcp", &received))
	w.Workload(w.AddNode("a", asleep), "send", func(env core.Env) {
		nap(t, env, time.Millisecond)
		old, young := listen(t, env, "tcp", ":0"), listen(t, env, "tcp", ":0")
		require.NoError(t, old.Send(env.Context(), "b:7000", normal("old")))
		require.NoError(t, young.Send(env.Context(), "b:7000", normal("young")))
		nap(t, env, time.Second)
		require.NoError(t, young.Close())
		nap(t, env, time.Second)
		w.Workload(b, "answer", func(env core.Env) {
			e := w.net.book.find("tcp", "b:7000")
			require.NoError(t, e.Send(env.Context(), "a", normal("answer")))
		})
		_, m, err := old.Recv(env.Context())
		require.NoError(t, err)
		require.Equal(t, "answer", string(m.Body))
	})
	mustRun(t, w)
}
