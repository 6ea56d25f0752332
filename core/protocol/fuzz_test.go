package protocol

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/windtunnel/windtunnel/core/wire"
)

// FuzzDecode gives what a peer may send to every message: it is decoded or refused, never a panic, and
// what was decoded has one encoding, which decodes to the same.
func FuzzDecode(f *testing.F) {
	for i, m := range messages() {
		f.Add(uint8(i), []byte{})
		next := uint64(i)
		fill(reflect.ValueOf(m).Elem(), &next)
		encoded := wire.Marshal(m)
		f.Add(uint8(i), encoded)
		if n := len(encoded); n > 2 {
			f.Add(uint8(i), encoded[:n/2])
			f.Add(uint8(i), append(bytes.Clone(encoded[n/2:]), encoded[:n/2]...))
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		all := messages()
		m := all[int(which)%len(all)]
		if wire.Unmarshal(data, m) != nil {
			return
		}
		encoded := wire.Marshal(m)
		again := messages()[int(which)%len(all)]
		if err := wire.Unmarshal(encoded, again); err != nil {
			t.Fatalf("%T: its own encoding is refused: %v", m, err)
		}
		if !bytes.Equal(encoded, wire.Marshal(again)) {
			t.Fatalf("%T: encoded anew it is not the same", m)
		}
	})
}
