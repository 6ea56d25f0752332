package transport_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/transport"
)

// newNode returns a node that dies with the test.
func newNode(t *testing.T, config transport.Config) *transport.Node {
	t.Helper()
	n, err := transport.New(config)
	require.NoError(t, err)
	t.Cleanup(func() {
		n.Kill()
		require.NoError(t, n.Wait(context.Background()))
	})
	return n
}

func listen(t *testing.T, n *transport.Node) core.Endpoint {
	t.Helper()
	e, err := n.Env().Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return e
}

func text(s string) core.Message { return core.Message{Class: core.Normal, Body: []byte(s)} }

func send(t *testing.T, e core.Endpoint, to core.Address, s string) {
	t.Helper()
	require.NoError(t, e.Send(context.Background(), to, text(s)))
}

func receive(t *testing.T, e core.Endpoint, want string) core.Address {
	t.Helper()
	from, m, err := e.Recv(context.Background())
	require.NoError(t, err)
	require.Equal(t, want, string(m.Body))
	return from
}

// records keeps what a node logs, and lets a test wait for a record.
type records struct {
	mu   sync.Mutex
	cond *sync.Cond
	text []string
}

func newRecords() *records {
	r := &records{}
	r.cond = sync.NewCond(&r.mu)
	return r
}

func (r *records) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(r, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func (r *records) Write(line []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.text = append(r.text, string(line))
	r.cond.Broadcast()
	return len(line), nil
}

// await waits for the record that contains part.
func (r *records) await(part string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		for _, line := range r.text {
			if strings.Contains(line, part) {
				return line
			}
		}
		r.cond.Wait()
	}
}

func TestConfigErrorsNameFieldValueAndBound(t *testing.T) {
	for _, c := range []struct {
		config transport.Config
		want   string
	}{
		{transport.Config{}, "Name is 0 bytes, must be 1 to 128"},
		{transport.Config{Name: "g:1"}, `Name "g:1" holds ':'`},
		{transport.Config{Name: "g", Role: "a b"}, `Role "a b" holds ' '`},
		{transport.Config{Name: "g", MessageLimit: -1}, "MessageLimit is -1, must be 1 to 67108864"},
		{transport.Config{Name: "g", QueueMessages: -5}, "QueueMessages is -5, must be 1"},
		{transport.Config{Name: "g", QueueBytes: 100}, "QueueBytes is 100, must be 4194304"},
		{transport.Config{Name: "g", Window: 4 << 20}, "Window is 4194304, must be 4259840"},
		{transport.Config{Name: "g", Connections: -1}, "Connections is -1"},
		{transport.Config{Name: "g", KeepAlive: 1}, "KeepAlive is 1, must be 1000000"},
		{transport.Config{Name: "g", HandshakeTimeout: -1}, "HandshakeTimeout is -1"},
		{transport.Config{Name: "g", BackoffMin: 2, BackoffMax: 1}, "BackoffMin is 2"},
		{transport.Config{Name: "g", Linger: -time.Second}, "Linger is -1000000000"},
	} {
		_, err := transport.New(c.config)
		require.ErrorContains(t, err, c.want)
	}
}

func TestPanicInATaskEndsTheNodeLoudly(t *testing.T) {
	log := newRecords()
	n := newNode(t, transport.Config{Name: "n", Log: log.logger()})
	other := make(chan struct{})
	n.Env().Go("other", func() {
		defer close(other)
		_ = n.Env().Sleep(context.Background(), core.Forever)
	})
	n.Env().Go("careless", func() { panic("index out of range") })
	<-n.Down()
	<-other
	require.ErrorIs(t, n.Err(), transport.ErrTaskPanicked)
	require.ErrorContains(t, n.Err(), "n: task careless: task panicked: index out of range")
	require.Equal(t, uint64(1), n.Counters().TaskPanics)
	require.Contains(t, log.await("task panicked"), "node_test.go", "the stack of the panic is in the log")
	n.Env().Go("late", func() { t.Error("a dead node started a task") })
	_, err := n.Env().Listen("tcp", "127.0.0.1:0")
	require.ErrorIs(t, err, core.ErrClosed)
}

type fact string

func (f fact) AppendText(b []byte) []byte { return append(b, f...) }

func TestNoRareBranchIsTakenInProduction(t *testing.T) {
	for _, perturb := range []uint64{0, 7} {
		env := newNode(t, transport.Config{Name: "n1", Perturb: perturb}).Env()
		for _, point := range []string{"", "n/small", "n/short"} {
			require.False(t, env.Rare(point), point)
		}
	}
}

func TestNotesReachTheObserver(t *testing.T) {
	var mu sync.Mutex
	var seen []transport.Observation
	n := newNode(t, transport.Config{Name: "n", Observe: func(o transport.Observation) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, o)
	}})
	n.Env().Note(fact("level REJECT"))
	require.Len(t, seen, 1, "before Note returns")
	require.Equal(t, "n", seen[0].Node)
	require.Equal(t, fact("level REJECT"), seen[0].Event)
	n.Kill()
	n.Env().Note(fact("from beyond"))
	require.Len(t, seen, 1)
}

func TestNotesAreDebugRecordsWithoutAnObserver(t *testing.T) {
	log := newRecords()
	n := newNode(t, transport.Config{Name: "n", Log: log.logger()})
	n.Env().Note(fact("level REJECT"))
	require.Contains(t, log.await("noted"), `event="level REJECT"`)
}

func TestStopWritesWhatIsQueued(t *testing.T) {
	a, b := newNode(t, transport.Config{Name: "a"}), newNode(t, transport.Config{Name: "b"})
	from, to := listen(t, a), listen(t, b)
	const count = 2000
	for range count {
		send(t, from, to.Addr(), strings.Repeat("x", 1000))
	}
	require.NoError(t, a.Stop(context.Background()))
	for range count {
		receive(t, to, strings.Repeat("x", 1000))
	}
	require.Zero(t, a.Counters().LostTail)
	require.Equal(t, uint64(count), a.Counters().MessagesSent)
}

func TestStopDoesNotWaitForAPeerThatReadsNothing(t *testing.T) {
	a := newNode(t, transport.Config{Name: "a", Linger: 20 * time.Millisecond})
	b := newNode(t, transport.Config{Name: "b"})
	from, to := listen(t, a), listen(t, b)
	for {
		err := from.Send(context.Background(), to.Addr(), core.Message{Body: make([]byte, 1<<20)})
		if err != nil {
			require.ErrorIs(t, err, core.ErrQueueFull)
			break
		}
	}
	require.NoError(t, a.Stop(context.Background()))
	require.NotZero(t, a.Counters().LostTail)
	require.Equal(t, uint64(1), a.Counters().QueueFull[core.Critical])
}

func TestStopNamesTasksThatItHadToEnd(t *testing.T) {
	n := newNode(t, transport.Config{Name: "n"})
	n.Env().Go("obedient", func() { _ = n.Env().Sleep(n.Env().Context(), core.Forever) })
	n.Env().Go("stubborn", func() { _ = n.Env().Sleep(context.Background(), core.Forever) })
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	require.EqualError(t, n.Stop(ctx), "n: stop: tasks did not return in time and were ended: stubborn")
}

func TestWaitNamesWhatIsLeft(t *testing.T) {
	n, release := newNode(t, transport.Config{Name: "n"}), make(chan struct{})
	n.Env().Go("native", func() { <-release })
	n.Kill()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.EqualError(t, n.Wait(ctx), "n: wait: still running: tasks [native]: context canceled")
	close(release)
	require.NoError(t, n.Wait(context.Background()))
}
