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

// Fields is the sketch on the wire: zeros, sum, least, greatest, and the bins in ascending order, each used one
// as the varints (bins skipped, count). The count is their sum.
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
	next := 0
	for i, n := range s.bins {
		if n == 0 {
			continue
		}
		b = binary.AppendUvarint(b, uint64(s.first+i-next))
		b = binary.AppendUvarint(b, n)
		next = s.first + i + 1
	}
	return b
}

// decodeBins sets bins, first and count, and tells what is wrong with the whole sketch.
func (s *Sketch) decodeBins(packed []byte) (wrong string) {
	s.bins, s.first, s.count = s.bins[:0], 0, s.zeros
	first, last, wrong := span(packed)
	if wrong != "" {
		return wrong
	}
	if len(packed) > 0 {
		s.reach(first, last)
		for i := 0; len(packed) > 0; i++ {
			var skipped, n, carry uint64
			skipped, packed = uvarint(packed)
			n, packed = uvarint(packed)
			i += int(skipped)
			s.bins[i-first] = n
			if s.count, carry = bits.Add64(s.count, n, 0); carry != 0 {
				return "the counts' sum is over 64 bits"
			}
		}
	}
	return s.incredible()
}

// span walks over packed bins and returns the first and last one, before memory is taken for them.
func span(packed []byte) (first, last int, wrong string) {
	first, last = -1, -1
	for len(packed) > 0 {
		skipped, n := binary.Uvarint(packed)
		if n <= 0 || n > 1 && packed[n-1] == 0 || skipped >= MaxBins {
			return 0, 0, "a bin's number is malformed or out of range"
		}
		packed = packed[n:]
		count, n := binary.Uvarint(packed)
		if n <= 0 || n > 1 && packed[n-1] == 0 || count == 0 {
			return 0, 0, "a bin's count is malformed or 0"
		}
		packed = packed[n:]
		if last += 1 + int(skipped); last >= MaxBins {
			return 0, 0, "a bin is out of range"
		}
		if first < 0 {
			first = last
		}
	}
	return first, last, ""
}

// uvarint takes a varint that span has checked.
func uvarint(b []byte) (uint64, []byte) {
	if b[0] < 0x80 {
		return uint64(b[0]), b[1:]
	}
	v, n := binary.Uvarint(b)
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
