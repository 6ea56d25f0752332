package transport

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
)

func pair(t *testing.T) (from, to *endpoint) {
	t.Helper()
	var ends []*endpoint
	for _, name := range []string{"a", "b"} {
		n, err := New(Config{Name: name})
		require.NoError(t, err)
		t.Cleanup(func() {
			n.Kill()
			require.NoError(t, n.Wait(context.Background()))
		})
		e, err := n.Env().Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		ends = append(ends, e.(*endpoint))
	}
	return ends[0], ends[1]
}

// A Send that found no connection may come to dial only after another's dial has ended: dialling again would
// replace a good connection and lose what is on it.
func TestSendThatComesLateToTheDialUsesItsConnection(t *testing.T) {
	from, to := pair(t)
	require.NoError(t, from.Send(context.Background(), to.Addr(), core.Message{}))
	c, err := from.reach(context.Background(), to.Addr())
	require.NoError(t, err)
	require.Same(t, from.connections()[0], c)
	require.Equal(t, uint64(1), from.node.Counters().Dials)
}

func TestBackoffDoublesWithinItsBounds(t *testing.T) {
	e, _ := pair(t)
	e.node.config.BackoffMin, e.node.config.BackoffMax = 100*time.Millisecond, time.Second
	for failures, want := range []time.Duration{100, 200, 400, 800, 1000, 1000} {
		want *= time.Millisecond
		shortest, longest := time.Hour, time.Duration(0)
		for range 200 {
			d := e.backoff(failures)
			shortest, longest = min(shortest, d), max(longest, d)
		}
		require.GreaterOrEqual(t, shortest, want/2)
		require.LessOrEqual(t, longest, want)
		require.Greater(t, longest-shortest, want/4, "it is jittered")
	}
}

func TestOldRoutesAreForgotten(t *testing.T) {
	e, to := pair(t)
	e.node.config.Connections = 2
	require.NoError(t, e.Send(context.Background(), to.Addr(), core.Message{}))
	e.mu.Lock()
	e.routes["gone:1"] = &route{}
	e.routes["resting:1"] = &route{earliest: time.Now().Add(time.Hour)}
	e.routes["dialling:1"] = &route{dialling: make(chan struct{})}
	e.dropOldRoutes()
	require.NotContains(t, e.routes, core.Address("gone:1"))
	require.Len(t, e.routes, 3)
	e.routes["resting:2"] = &route{earliest: time.Now().Add(time.Hour)}
	e.mu.Unlock()
	require.ErrorIs(t, e.Send(context.Background(), "new:1", core.Message{}), core.ErrUnreachable)
}

func TestClosedEndpointLeavesNothingBehind(t *testing.T) {
	from, to := pair(t)
	require.NoError(t, from.Send(context.Background(), to.Addr(), core.Message{}))
	_, _, err := to.Recv(context.Background())
	require.NoError(t, err)
	require.NoError(t, from.Close())
	require.NoError(t, to.Close())
	require.ErrorIs(t, to.Close(), core.ErrClosed)
	for _, e := range []*endpoint{from, to} {
		e.node.network.Wait()
		require.Empty(t, e.conns)
		require.Empty(t, e.peers)
		require.Empty(t, e.names)
		require.Empty(t, e.node.open())
	}
}
