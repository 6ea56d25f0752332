package wire

import "google.golang.org/protobuf/encoding/protowire"

// Bytes visits a byte slice. Decoded, it aliases the input; nothing is nil.
func (c *Coder) Bytes(n int, v *[]byte) {
	if c.decoding {
		*v = c.getBytes(n)
		return
	}
	c.visit(n)
	if len(*v) != 0 {
		c.tag(n, protowire.BytesType)
		c.buf = protowire.AppendBytes(c.buf, *v)
	}
}

// String visits a string. Decoded, it is a copy.
func (c *Coder) String(n int, v *string) { Text(c, n, v) }

// Text visits a value of any string type. Decoded, it is a copy.
func Text[S ~string](c *Coder, n int, v *S) {
	if c.decoding {
		*v = S(c.getBytes(n))
		return
	}
	c.visit(n)
	if len(*v) != 0 {
		c.tag(n, protowire.BytesType)
		c.buf = protowire.AppendString(c.buf, string(*v))
	}
}

func (c *Coder) getBytes(n int) []byte {
	if !c.seek(n, protowire.BytesType) {
		return nil
	}
	b, ok := c.take(n)
	if !ok || !c.present(n, len(b) != 0) {
		return nil
	}
	return b
}

// Strings visits a list of strings, in its order. Empty ones are kept.
func (c *Coder) Strings(n int, list *[]string) { Texts(c, n, list) }

// Texts visits a list of values of any string type, in its order. Empty ones are kept.
func Texts[S ~string](c *Coder, n int, list *[]S) {
	if !c.decoding {
		c.visit(n)
		for _, s := range *list {
			c.tag(n, protowire.BytesType)
			c.buf = protowire.AppendString(c.buf, string(s))
		}
		return
	}
	*list = nil
	for b, ok := c.first(n); ok; b, ok = c.another(n) {
		if *list == nil {
			*list = make([]S, 0, c.capacity(n))
		}
		*list = append(*list, S(b))
	}
}

// Uint64s visits a list of numbers, in its order (packed). Ascending ones are shortest as differences, which
// the message takes itself.
func (c *Coder) Uint64s(n int, list *[]uint64) {
	if c.decoding {
		*list = c.getPacked(n)
		return
	}
	c.visit(n)
	if len(*list) == 0 {
		return
	}
	start := c.begin(n)
	for _, v := range *list {
		c.buf = protowire.AppendVarint(c.buf, v)
	}
	c.end(start)
}

func (c *Coder) getPacked(n int) []uint64 {
	packed := c.getBytes(n)
	if packed == nil {
		return nil
	}
	count := 0
	for _, b := range packed {
		if b < 0x80 {
			count++ // the last byte of a number
		}
	}
	list := make([]uint64, 0, count)
	for len(packed) > 0 {
		v, size := protowire.ConsumeVarint(packed)
		if size < 0 || size > 1 && packed[size-1] == 0 {
			c.fail(n, "a number is cut short, too long, or not in its shortest form")
			return nil
		}
		list = append(list, v)
		packed = packed[size:]
	}
	return list
}
