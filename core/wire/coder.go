package wire

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

const maxNumber = int(protowire.MaxValidNumber)

// Coder takes a message's fields one by one, to write them or to fill them in. A Message gets one in Fields
// and must not keep it.
type Coder struct {
	buf      []byte // encoding: all that is written; decoding: what follows the next field's tag
	visited  int    // the last field that the message named
	decoding bool

	// Decoding only.
	next     int            // the number of the next field in buf, 0 when there is none
	kind     protowire.Type // and its wire type
	depth    int
	elements int // made so far, in all lists
	err      error
}

// Decoding tells a message's Fields that it is being filled in, for the rare field whose form in memory is
// not its form on the wire.
func (c *Coder) Decoding() bool { return c.decoding }

// Fail refuses the message that is being decoded: its Fields found a value that cannot be. It does nothing
// while encoding or after another error.
func (c *Coder) Fail(reason string) {
	if c.decoding {
		c.fail(c.visited, reason)
	}
}

// visit notes that the message named field n.
func (c *Coder) visit(n int) {
	if n <= c.visited || n > maxNumber {
		panic(fmt.Sprintf("wire: field %d visited after field %d", n, c.visited))
	}
	c.visited = n
}

// open starts decoding a message that is all of b.
func (c *Coder) open(b []byte) {
	c.buf, c.visited, c.next = b, 0, 0
	c.advance(1)
}

// seek goes to field n, and tells whether it is there with the wire type that it should have.
func (c *Coder) seek(n int, kind protowire.Type) bool {
	c.visit(n)
	if c.next < n {
		c.skipTo(n)
	}
	if c.next != n {
		return false
	}
	if c.kind != kind {
		c.fail(n, fmt.Sprintf("wire type %d, want %d", c.kind, kind))
		return false
	}
	return true
}

// skipTo passes over the fields below n. They are unknown: what the message knows was taken in its turn. A
// newer peer's list repeats its number.
func (c *Coder) skipTo(n int) {
	for c.next != 0 && c.next < n {
		size := protowire.ConsumeFieldValue(protowire.Number(c.next), c.kind, c.buf)
		if size < 0 {
			c.fail(c.next, "unknown field is cut short or invalid")
			return
		}
		c.buf = c.buf[size:]
		c.advance(c.next)
	}
}

// advance reads the next tag, whose number must not be under least.
func (c *Coder) advance(least int) {
	if len(c.buf) == 0 {
		c.next = 0
		return
	}
	tag, ok := c.consume(least)
	if !ok {
		return
	}
	number, kind := tag>>3, protowire.Type(tag&7)
	switch {
	case number == 0 || number > uint64(maxNumber):
		c.fail(least, "the next field's number is out of range")
	case int(number) < least:
		c.fail(int(number), fmt.Sprintf("stands at or after field %d: repeated, or out of order", least-1))
	case kind == protowire.StartGroupType || kind == protowire.EndGroupType || kind > protowire.Fixed32Type:
		c.fail(int(number), fmt.Sprintf("wire type %d is not used", kind))
	default:
		c.next, c.kind = int(number), kind
	}
}

// consume reads one varint, which must be as short as it can be.
func (c *Coder) consume(n int) (v uint64, ok bool) {
	if len(c.buf) > 0 && c.buf[0] < 0x80 {
		v = uint64(c.buf[0])
		c.buf = c.buf[1:]
		return v, true
	}
	v, size := protowire.ConsumeVarint(c.buf)
	if size < 0 || c.buf[size-1] == 0 {
		c.fail(n, "a number is cut short, too long, or not in its shortest form")
		return 0, false
	}
	c.buf = c.buf[size:]
	return v, true
}

// take reads n's length and then that many bytes, which alias the input.
func (c *Coder) take(n int) (b []byte, ok bool) {
	length, ok := c.consume(n)
	if !ok {
		return nil, false
	}
	if length > uint64(len(c.buf)) {
		c.fail(n, fmt.Sprintf("length %d, but %d bytes are left", length, len(c.buf)))
		return nil, false
	}
	b = c.buf[:length:length]
	c.buf = c.buf[length:]
	return b, true
}

// fail keeps the first error and drops the rest of the input, so that what is visited next is zero.
func (c *Coder) fail(n int, reason string) {
	if c.err == nil {
		c.err = fmt.Errorf("field %d: %w: %s", n, ErrMalformed, reason)
	}
	c.buf, c.next = nil, 0
}

// tag writes the tag of field n.
func (c *Coder) tag(n int, kind protowire.Type) {
	c.buf = protowire.AppendTag(c.buf, protowire.Number(n), kind)
}
