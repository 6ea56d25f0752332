package sim

import (
	"context"
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// quietNet is a World in which nothing is drawn but what the test configures.
func quietNet(seed uint64, config NetworkConfig) *World {
	return NewWorld(Config{
		Chooser: choice.NewSeeded(seed), Stalls: Quiet(), Keep: trace.All, Network: config,
	})
}

// fixedLatency makes every trip last a millisecond.
func fixedLatency() NetworkConfig {
	return NetworkConfig{Link: LinkConfig{Latency: ConstantLatency(time.Millisecond)}}
}

// asleep boots a node that does nothing by itself.
func asleep(core.Env) {}

// got is a message as a test's receiver saw it.
type got struct {
	from  core.Address
	class core.Class
	text  string
	at    time.Duration
}

// sink boots a node that listens at port 7000 and keeps all that it receives.
func sink(w *World, kind string, into *[]got) func(core.Env) {
	return func(env core.Env) {
		e, err := env.Listen(kind, ":7000")
		if err != nil {
			panic(err)
		}
		for {
			from, m, err := e.Recv(env.Context())
			if err != nil {
				return
			}
			*into = append(*into, got{from, m.Class, string(m.Body), w.Now()})
		}
	}
}

// texts returns what was received, without who sent it and when.
func texts(all []got) []string {
	var texts []string
	for _, g := range all {
		texts = append(texts, g.text)
	}
	return texts
}

func normal(text string) core.Message {
	return core.Message{Class: core.Normal, Body: []byte(text)}
}

func listen(t require.TestingT, env core.Env, kind, addr string) core.Endpoint {
	e, err := env.Listen(kind, addr)
	require.NoError(t, err)
	return e
}

// mustRun fails the test with the run's failure, and the faults that it met.
func mustRun(t testing.TB, w *World) {
	t.Helper()
	if f := w.Run(); f != nil {
		t.Fatalf("%v\n%s\n%s", f, f.Stack, w.FaultSummary())
	}
}

// number and numberOf make messages that can be told apart.
func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func numberOf(body []byte) uint64 { return binary.BigEndian.Uint64(body) }

func TestMessageTakesOneRoundTripToDialAndOneTripToArrive(t *testing.T) {
	w := quietNet(1, fixedLatency())
	var received []got
	w.AddNode("b", sink(w, "tcp", &received))
	w.Workload(w.AddNode("a", asleep), "send", func(env core.Env) {
		e := listen(t, env, "tcp", "a:0")
		require.NoError(t, e.Send(env.Context(), "b:7000", normal("one")))
		require.Equal(t, 2*time.Millisecond, w.Now())
		require.NoError(t, e.Send(env.Context(), "b:7000", normal("two")))
		require.Equal(t, 2*time.Millisecond, w.Now())
		require.NoError(t, env.Sleep(env.Context(), time.Second))
	})
	mustRun(t, w)
	require.Equal(t, []got{
		{"a", core.Normal, "one", 3 * time.Millisecond}, {"a", core.Normal, "two", 3 * time.Millisecond},
	}, received)
}

func TestFromIsTheNodeNameAndAnswersUseTheSameConnection(t *testing.T) {
	for _, kind := range []string{"tcp", "udp"} {
		w := quietNet(1, fixedLatency())
		w.AddNode("b", func(env core.Env) {
			e := listen(t, env, kind, "b:7000")
			require.Error(t, e.Send(env.Context(), "a", normal("too early")))
			from, m, err := e.Recv(env.Context())
			require.NoError(t, err)
			require.NoError(t, e.Send(env.Context(), from, normal("re: "+string(m.Body))))
		})
		w.Workload(w.AddNode("a", asleep), "call", func(env core.Env) {
			e := listen(t, env, kind, ":0")
			require.NoError(t, env.Sleep(env.Context(), time.Millisecond))
			require.NoError(t, e.Send(env.Context(), "b:7000", normal("hello")))
			from, m, err := e.Recv(env.Context())
			require.NoError(t, err)
			require.Equal(t, core.Address("b"), from)
			require.Equal(t, "re: hello", string(m.Body))
		})
		mustRun(t, w)
	}
}

func TestSendToANameWithoutConnectionIsDefinitelyNotDelivered(t *testing.T) {
	w := quietNet(1, fixedLatency())
	w.Workload(w.AddNode("a", asleep), "send", func(env core.Env) {
		err := listen(t, env, "tcp", ":0").Send(env.Context(), "b", normal("x"))
		require.ErrorIs(t, err, core.ErrDefinite)
		require.ErrorIs(t, err, core.ErrUnreachable)
	})
	mustRun(t, w)
}

func TestListenClaimsAddressesUntilTheyAreFreed(t *testing.T) {
	w := quietNet(1, fixedLatency())
	n := w.AddNode("a", asleep)
	w.Workload(n, "listen", func(env core.Env) {
		first := listen(t, env, "tcp", "a:7000")
		require.Equal(t, core.Address("a:7000"), first.Addr())
		_, err := env.Listen("tcp", ":7000")
		require.ErrorIs(t, err, core.ErrAddressInUse)
		listen(t, env, "udp", "a:7000") // ports of different networks do not meet
		require.NoError(t, first.Close())
		require.ErrorIs(t, first.Close(), core.ErrClosed)
		listen(t, env, "tcp", "127.0.0.1:7000")

		free, other := listen(t, env, "tcp", "a:0"), listen(t, env, "tcp", ":0")
		require.Equal(t, core.Address("a:49152"), free.Addr())
		require.Equal(t, core.Address("a:49153"), other.Addr())
		wrong := [][2]string{{"tcp", "b:7000"}, {"tcp", "7000"}, {"tcp", "a:70000"}, {"unix", "a:1"}}
		for _, bad := range wrong {
			_, err := env.Listen(bad[0], bad[1])
			require.Error(t, err)
			require.NotErrorIs(t, err, core.ErrAddressInUse)
		}
	})
	mustRun(t, w)
}

func TestCrashedNodeFreesItsAddresses(t *testing.T) {
	w := quietNet(1, fixedLatency())
	boots := 0
	n := w.AddNode("a", func(env core.Env) {
		listen(t, env, "tcp", "a:7000")
		boots++
	})
	w.after(time.Second, 0, n.Restart)
	mustRun(t, w)
	require.Equal(t, 2, boots)
}

func TestMessageAtTheLimitPassesAndOneOverIsRefused(t *testing.T) {
	config := fixedLatency()
	config.MessageLimit = 100
	w := quietNet(1, config)
	var received []got
	w.AddNode("b", sink(w, "tcp", &received))
	w.Workload(w.AddNode("a", asleep), "send", func(env core.Env) {
		e := listen(t, env, "tcp", ":0")
		err := e.Send(env.Context(), "b:7000", core.Message{Body: make([]byte, 101)})
		require.ErrorIs(t, err, core.ErrTooLarge)
		require.ErrorIs(t, err, core.ErrDefinite)
		require.NoError(t, e.Send(env.Context(), "b:7000", core.Message{Body: make([]byte, 100)}))
		err = e.Send(env.Context(), "b:7000", core.Message{Class: core.ClassCount})
		require.ErrorIs(t, err, core.ErrDefinite)
		require.NoError(t, env.Sleep(env.Context(), time.Second))
	})
	mustRun(t, w)
	require.Len(t, received, 1)
	require.Len(t, received[0].text, 100)
}

func TestNodesShareNoMemory(t *testing.T) {
	config := fixedLatency()
	config.Link.Duplicate = perMille
	w := quietNet(1, config)
	var bodies [][]byte
	w.AddNode("b", func(env core.Env) {
		e := listen(t, env, "udp", ":7000")
		for {
			_, m, err := e.Recv(env.Context())
			if err != nil {
				return
			}
			bodies = append(bodies, m.Body)
		}
	})
	w.Workload(w.AddNode("a", asleep), "send", func(env core.Env) {
		e := listen(t, env, "udp", ":0")
		for _, size := range []int{8, 8, 100_000} {
			body := make([]byte, size)
			require.NoError(t, e.Send(env.Context(), "b:7000", core.Message{Body: body}))
			body[0] = 1
			require.NoError(t, env.Sleep(env.Context(), time.Second))
		}
	})
	mustRun(t, w)
	require.Equal(t, 6, len(bodies), "%+v", w.NetworkStats())
	for i, body := range bodies {
		require.Zero(t, body[0])
		body[0], _ = byte(i+1), append(body, 9) // an append must not reach the neighbour's bytes
	}
	for i, body := range bodies {
		require.Equal(t, byte(i+1), body[0])
	}
}

func TestRefusedDialIsDefiniteAndTheNextSendDialsAnew(t *testing.T) {
	w := quietNet(1, fixedLatency())
	var received []got
	b := w.AddNode("b", sink(w, "tcp", &received))
	b.Crash()
	w.Workload(w.AddNode("a", asleep), "send", func(env core.Env) {
		e := listen(t, env, "tcp", ":0")
		for _, to := range []core.Address{"b:7000", "nobody:1"} {
			before := w.Now()
			err := e.Send(env.Context(), to, normal("x"))
			require.ErrorIs(t, err, core.ErrUnreachable)
			require.ErrorIs(t, err, core.ErrDefinite)
			require.Equal(t, 2*time.Millisecond, w.Now()-before)
		}
		b.Restart()
		require.NoError(t, env.Sleep(env.Context(), time.Second))
		require.NoError(t, e.Send(env.Context(), "b:7000", normal("y")))
		require.NoError(t, env.Sleep(env.Context(), time.Second))
	})
	mustRun(t, w)
	require.Equal(t, []string{"y"}, texts(received))
}

func TestDialIntoAPartitionTimesOutOrIsCancelled(t *testing.T) {
	w := quietNet(1, fixedLatency())
	var received []got
	w.AddNode("b", sink(w, "tcp", &received))
	a := w.AddNode("a", asleep)
	w.PartitionOneWay([]string{"b"}, []string{"a"})
	w.Workload(a, "send", func(env core.Env) {
		e := listen(t, env, "tcp", ":0")
		err := e.Send(env.Context(), "b:7000", normal("x"))
		require.ErrorIs(t, err, core.ErrUnreachable)
		require.GreaterOrEqual(t, w.Now(), defaultDialTimeout)
		require.Less(t, w.Now(), defaultDialTimeout+time.Second)
		ctx, cancel := env.WithTimeout(env.Context(), time.Second)
		defer cancel()
		err = e.Send(ctx, "b:7000", normal("x"))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, core.ErrDefinite)
	})
	w.Workload(a, "heal", func(env core.Env) {
		require.NoError(t, env.Sleep(env.Context(), 5*time.Second))
		e := listen(t, env, "tcp", ":0")
		w.after(1500*time.Millisecond, 0, w.Heal) // a dial knocks until it is heard
		require.NoError(t, e.Send(env.Context(), "b:7000", normal("healed")))
		require.NoError(t, env.Sleep(env.Context(), time.Second))
	})
	mustRun(t, w)
	require.Equal(t, []string{"healed"}, texts(received))
}

func TestRefusalDoesNotPassAPartition(t *testing.T) {
	w := quietNet(1, fixedLatency())
	w.AddNode("b", asleep)
	w.Partition([]string{"a"}, []string{"b"})
	w.Workload(w.AddNode("a", asleep), "send", func(env core.Env) {
		err := listen(t, env, "tcp", ":0").Send(env.Context(), "b:7000", normal("x"))
		require.ErrorIs(t, err, core.ErrUnreachable)
		require.GreaterOrEqual(t, w.Now(), defaultDialTimeout)
	})
	mustRun(t, w)
}

func TestCloseEndsRecvAndDialWithErrClosed(t *testing.T) {
	w := quietNet(1, fixedLatency())
	a := w.AddNode("a", asleep)
	w.AddNode("b", asleep).Pause()
	w.Workload(a, "close", func(env core.Env) {
		e := listen(t, env, "tcp", ":0")
		env.Go("recv", func() {
			_, _, err := e.Recv(env.Context())
			require.ErrorIs(t, err, core.ErrClosed)
		})
		env.Go("send", func() {
			err := e.Send(env.Context(), "b:7000", normal("x"))
			require.True(t, errors.Is(err, core.ErrClosed) || errors.Is(err, core.ErrUnreachable))
		})
		require.NoError(t, env.Sleep(env.Context(), time.Millisecond))
		require.NoError(t, e.Close())
		require.NoError(t, env.Sleep(env.Context(), time.Second))
		_, _, err := e.Recv(env.Context())
		require.ErrorIs(t, err, core.ErrClosed)
		err = e.Send(env.Context(), "b:7000", normal("x"))
		require.ErrorIs(t, err, core.ErrClosed)
		require.ErrorIs(t, err, core.ErrDefinite)
	})
	mustRun(t, w)
}

func TestRecvEndsWithItsContextAndPrefersAMessage(t *testing.T) {
	w := quietNet(1, fixedLatency())
	a := w.AddNode("a", asleep)
	w.Workload(a, "recv", func(env core.Env) {
		e := listen(t, env, "tcp", "a:7000")
		ctx, cancel := env.WithTimeout(env.Context(), time.Second)
		defer cancel()
		_, _, err := e.Recv(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Second, w.Now())

		require.NoError(t, e.Send(env.Context(), "a:7000", normal("to myself")))
		require.NoError(t, env.Sleep(env.Context(), time.Second))
		from, m, err := e.Recv(ctx)
		require.NoError(t, err)
		require.Equal(t, core.Address("a"), from)
		require.Equal(t, "to myself", string(m.Body))
	})
	mustRun(t, w)
}
