package wire

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// List visits a list of messages, in its order. Zero ones are kept.
func List[T any, P pointer[T]](c *Coder, n int, list *[]T) {
	if !c.decoding {
		c.visit(n)
		for i := range *list {
			start := c.begin(n)
			c.encode(P(&(*list)[i]))
			c.end(start)
		}
		return
	}
	*list = nil
	for body, ok := c.first(n); ok; body, ok = c.another(n) {
		if *list == nil {
			*list = make([]T, 0, c.capacity(n))
		}
		var zero T
		*list = append(*list, zero)
		c.decode(n, P(&(*list)[len(*list)-1]), body)
	}
}

// first takes the first element of list n, if there is one.
func (c *Coder) first(n int) (b []byte, ok bool) {
	if !c.seek(n, protowire.BytesType) {
		return nil, false
	}
	return c.element(n)
}

// another takes the next element of list n, if there is one.
func (c *Coder) another(n int) (b []byte, ok bool) {
	if c.err != nil {
		return nil, false
	}
	if c.advance(n); c.next != n {
		return nil, false
	}
	if c.kind != protowire.BytesType {
		c.fail(n, fmt.Sprintf("wire type %d, want %d", c.kind, protowire.BytesType))
		return nil, false
	}
	return c.element(n)
}

func (c *Coder) element(n int) (b []byte, ok bool) {
	if c.elements++; c.elements > MaxElements {
		c.fail(n, fmt.Sprintf("more than %d elements in all lists", MaxElements))
		return nil, false
	}
	return c.take(n)
}

// capacity counts, once the first element of list n is taken, how many there are.
func (c *Coder) capacity(n int) int {
	tag := protowire.EncodeTag(protowire.Number(n), protowire.BytesType)
	count, most := 1, MaxElements-c.elements+1
	for b := c.buf; count < most; count++ {
		got, size := protowire.ConsumeVarint(b)
		if size < 0 || got != tag {
			break
		}
		_, length := protowire.ConsumeBytes(b[size:])
		if length < 0 {
			break
		}
		b = b[size+length:]
	}
	return count
}
