package stats

import (
	"encoding/binary"
	"math/bits"
	"time"

	"github.com/windtunnel/windtunnel/core/wire"
)

// AppendBinary appends the sketch's canonical bytes to b: equal sketches have equal bytes. The error is nil.
func (s *Sketch) AppendBinary(b []byte) ([]byte, error) { return wire.Append(b, s), nil }

// UnmarshalBinary sets s to what b holds, and refuses whatever no Sketch could have written.
func (s *Sketch) UnmarshalBinary(b []byte) error { return wire.Unmarshal(b, s) }

// Fields is the sketch on the wire: zeros, sum, least, greatest, and the bins as varints: the first bin's
// number, how many bins, and their counts, where a 0 is followed by how many more zeros stand there. The
// first and the last count are not 0. The count of all is their sum.
func (s *Sketch) Fields(c *wire.Coder) {
	c.Uint64(1, &s.zeros)
	c.Uint64(2, &s.sumHigh)
	c.Uint64(3, &s.sumLow)
	c.Duration(4, &s.min)
	c.Duration(5, &s.max)
	var room [256]byte
	var packed []byte
	if !c.Decoding() {
		packed = s.appendBins(room[:0])
	}
	c.Bytes(6, &packed)
	if c.Decoding() {
		if reason := s.decodeBins(packed); reason != "" {
			*s = Sketch{}
			c.Fail(reason)
		}
	}
}

func (s *Sketch) appendBins(b []byte) []byte {
	if len(s.bins) == 0 {
		return b
	}
	b = binary.AppendUvarint(b, uint64(s.first))
	b = binary.AppendUvarint(b, uint64(len(s.bins)))
	for i := 0; i < len(s.bins); i++ {
		b = binary.AppendUvarint(b, s.bins[i])
		if s.bins[i] == 0 {
			more := 0
			for s.bins[i+1] == 0 { // the last is not 0
				i, more = i+1, more+1
			}
			b = binary.AppendUvarint(b, uint64(more))
		}
	}
	return b
}

// decodeBins sets bins, first and count, and tells what is wrong with the whole sketch.
func (s *Sketch) decodeBins(packed []byte) (wrong string) {
	s.bins, s.first, s.count = s.bins[:0], 0, s.zeros
	if len(packed) > 0 {
		first, rest := uvarint(packed)
		size, rest := uvarint(rest)
		if first >= MaxBins || size == 0 || size > MaxBins-first {
			return "the bins are out of range"
		}
		s.reach(int(first), int(first+size)-1)
		if wrong := s.decodeCounts(rest); wrong != "" {
			return wrong
		}
	}
	return s.incredible()
}

// decodeCounts fills the bins, which are all 0, from b.
func (s *Sketch) decodeCounts(b []byte) (wrong string) {
	for i := 0; i < len(s.bins); i++ {
		var n, carry uint64
		if n, b = uvarint(b); n != 0 {
			s.bins[i] = n
			if s.count, carry = bits.Add64(s.count, n, 0); carry != 0 {
				return "the counts' sum is over 64 bits"
			}
			continue
		}
		n, b = uvarint(b)
		if i == 0 || n >= MaxBins || len(b) == 0 || b[0] == 0 {
			return "zeros are malformed, or stand at an end"
		}
		i += int(n)
	}
	if b == nil || len(b) > 0 || s.bins[len(s.bins)-1] == 0 {
		return "the bins and their number differ"
	}
	return ""
}

// uvarint takes one varint in its shortest form. The rest is nil when there is none.
func uvarint(b []byte) (v uint64, rest []byte) {
	if len(b) > 0 && b[0] < 0x80 {
		return uint64(b[0]), b[1:]
	}
	v, n := binary.Uvarint(b)
	if n <= 0 || b[n-1] == 0 {
		return 0, nil
	}
	return v, b[n:]
}

// incredible tells why no durations have this sketch's least, greatest and sum.
func (s *Sketch) incredible() (wrong string) {
	if s.count == 0 {
		if s.min != 0 || s.max != 0 || s.sumHigh != 0 || s.sumLow != 0 {
			return "an empty sketch with a sum, a least or a greatest"
		}
		return ""
	}
	if s.min < 0 || s.max < s.min {
		return "the greatest is under the least, or a duration is negative"
	}
	if !near(s.min, s.lowest()) || !near(s.max, s.highest()) {
		return "the least or the greatest is not in the outermost bin"
	}
	leastHigh, leastLow := bits.Mul64(s.count, uint64(s.min))
	mostHigh, mostLow := bits.Mul64(s.count, uint64(s.max))
	if less(s.sumHigh, s.sumLow, leastHigh, leastLow) || less(mostHigh, mostLow, s.sumHigh, s.sumLow) {
		return "the sum is not between count times the least and count times the greatest"
	}
	return ""
}

// zeroBin stands for durations of 0, which have no bin.
const zeroBin = -1

// near tells whether d belongs in bin, give or take the one bin by which another architecture's fused
// multiply-add may have rounded it.
func near(d time.Duration, bin int) bool {
	if d == 0 || bin == zeroBin {
		return d == 0 && bin == zeroBin
	}
	off := min(index.Index(float64(d)), MaxBins-1) - bin
	return -1 <= off && off <= 1
}

func (s *Sketch) lowest() int {
	if s.zeros > 0 {
		return zeroBin
	}
	return s.first
}

func (s *Sketch) highest() int {
	if len(s.bins) == 0 {
		return zeroBin
	}
	return s.first + len(s.bins) - 1
}

func less(aHigh, aLow, bHigh, bLow uint64) bool {
	return aHigh < bHigh || aHigh == bHigh && aLow < bLow
}
