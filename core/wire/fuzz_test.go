package wire_test

import (
	"strings"
	"testing"
	"time"

	"github.com/windtunnel/windtunnel/core/wire"
)

func FuzzUnmarshal(f *testing.F) {
	f.Add([]byte{})
	f.Add(wire.Marshal(&outer{
		U: 1, I: -1, B: true, D: time.Second, F: 1.5, Hash: 1 << 63, Color: 3, Cores: -4, S: "s",
		Blob:  []byte("b"),
		Names: []string{"", "n"}, Typed: []name{"t"}, Deltas: []uint64{0, 300},
		In:    inner{N: 1, Sub: make([]inner, 2)},
		Maybe: &inner{}, List: []inner{{Name: name(strings.Repeat("x", 200))}}, Last: 300,
	}))
	f.Add(field(16, "\x12\x05a"))
	f.Add([]byte{0x88, 0x00, 0x01})
	f.Fuzz(func(t *testing.T, b []byte) { canonical(t, b) })
}
