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
	addr     core.Address
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
		return nil, fmt.Errorf("%s: listen on %s: node is stopping: %w", n.config.Name, addr, core.ErrClosed)
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
		addr:     core.Address(listener.Addr().String()),
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

func (e *endpoint) Addr() core.Address { return e.addr }

func (e *endpoint) Recv(ctx context.Context) (core.Address, core.Message, error) {
	e.node.exitIfDead()
	e.node.perturb.point()
	from, m, err := e.inbox.take(ctx)
	e.node.exitIfDead() // a death closes the inbox too, and is not to be seen as a close
	return from, m, err
}
