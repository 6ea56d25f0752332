package transport

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"syscall"

	"github.com/windtunnel/windtunnel/core"
)

// endpoint is one listening address with its connections and its inbox.
type endpoint struct {
	node     *Node
	log      *slog.Logger
	listener net.Listener
	inbox    *inbox
	hello    hello           // what it says of itself
	closing  context.Context // ends when the endpoint closes
	stop     context.CancelFunc

	mu       sync.RWMutex
	closed   bool
	conns    map[*conn]struct{}
	fresh    int    // connections of others in their handshake
	attached uint64 // connections so far
	peers    map[uint64]*peer
	names    map[core.Address]*peer // by name: the one that connected last
	routes   map[core.Address]*route
}

// Listen opens an endpoint on "tcp".
func (e env) Listen(network, addr string) (core.Endpoint, error) {
	n := e.node
	if network != "tcp" {
		return nil, fmt.Errorf("%s: listen: network %q is not supported, only tcp is", n.config.Name, network)
	}
	listener, err := listen(addr)
	if err != nil {
		return nil, fmt.Errorf("%s: listen on %s: %w", n.config.Name, addr, inUse(err))
	}
	endpoint := newEndpoint(n, listener)
	if !n.adopt(endpoint) {
		_ = listener.Close()
		return nil, fmt.Errorf("%s: listen on %s: the node is stopping: %w", n.config.Name, addr, core.ErrClosed)
	}
	go endpoint.accept()
	go endpoint.keep()
	return endpoint, nil
}

func newEndpoint(n *Node, listener net.Listener) *endpoint {
	e := &endpoint{
		node:     n,
		log:      n.config.Log.With("listen", listener.Addr().String()),
		listener: listener,
		inbox:    &inbox{bell: newSignal(n)},
		hello: hello{
			low: versionLow, high: versionHigh, endpoint: n.rand.Uint64(),
			limit: uint32(n.config.MessageLimit), window: uint32(n.config.Window),
			name: n.config.Name, role: n.config.Role,
		},
		conns:  map[*conn]struct{}{},
		peers:  map[uint64]*peer{},
		names:  map[core.Address]*peer{},
		routes: map[core.Address]*route{},
	}
	e.closing, e.stop = context.WithCancel(context.Background())
	return e
}

// wsaAddressInUse is what Windows says; package syscall has no name for it there.
const wsaAddressInUse = syscall.Errno(10048)

func inUse(err error) error {
	if errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, wsaAddressInUse) {
		return fmt.Errorf("%w: %w", core.ErrAddressInUse, err)
	}
	return err
}

func (e *endpoint) Addr() core.Address { return core.Address(e.listener.Addr().String()) }

func (e *endpoint) Recv(ctx context.Context) (core.Address, core.Message, error) {
	e.node.exitIfDead()
	e.node.perturb.point()
	from, m, err := e.inbox.take(ctx)
	e.node.exitIfDead() // a death closes the inbox too, and is not to be seen as a close
	return from, m, err
}

// sendTries bounds how often a Send looks for another connection when the one that it found has just ended.
const sendTries = 3

func (e *endpoint) Send(ctx context.Context, to core.Address, m core.Message) error {
	e.node.exitIfDead()
	e.node.perturb.point()
	if err := e.send(ctx, to, m); err != nil {
		e.node.exitIfDead()
		// Certainly not delivered: nothing that returns an error here has reached the queue of a connection.
		return &core.SendError{To: to, Definite: true, Cause: err}
	}
	return nil
}

func (e *endpoint) send(ctx context.Context, to core.Address, m core.Message) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if m.Class >= core.ClassCount {
		return fmt.Errorf("unknown message class %d", m.Class)
	}
	if err := e.fits(m, e.hello.limit); err != nil {
		return err
	}
	for range sendTries {
		c, err := e.connection(ctx, to)
		if err != nil {
			return err
		}
		if err := e.fits(m, c.hello.limit); err != nil {
			return err
		}
		err = c.out.push(m)
		if err == nil {
			return nil
		}
		if errors.Is(err, core.ErrQueueFull) {
			e.node.count.queueFull[m.Class].Add(1)
			return err
		}
		e.detach(c) // it ends just now, and must not be found again
	}
	return fmt.Errorf("%w: connections end as they are made", core.ErrUnreachable)
}

func (e *endpoint) fits(m core.Message, limit uint32) error {
	if len(m.Body) <= int(limit) {
		return nil
	}
	e.node.count.tooLarge.Add(1)
	return fmt.Errorf("%w: %d bytes, limit %d", core.ErrTooLarge, len(m.Body), limit)
}

// Close stops listening and lets every connection write what is queued, for at most the linger time; it does not
// wait for that, Node.Stop does.
func (e *endpoint) Close() error {
	conns, first := e.shut()
	if !first {
		return core.ErrClosed
	}
	for _, c := range conns {
		c.drain()
	}
	return nil
}

// abort closes at once and resets every connection.
func (e *endpoint) abort() {
	e.shut()
	for _, c := range e.connections() {
		c.reset()
	}
}

func (e *endpoint) shut() (conns []*conn, first bool) {
	e.mu.Lock()
	first = !e.closed
	e.closed = true
	e.mu.Unlock()
	if first {
		e.stop()
		_ = e.listener.Close()
		e.node.count.unclaimed.Add(uint64(e.inbox.close()))
		e.forgetIfEmpty()
	}
	return e.connections(), first
}

func (e *endpoint) isClosed() bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.closed
}

func (e *endpoint) connections() []*conn {
	e.mu.RLock()
	defer e.mu.RUnlock()
	conns := make([]*conn, 0, len(e.conns))
	for c := range e.conns {
		conns = append(conns, c)
	}
	return conns
}

// forgetIfEmpty lets the node forget a closed endpoint, once nothing of it is left that a crash would have to end.
func (e *endpoint) forgetIfEmpty() {
	e.mu.RLock()
	over := e.closed && len(e.conns) == 0
	e.mu.RUnlock()
	if over {
		e.node.forget(e)
	}
}
