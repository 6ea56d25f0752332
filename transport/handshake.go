package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/windtunnel/windtunnel/core"
)

// listen and dialTCP are the only places that know what a connection is made of; TLS will stand here.
func listen(addr string) (net.Listener, error) {
	config := net.ListenConfig{KeepAlive: -1} // this package asks for signs of life itself
	return config.Listen(context.Background(), "tcp", addr)
}

func dialTCP(ctx context.Context, addr string) (net.Conn, error) {
	dialer := net.Dialer{KeepAlive: -1}
	return dialer.DialContext(ctx, "tcp", addr)
}

// connect dials an address, exchanges hellos and attaches the connection.
func (e *endpoint) connect(to core.Address) (*peer, error) {
	ctx, cancel := context.WithTimeout(e.closing, e.node.config.HandshakeTimeout)
	defer cancel()
	socket, err := dialTCP(ctx, string(to))
	if err != nil {
		return nil, err
	}
	return e.greet(socket, true)
}

// greet exchanges hellos on a new socket and attaches the connection, or closes the socket. The dialler
// speaks first. Both sides send their hello even to a peer that they cannot talk to, so that both can say
// why.
func (e *endpoint) greet(socket net.Conn, dialled bool) (*peer, error) {
	tune(socket)
	cutShort := context.AfterFunc(e.closing, func() { _ = socket.Close() })
	_ = socket.SetDeadline(time.Now().Add(e.node.config.HandshakeTimeout))
	theirs, err := e.exchange(socket, dialled)
	if !cutShort() && err == nil {
		err = core.ErrClosed
	}
	if err == nil {
		_ = socket.SetDeadline(time.Time{})
		var p *peer
		if p, err = e.attach(newConn(e, socket, theirs), dialled); err == nil {
			return p, nil
		}
	}
	var incompatible *IncompatibleError
	if errors.As(err, &incompatible) {
		e.node.count.incompatible.Add(1)
		e.log.Warn("peer turned away", "peer", theirs.name, "role", theirs.role, "cause", err)
	}
	_ = socket.Close()
	return nil, fmt.Errorf("handshake: %w", err)
}

func (e *endpoint) exchange(socket net.Conn, dialled bool) (theirs hello, err error) {
	if dialled {
		if err := writeHello(socket, e.hello); err != nil {
			return hello{}, err
		}
		theirs, err = readHello(socket)
	} else if theirs, err = readHello(socket); err == nil {
		err = writeHello(socket, e.hello)
	}
	if err == nil {
		_, err = agree(e.hello, theirs)
	}
	return theirs, err
}

func writeHello(w io.Writer, h hello) error {
	payload := h.append(nil)
	_, err := w.Write(append(header{kind: kindHello, length: uint32(len(payload))}.append(nil), payload...))
	return err
}

// readHello reads one hello frame and not a byte more: messages may follow it.
func readHello(r io.Reader) (hello, error) {
	var head [headerSize]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return hello{}, err
	}
	h, err := parseHeader(head[:])
	if err != nil {
		return hello{}, err
	}
	payload := make([]byte, h.length) // bounded by parseHeader
	if h.kind != kindHello && h.kind != kindReject {
		return hello{}, fmt.Errorf("%w: a frame of kind %d where a hello belongs", errProtocol, h.kind)
	}
	if _, err := io.ReadFull(r, payload); err != nil {
		return hello{}, unexpected(err)
	}
	if h.kind == kindReject {
		return hello{}, fmt.Errorf("turned away: %q", payload)
	}
	return parseHello(payload)
}
