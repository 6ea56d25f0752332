package trace

import (
	"encoding/binary"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// hashBytes folds bytes into a hash, eight at a time.
func hashBytes(h uint64, b []byte) uint64 {
	h = choice.Mix(h, uint64(len(b)))
	for len(b) >= 8 {
		h = choice.Mix(h, binary.LittleEndian.Uint64(b))
		b = b[8:]
	}
	var tail uint64
	for i, c := range b {
		tail |= uint64(c) << (8 * i)
	}
	return choice.Mix(h, tail)
}
