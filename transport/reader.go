package transport

import (
	"bufio"
	"errors"
	"io"

	"github.com/windtunnel/windtunnel/core"
)

const (
	readSize     = 32 << 10 // bytes asked of the socket at once; long payloads go straight to their place
	deliverCount = 256      // messages that are put into the inbox at once, at most
)

// read is the reader: it gathers what one read of the socket brought, and delivers it at once.
func (c *conn) read() {
	defer c.endpoint.node.network.Done()
	r := &reader{
		conn:   c,
		source: bufio.NewReaderSize(&heardReader{c}, readSize),
		frames: reassembly{limit: uint32(c.endpoint.node.config.MessageLimit)},
		batch:  make([]core.Message, 0, 16),
	}
	for {
		err := r.frame()
		if err != nil || len(r.batch) == deliverCount || !r.nextIsBuffered() {
			if !r.deliver() && err == nil {
				err = errMoved
			}
		}
		if err != nil {
			c.end(lingered(err))
			return
		}
	}
}

type reader struct {
	conn   *conn
	source *bufio.Reader
	frames reassembly
	batch  []core.Message
}

// heardReader marks the connection as alive whenever bytes come.
type heardReader struct{ conn *conn }

func (h *heardReader) Read(b []byte) (int, error) {
	n, err := h.conn.net.Read(b)
	if n > 0 {
		h.conn.heard.Store(true)
		h.conn.endpoint.node.count.bytesReceived.Add(uint64(n))
	}
	return n, err
}

// nextIsBuffered tells whether one more frame can be read without waiting for the socket.
func (r *reader) nextIsBuffered() bool {
	if r.source.Buffered() < headerSize {
		return false
	}
	b, _ := r.source.Peek(headerSize)
	h, err := parseHeader(b)
	return err != nil || !h.hasPayload() || r.source.Buffered() >= headerSize+int(h.length)
}

// frame reads one frame. io.EOF only at the end of a whole one.
func (r *reader) frame() error {
	b, err := r.source.Peek(headerSize)
	if err != nil {
		if len(b) > 0 && errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF
		}
		return err
	}
	h, err := parseHeader(b)
	if err != nil {
		return err
	}
	_, _ = r.source.Discard(headerSize)
	switch h.kind {
	case kindPing:
		r.conn.out.tell(func(control *control) { control.pong = true })
		return nil
	case kindPong:
		return nil
	case kindWindow:
		r.conn.out.tell(func(control *control) { control.granted[h.class] += int(h.length) })
		return nil
	}
	payload, err := r.frames.place(h, r.open)
	if err != nil {
		return err
	}
	if _, err := io.ReadFull(r.source, payload); err != nil {
		return unexpected(err)
	}
	if m, whole := r.frames.take(h.class); whole {
		r.batch = append(r.batch, m)
	}
	return nil
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// open holds the peer to what it was granted.
func (r *reader) open(class core.Class, cost int) bool {
	return r.conn.window[class].Add(-int64(cost)) >= 0
}

// errMoved says that the peer sends on another connection, so nothing on this one can be in order any more.
var errMoved = errors.New("peer moved to another connection")

// deliver returns false when the connection is of no more use.
func (r *reader) deliver() bool {
	if len(r.batch) == 0 {
		return true
	}
	e, useful := r.conn.endpoint, true
	count := &e.node.count
	switch {
	case e.inbox.put(r.conn, r.batch):
		count.messagesReceived.Add(uint64(len(r.batch)))
	case e.isClosed(): // keeps reading, so that what is still to be written can be
		count.unclaimed.Add(uint64(len(r.batch)))
	default:
		count.fenced.Add(uint64(len(r.batch)))
		useful = false
	}
	clear(r.batch)
	r.batch = r.batch[:0]
	return useful
}
