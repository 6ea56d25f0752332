package stats

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/windtunnel/windtunnel/core/wire"
)

// raw is a sketch's fields as a peer may send them.
type raw struct {
	zeros, sumHigh, sumLow uint64
	min, max               int64
	packed                 []byte
}

func (r *raw) Fields(c *wire.Coder) {
	c.Uint64(1, &r.zeros)
	c.Uint64(2, &r.sumHigh)
	c.Uint64(3, &r.sumLow)
	c.Int64(4, &r.min)
	c.Int64(5, &r.max)
	c.Bytes(6, &r.packed)
}

func TestASketchThatNobodyWroteIsRefused(t *testing.T) {
	var s Sketch
	s.Add(1)
	s.Add(2)
	s.Add(2)
	at := byte(index.Index(2))
	good := raw{0, 0, 5, 1, 2, []byte{0, at + 1, 1, 0, at - 2, 2}}
	require.Equal(t, bytesOf(t, &s), wire.Marshal(&good))

	huge := []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}
	for name, spoil := range map[string]func(*raw){
		"empty, with a sum":           func(r *raw) { r.packed, r.min, r.max = nil, 0, 0 },
		"empty, with a greatest":      func(r *raw) { r.packed, r.sumLow, r.min = nil, 0, 0 },
		"negative least":              func(r *raw) { r.min = -1 },
		"greatest under the least":    func(r *raw) { r.min, r.max = 2, 1 },
		"least not in the lowest bin": func(r *raw) { r.min = 2 },
		"greatest not in the highest": func(r *raw) { r.max = 3 },
		"zeros, and a least above 0":  func(r *raw) { r.zeros = 1 },
		"sum too small":               func(r *raw) { r.sumLow = 2 },
		"sum too great":               func(r *raw) { r.sumLow = 7 },
		"sum far too great":           func(r *raw) { r.sumHigh = 1 },
		"first bin out of range":      func(r *raw) { r.packed = []byte{0x80, 0x10, 1, 1} },
		"no bins":                     func(r *raw) { r.packed = []byte{0, 0} },
		"too many bins":               func(r *raw) { r.packed = []byte{1, 0x80, 0x10, 1} },
		"bins cut short":              func(r *raw) { r.packed = r.packed[:5] },
		"more bins than said":         func(r *raw) { r.packed = append(r.packed, 1) },
		"first count 0":               func(r *raw) { r.packed = []byte{0, 3, 0, 1, 1} },
		"last count 0":                func(r *raw) { r.packed = []byte{0, 3, 1, 0, 1} },
		"zeros in two runs":           func(r *raw) { r.packed = []byte{0, at + 1, 1, 0, 0, 0, at - 3, 2} },
		"zeros beyond the end":        func(r *raw) { r.packed = []byte{0, at + 1, 1, 0, at + 9, 2} },
		"a count not in short form":   func(r *raw) { r.packed = []byte{0, at + 1, 1, 0, at - 2, 0x82, 0} },
		"a count over 64 bits":        func(r *raw) { r.packed = append([]byte{0, 2}, append(huge, 1)...) },
		"nothing after the first":     func(r *raw) { r.packed = []byte{0} },
	} {
		t.Run(name, func(t *testing.T) {
			bad := good
			spoil(&bad)
			s := Sketch{}
			s.Add(77)
			require.ErrorIs(t, s.UnmarshalBinary(wire.Marshal(&bad)), wire.ErrMalformed)
			require.Zero(t, s.Count(), "nothing of it stays")
		})
	}
}
