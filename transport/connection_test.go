package transport_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/transport"
)

// rawHello is the first frame of a peer that this test speaks for, written out byte by byte.
func rawHello(low, high uint16, endpoint uint64, name string) []byte {
	payload := []byte("wtun")
	payload = binary.LittleEndian.AppendUint16(payload, low)
	payload = binary.LittleEndian.AppendUint16(payload, high)
	payload = binary.LittleEndian.AppendUint64(payload, endpoint)
	payload = binary.LittleEndian.AppendUint32(payload, 1<<20) // limit
	payload = binary.LittleEndian.AppendUint32(payload, 2<<20) // window
	payload = append(payload, byte(len(name)))
	payload = append(payload, name...)
	payload = append(payload, 0)
	return rawFrame(1, 0, uint32(len(payload)), payload...)
}

func rawFrame(kind, class byte, length uint32, payload ...byte) []byte {
	return append(binary.LittleEndian.AppendUint32([]byte{kind, class, 0, 0}, length), payload...)
}

const rawWhole = 6

// rawDial connects to a node and says hello, if there is one to say.
func rawDial(t *testing.T, to core.Address, hello []byte) net.Conn {
	t.Helper()
	socket, err := net.Dial("tcp", string(to))
	require.NoError(t, err)
	t.Cleanup(func() { _ = socket.Close() })
	_, err = socket.Write(hello)
	require.NoError(t, err)
	return socket
}

// rawAnswer reads the node's hello.
func rawAnswer(t *testing.T, socket net.Conn) []byte {
	t.Helper()
	head := make([]byte, 8)
	_, err := io.ReadFull(socket, head)
	require.NoError(t, err)
	payload := make([]byte, binary.LittleEndian.Uint32(head[4:]))
	_, err = io.ReadFull(socket, payload)
	require.NoError(t, err)
	return payload
}

// requireEnd reads until the node ends the connection.
func requireEnd(t *testing.T, socket net.Conn) {
	t.Helper()
	_, err := io.Copy(io.Discard, socket)
	if err != nil {
		require.ErrorContains(t, err, "connection reset")
	}
}

func TestIncompatiblePeerIsToldWithBothVersions(t *testing.T) {
	n := newNode(t, transport.Config{Name: "old"})
	e := listen(t, n)
	t.Run("that dials", func(t *testing.T) {
		socket := rawDial(t, e.Addr(), rawHello(7, 9, 1, "new"))
		answer := rawAnswer(t, socket)
		require.Equal(t, []byte{'w', 't', 'u', 'n', 1, 0, 1, 0}, answer[:8], "the versions of this node")
		requireEnd(t, socket)
		require.Equal(t, uint64(1), n.Counters().Incompatible)
	})
	t.Run("that is dialled", func(t *testing.T) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer listener.Close()
		var running sync.WaitGroup
		defer running.Wait()
		running.Go(func() {
			socket, err := listener.Accept()
			if err != nil {
				return
			}
			defer socket.Close()
			_, _ = socket.Write(rawHello(7, 9, 1, "new"))
			_, _ = io.Copy(io.Discard, socket)
		})
		err = e.Send(context.Background(), core.Address(listener.Addr().String()), text("hello"))
		require.ErrorIs(t, err, core.ErrUnreachable)
		require.ErrorIs(t, err, core.ErrDefinite)
		var incompatible *transport.IncompatibleError
		require.ErrorAs(t, err, &incompatible)
		require.ErrorContains(t, err, "node old speaks protocol versions 1 to 1, node new speaks 7 to 9")
	})
}

func TestStrangersAreTurnedAway(t *testing.T) {
	for name, first := range map[string][]byte{
		"silent":          nil,
		"speaks HTTP":     []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
		"hello too long":  rawFrame(1, 0, 1<<20),
		"message first":   rawFrame(rawWhole, 0, 1, 'x'),
		"hello cut short": rawHello(1, 1, 1, "peer")[:20],
		"no name":         rawHello(1, 1, 1, ""),
	} {
		t.Run(name, func(t *testing.T) {
			n := newNode(t, transport.Config{Name: "n", HandshakeTimeout: 20 * time.Millisecond})
			requireEnd(t, rawDial(t, listen(t, n).Addr(), first))
			n.Kill()
			require.NoError(t, n.Wait(context.Background()))
			require.Equal(t, uint64(1), n.Counters().AcceptFailures)
		})
	}
}

func TestPeerThatBreaksTheProtocolLosesItsConnection(t *testing.T) {
	const part, begin = 8, 7
	for name, frames := range map[string][]byte{
		"unknown kind":       rawFrame(99, 0, 0),
		"unknown class":      rawFrame(rawWhole, 9, 0),
		"part of nothing":    rawFrame(part, 0, 1, 'x'),
		"over the limit":     rawFrame(begin, 0, 200_000),
		"begin in a message": append(rawFrame(begin, 0, 99_000), rawFrame(begin, 0, 99_000)...),
		"second hello":       rawHello(1, 1, 5, "peer"),
	} {
		t.Run(name, func(t *testing.T) {
			log := newRecords()
			n := newNode(t, transport.Config{Name: "n", MessageLimit: 100_000, Log: log.logger()})
			socket := rawDial(t, listen(t, n).Addr(), append(rawHello(1, 1, 5, "peer"), frames...))
			requireEnd(t, socket)
			require.Contains(t, log.await("connection lost"), "protocol violated")
			require.Equal(t, uint64(1), n.Counters().Violations)
		})
	}
}

// TestPeerThatIgnoresTheWindowLosesItsConnection: nobody receives, so no more than the window may ever be
// held.
func TestPeerThatIgnoresTheWindowLosesItsConnection(t *testing.T) {
	log := newRecords()
	n := newNode(t, transport.Config{Name: "n", MessageLimit: 1000, Log: log.logger()})
	e := listen(t, n)
	window := 1000 + 1<<20
	fits := window / (1000 + 64)
	socket := rawDial(t, e.Addr(), rawHello(1, 1, 5, "peer"))
	message := rawFrame(rawWhole, 3, 1000, make([]byte, 1000)...)
	for range fits + 1 {
		if _, err := socket.Write(message); err != nil {
			break
		}
	}
	requireEnd(t, socket)
	require.Contains(t, log.await("connection lost"), "more of class LOW than was granted")
	require.Equal(t, uint64(fits), n.Counters().MessagesReceived)
}

func TestRacingFirstSendsDialOnce(t *testing.T) {
	for range 20 {
		a, b := newNode(t, transport.Config{Name: "a"}), newNode(t, transport.Config{Name: "b"})
		from, to := listen(t, a), listen(t, b)
		const senders, each = 16, 20
		var running sync.WaitGroup
		for range senders {
			running.Go(func() {
				for range each {
					if err := from.Send(context.Background(), to.Addr(), text("x")); err != nil {
						t.Errorf("send: %v", err)
					}
				}
			})
		}
		for range senders * each {
			receive(t, to, "x")
		}
		running.Wait()
		require.Equal(t, uint64(1), a.Counters().Dials)
	}
}

func TestHalfOpenConnectionIsGivenUpAndMadeAnew(t *testing.T) {
	logA, logB := newRecords(), newRecords()
	a := newNode(t, transport.Config{Name: "a", KeepAlive: 5 * time.Millisecond, Log: logA.logger()})
	b := newNode(t, transport.Config{Name: "b", KeepAlive: 5 * time.Millisecond, Log: logB.logger()})
	from, to := listen(t, a), listen(t, b)
	p := newProxy(t, to.Addr())
	send(t, from, p.addr(), "before")
	receive(t, to, "before")
	p.stall()
	logA.await("peer silent")
	logB.await("peer silent")
	require.Equal(t, uint64(1), a.Counters().HalfOpen)
	require.ErrorIs(t, to.Send(context.Background(), "a", text("answer")), core.ErrUnreachable)
	p.release()
	send(t, from, p.addr(), "after")
	require.Equal(t, core.Address("a"), receive(t, to, "after"))
	send(t, to, "a", "answer")
	receive(t, from, "answer")
}

// TestIdleConnectionIsKept: a pong is a sign of life. The peer answers far more looks than a silent one
// survives.
func TestIdleConnectionIsKept(t *testing.T) {
	const ping, pong = 3, 4
	n := newNode(t, transport.Config{Name: "n", KeepAlive: time.Millisecond})
	e := listen(t, n)
	socket := rawDial(t, e.Addr(), rawHello(1, 1, 5, "peer"))
	rawAnswer(t, socket)
	frame := make([]byte, 8)
	for range 20 {
		_, err := io.ReadFull(socket, frame)
		require.NoError(t, err)
		require.Equal(t, rawFrame(ping, 0, 0), frame)
		_, err = socket.Write(rawFrame(pong, 0, 0))
		require.NoError(t, err)
	}
	_, err := socket.Write(rawFrame(rawWhole, 0, 1, 'x'))
	require.NoError(t, err)
	receive(t, e, "x")
	require.Zero(t, n.Counters().HalfOpen)
}

func TestRefusedAddressIsLeftAloneForAWhile(t *testing.T) {
	n := newNode(t, transport.Config{Name: "n", BackoffMin: time.Hour, BackoffMax: time.Hour})
	e, gone := listen(t, n), listen(t, n)
	require.NoError(t, gone.Close())
	for range 5 {
		err := e.Send(context.Background(), gone.Addr(), text("x"))
		require.ErrorIs(t, err, core.ErrUnreachable)
		require.ErrorContains(t, err, "refused")
	}
	require.Equal(t, uint64(1), n.Counters().Dials)
	require.Equal(t, uint64(1), n.Counters().DialFailures)
}

func TestConnectionsAreBounded(t *testing.T) {
	n := newNode(t, transport.Config{Name: "n", Connections: 1})
	e := listen(t, n)
	first, second := newNode(t, transport.Config{Name: "first"}), newNode(t, transport.Config{Name: "second"})
	send(t, listen(t, first), e.Addr(), "in")
	receive(t, e, "in")
	err := listen(t, second).Send(context.Background(), e.Addr(), text("out"))
	require.ErrorIs(t, err, core.ErrUnreachable)
	require.Equal(t, uint64(1), n.Counters().ConnectionsRefused)
}

func TestAnswersGoToTheNodeThatConnectedLast(t *testing.T) {
	server := newNode(t, transport.Config{Name: "server"})
	e := listen(t, server)
	older, newer := newNode(t, transport.Config{Name: "twin"}), newNode(t, transport.Config{Name: "twin"})
	olderEnd, newerEnd := listen(t, older), listen(t, newer)
	send(t, olderEnd, e.Addr(), "from the older")
	receive(t, e, "from the older")
	send(t, newerEnd, e.Addr(), "from the newer")
	receive(t, e, "from the newer")
	send(t, e, "twin", "for the newer")
	receive(t, newerEnd, "for the newer")
	send(t, olderEnd, e.Addr(), "still connected")
	receive(t, e, "still connected")
}

func TestReconnectingPeerReplacesItsOldConnection(t *testing.T) {
	n := newNode(t, transport.Config{Name: "n"})
	e := listen(t, n)
	first := rawDial(t, e.Addr(), rawHello(1, 1, 5, "peer"))
	rawAnswer(t, first)
	_, err := first.Write(rawFrame(rawWhole, 0, 1, '1'))
	require.NoError(t, err)
	receive(t, e, "1")
	second := rawDial(t, e.Addr(), rawHello(1, 1, 5, "peer"))
	rawAnswer(t, second)
	requireEnd(t, first)
	_, err = second.Write(rawFrame(rawWhole, 0, 1, '2'))
	require.NoError(t, err)
	receive(t, e, "2")
	send(t, e, "peer", "answer")
	frame := make([]byte, 8+len("answer"))
	_, err = io.ReadFull(second, frame)
	require.NoError(t, err)
	require.Equal(t, rawFrame(rawWhole, byte(core.Normal), 6, []byte("answer")...), frame)
	require.Equal(t, uint64(1), n.Counters().ConnectionsReplaced)
}

func TestPeersThatDialEachOtherAtOnceKeepBothWays(t *testing.T) {
	for range 20 {
		a, b := newNode(t, transport.Config{Name: "a"}), newNode(t, transport.Config{Name: "b"})
		ends := []core.Endpoint{listen(t, a), listen(t, b)}
		var running sync.WaitGroup
		for i, e := range ends {
			running.Go(func() {
				for range 50 {
					if err := e.Send(context.Background(), ends[1-i].Addr(), text("x")); err != nil {
						t.Errorf("send: %v", err)
					}
				}
			})
		}
		for range 50 {
			receive(t, ends[0], "x")
			receive(t, ends[1], "x")
		}
		running.Wait()
		require.Zero(t, a.Counters().ConnectionsReplaced+b.Counters().ConnectionsReplaced)
		require.Zero(t, a.Counters().LostTail+b.Counters().LostTail)
	}
}

func TestOnlyTCPIsSupported(t *testing.T) {
	n := newNode(t, transport.Config{Name: "n"})
	_, err := n.Env().Listen("udp", "127.0.0.1:0")
	require.EqualError(t, err, `n: listen: network "udp" is not supported, only tcp is`)
}
