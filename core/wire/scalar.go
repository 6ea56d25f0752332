package wire

import (
	"math"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Uint64 visits a number that is usually small.
func (c *Coder) Uint64(n int, v *uint64) {
	if c.decoding {
		*v = c.getVarint(n)
		return
	}
	c.putVarint(n, *v)
}

// Int64 visits a number of either sign (zigzag: small ones of both signs are short).
func (c *Coder) Int64(n int, v *int64) {
	if c.decoding {
		*v = protowire.DecodeZigZag(c.getVarint(n))
		return
	}
	c.putVarint(n, protowire.EncodeZigZag(*v))
}

// Duration visits a duration, in nanoseconds.
func (c *Coder) Duration(n int, v *time.Duration) { c.Int64(n, (*int64)(v)) }

// Bool visits a truth value.
func (c *Coder) Bool(n int, v *bool) {
	if !c.decoding {
		if *v {
			c.putVarint(n, 1)
			return
		}
		c.visit(n)
		return
	}
	got := c.getVarint(n)
	if got > 1 {
		c.fail(n, "neither false nor true")
	}
	*v = got == 1
}

// Fixed64 visits a number whose bits are all in use: a hash, a random id. Eight bytes.
func (c *Coder) Fixed64(n int, v *uint64) {
	if c.decoding {
		*v = c.getFixed(n)
		return
	}
	c.putFixed(n, *v)
}

// Float64 visits a float, bit for bit.
func (c *Coder) Float64(n int, v *float64) {
	if c.decoding {
		*v = math.Float64frombits(c.getFixed(n))
		return
	}
	c.putFixed(n, math.Float64bits(*v))
}

// Enum visits a value of any unsigned type. A number too large for the type is refused; whether a number has
// a meaning is for the message's owner to say.
func Enum[E ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uint](c *Coder, n int, v *E) {
	if !c.decoding {
		c.putVarint(n, uint64(*v))
		return
	}
	got := c.getVarint(n)
	*v = E(got)
	if uint64(*v) != got {
		c.fail(n, "too large for its type")
	}
}

// Int visits a value of any signed type (zigzag). A number too large for the type is refused.
func Int[I ~int8 | ~int16 | ~int32 | ~int64 | ~int](c *Coder, n int, v *I) {
	if !c.decoding {
		c.putVarint(n, protowire.EncodeZigZag(int64(*v)))
		return
	}
	got := protowire.DecodeZigZag(c.getVarint(n))
	*v = I(got)
	if int64(*v) != got {
		c.fail(n, "too large for its type")
	}
}

func (c *Coder) putVarint(n int, v uint64) {
	c.visit(n)
	if v != 0 {
		c.tag(n, protowire.VarintType)
		c.buf = protowire.AppendVarint(c.buf, v)
	}
}

func (c *Coder) getVarint(n int) uint64 {
	if !c.seek(n, protowire.VarintType) {
		return 0
	}
	v, ok := c.consume(n)
	if !ok || !c.present(n, v != 0) {
		return 0
	}
	return v
}

func (c *Coder) putFixed(n int, v uint64) {
	c.visit(n)
	if v != 0 {
		c.tag(n, protowire.Fixed64Type)
		c.buf = protowire.AppendFixed64(c.buf, v)
	}
}

func (c *Coder) getFixed(n int) uint64 {
	if !c.seek(n, protowire.Fixed64Type) {
		return 0
	}
	v, size := protowire.ConsumeFixed64(c.buf)
	if size < 0 {
		c.fail(n, "cut short")
		return 0
	}
	c.buf = c.buf[size:]
	if !c.present(n, v != 0) {
		return 0
	}
	return v
}

// present ends a field that stands at most once and only with a value: a zero has no canonical form but
// absence.
func (c *Coder) present(n int, nonzero bool) bool {
	if !nonzero {
		c.fail(n, "a zero value is written out")
		return false
	}
	c.advance(n + 1)
	return c.err == nil
}
