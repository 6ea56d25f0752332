package wire_test

import (
	"fmt"

	"github.com/windtunnel/windtunnel/core/wire"
)

type Mark struct {
	Stream string
	Next   uint64
	Final  bool
}

func (m *Mark) Fields(c *wire.Coder) {
	c.String(1, &m.Stream)
	c.Uint64(2, &m.Next)
	c.Bool(3, &m.Final)
}

// An older peer knows the first two fields only.
type OldMark struct {
	Stream string
	Next   uint64
}

func (m *OldMark) Fields(c *wire.Coder) {
	c.String(1, &m.Stream)
	c.Uint64(2, &m.Next)
}

func Example() {
	bytes := wire.Marshal(&Mark{Stream: "j1", Next: 300, Final: true})
	fmt.Printf("%x\n", bytes)

	var old OldMark
	fmt.Println(wire.Unmarshal(bytes, &old), old)
	fmt.Println(wire.Unmarshal(bytes[:3], &old))
	// Output:
	// 0a026a3110ac021801
	// <nil> {j1 300}
	// wire: *wire_test.OldMark: field 1: malformed message: length 2, but 1 bytes are left
}
