package transport

import (
	"errors"
	"os"
	"runtime"
)

// write is the writer: everything that is queued, in order of urgency, in one system call.
func (c *conn) write() {
	defer c.endpoint.node.network.Done()
	batch, buffer := newBatcher(c.hello.window), []byte(nil)
	for {
		buffer = batch.fill(buffer[:0])
		if len(buffer) > 0 {
			if _, err := c.net.Write(buffer); err != nil {
				c.end(lingered(err))
				return
			}
			c.wrote(batch, len(buffer))
			c.out.collect(batch, false)
			continue
		}
		idle, drained := c.out.collect(batch, true)
		if drained {
			c.closeWrite()
			return
		}
		if batch.control.ping { // it rests: thousands of such must not each hold a batch
			buffer = nil
			batch.rest()
		}
		if !idle {
			continue
		}
		select {
		case <-c.out.wake:
			runtime.Gosched() // those who are about to send come along in this batch
		case <-c.dead:
			return
		}
	}
}

func (c *conn) wrote(batch *batcher, bytes int) {
	messages := 0
	for class := range batch.written {
		messages += batch.written[class].messages
	}
	count := &c.endpoint.node.count
	count.messagesSent.Add(uint64(messages))
	count.bytesSent.Add(uint64(bytes))
	count.writes.Add(1)
}

// closeWrite says the end after the last byte. The reader stays until the peer has read it: closing with
// unread bytes in the socket would reset the connection and take the tail along.
func (c *conn) closeWrite() {
	if socket, ok := c.net.(interface{ CloseWrite() error }); ok {
		_ = socket.CloseWrite()
		return
	}
	c.end(nil)
}

// lingered makes the end of the linger time an end in good order: that messages are left is what LostTail
// says.
func lingered(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil
	}
	return err
}
