package transport

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/windtunnel/windtunnel/core"
)

// conn is one connection after its handshake: a reader, a writer and what they share.
type conn struct {
	endpoint *endpoint
	peer     *peer
	net      net.Conn
	hello    hello // what the peer said
	out      *outbox
	dead     chan struct{} // closed when it has ended
	ending   sync.Once

	heard  atomic.Bool // something came since the keeper last looked
	silent int         // times that the keeper has found nothing; the keeper's alone

	window [core.ClassCount]atomic.Int64 // bytes that the peer may still send
	// Guarded by the inbox's lock:
	taken  [core.ClassCount]int // bytes that Recv took and that are not granted anew
	fenced bool                 // nothing more of it may be received
}

func newConn(e *endpoint, socket net.Conn, theirs hello) *conn {
	c := &conn{
		endpoint: e, net: socket, hello: theirs,
		out:  newOutbox(e.node.config),
		dead: make(chan struct{}),
	}
	for class := range c.window {
		c.window[class].Store(int64(e.node.config.Window))
	}
	return c
}

// start runs the reader and the writer. The caller holds the endpoint's lock, and the endpoint is open.
func (c *conn) start() {
	c.endpoint.node.network.Add(2)
	go c.write()
	go c.read()
}

// consumed counts a message against its window and returns the bytes to grant, once they are worth a frame.
func (c *conn) consumed(m core.Message) int {
	c.taken[m.Class] += len(m.Body) + messageCost
	if c.taken[m.Class] < c.endpoint.node.config.grantSize() {
		return 0
	}
	grant := c.taken[m.Class]
	c.taken[m.Class] = 0
	return grant
}

func (c *conn) grant(class core.Class, bytes int) {
	c.window[class].Add(int64(bytes)) // before the peer can hear of it
	c.out.tell(func(control *control) { control.grant[class] += uint32(bytes) })
}

// end closes the connection. Only the first call says why; nil and io.EOF are ends in good order.
func (c *conn) end(cause error) {
	c.ending.Do(func() {
		close(c.dead)
		_ = c.net.Close()
		count := &c.endpoint.node.count
		count.lostTail.Add(uint64(c.out.end()))
		c.endpoint.detach(c)
		if cause == nil || errors.Is(cause, io.EOF) {
			return
		}
		count.connectionsLost.Add(1)
		if errors.Is(cause, errSilent) {
			count.halfOpen.Add(1)
		}
		if errors.Is(cause, errProtocol) {
			count.violations.Add(1)
		}
		c.endpoint.log.Info("connection lost", "peer", c.hello.name, "role", c.hello.role, "cause", cause)
	})
}

// drain writes what is queued, for at most the linger time, and then ends the connection.
func (c *conn) drain() {
	_ = c.net.SetDeadline(time.Now().Add(c.endpoint.node.config.Linger))
	c.out.drain()
}

// reset makes the end of the connection abrupt for the peer as well.
func (c *conn) reset() {
	if socket, ok := c.net.(*net.TCPConn); ok {
		_ = socket.SetLinger(0)
	}
	c.end(nil)
}
