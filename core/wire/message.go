package wire

import (
	"errors"
	"fmt"
)

const (
	// MaxDepth bounds how deep messages nest when decoded.
	MaxDepth = 16
	// MaxElements bounds the elements of all lists of messages and strings that one Unmarshal makes: two
	// bytes on the wire may be hundreds in memory.
	MaxElements = 1 << 17
)

// ErrMalformed matches every error of Unmarshal.
var ErrMalformed = errors.New("malformed message")

// Message is what can be encoded. Fields visits each field once, in ascending order, in both directions;
// what it visits must not depend on the values.
type Message interface {
	Fields(c *Coder)
}

// Marshal returns the bytes of m.
func Marshal(m Message) []byte { return Append(nil, m) }

// Append appends the bytes of m to b. It panics when m visits its fields out of order, which is a mistake of
// the program. It does not hold m to MaxDepth and MaxElements: beyond them no peer will decode the bytes.
func Append(b []byte, m Message) []byte {
	c := Coder{buf: b}
	m.Fields(&c)
	return c.buf
}

// Unmarshal decodes b into m. []byte fields of m alias b. After an error m holds some of the fields.
func Unmarshal(b []byte, m Message) error {
	return new(Coder).unmarshal(b, m)
}

func (c *Coder) unmarshal(b []byte, m Message) error {
	c.decoding = true
	c.open(b)
	m.Fields(c)
	c.skipTo(maxNumber + 1)
	if c.err != nil {
		return fmt.Errorf("wire: %T: %w", m, c.err)
	}
	return nil
}
