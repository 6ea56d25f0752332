package wire

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// pointer is the constraint of a message T whose Fields has a pointer receiver.
type pointer[T any] interface {
	*T
	Message
}

// Nested visits a message inside a message. One with all fields zero is omitted.
func Nested(c *Coder, n int, m Message) {
	if !c.decoding {
		c.visit(n)
		before := len(c.buf)
		start := c.begin(n)
		c.encode(m)
		if len(c.buf) == start {
			c.buf = c.buf[:before]
			return
		}
		c.end(start)
		return
	}
	var body []byte
	if c.seek(n, protowire.BytesType) {
		b, ok := c.take(n)
		if !ok {
			return
		}
		if len(b) == 0 {
			c.fail(n, "an empty message is written out")
			return
		}
		body = b
	}
	// Also when it is absent: its fields are set to zero.
	c.decode(n, m, body)
	if body != nil && c.err == nil {
		c.advance(n + 1)
	}
}

// Optional visits a message that may be absent. One that is there with all fields zero stays there.
func Optional[T any, P pointer[T]](c *Coder, n int, p **T) {
	if !c.decoding {
		c.visit(n)
		if *p != nil {
			start := c.begin(n)
			c.encode(P(*p))
			c.end(start)
		}
		return
	}
	*p = nil
	if !c.seek(n, protowire.BytesType) {
		return
	}
	if body, ok := c.take(n); ok {
		*p = new(T)
		if c.decode(n, P(*p), body); c.err == nil {
			c.advance(n + 1)
		}
	}
}

// begin writes field n's tag and keeps one byte for the length of what follows, which is all that most need.
func (c *Coder) begin(n int) (start int) {
	c.tag(n, protowire.BytesType)
	c.buf = append(c.buf, 0)
	return len(c.buf)
}

// end fills in the length of what was written since start, and moves that when the length needs more bytes.
func (c *Coder) end(start int) {
	length := len(c.buf) - start
	if length < 0x80 {
		c.buf[start-1] = byte(length)
		return
	}
	more := protowire.SizeVarint(uint64(length)) - 1
	for range more {
		c.buf = append(c.buf, 0)
	}
	copy(c.buf[start+more:], c.buf[start:start+length])
	protowire.AppendVarint(c.buf[:start-1], uint64(length))
}

// encode writes the fields of an inner message.
func (c *Coder) encode(m Message) {
	visited := c.visited
	c.visited = 0
	m.Fields(c)
	c.visited = visited
}

// decode fills in an inner message of field n from body, which is all of it, and comes back to the outer
// one.
func (c *Coder) decode(n int, m Message, body []byte) {
	rest, next, kind, visited := c.buf, c.next, c.kind, c.visited
	failed := c.err != nil
	if c.depth++; c.depth > MaxDepth {
		c.fail(n, fmt.Sprintf("nested more than %d deep", MaxDepth))
	} else {
		c.open(body)
		m.Fields(c)
		c.skipTo(maxNumber + 1)
	}
	c.depth--
	if c.err != nil {
		rest, next = nil, 0
	}
	if c.err != nil && !failed {
		c.err = fmt.Errorf("field %d: %T: %w", n, m, c.err)
	}
	c.buf, c.next, c.kind, c.visited = rest, next, kind, visited
}
