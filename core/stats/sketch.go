package stats

import (
	"math"
	"math/bits"
	"time"

	"github.com/DataDog/sketches-go/ddsketch/mapping"
)

const (
	// RelativeError bounds how far a quantile of a Sketch is from a true one: 1 %.
	RelativeError = 0.01
	// MaxBins bounds the bins of a Sketch. They reach from 1 ns to 12 years; longer durations share the
	// last.
	MaxBins = 2048
)

// index maps a duration to its bin. It is never written.
var index = newMapping() //simvet:allow read-only: the library's constructor is not a constant expression

func newMapping() *mapping.CubicallyInterpolatedMapping {
	m, err := mapping.NewCubicallyInterpolatedMapping(RelativeError)
	if err != nil {
		panic("stats: the relative error is a constant in range: " + err.Error())
	}
	return m
}

// Sketch is how a number of durations are spread: a DDSketch (Masson, Rim, Lee, VLDB 2019) with an error
// of 1 % relative to the value, and beside it the exact count, sum, least and greatest. Zero is an empty
// Sketch.
//
// The library's mapping decides the bins; the store is our own. The library's counts are float64, which
// stop being exact at 2^53, and its dense store collapses low bins once the range is over 2,048 bins.
// Here counts are uint64 in a fixed range of bins, so a merge is an addition of integers: any order and
// tree of merging gives the same Sketch and the same bytes.
//
// A Sketch holds at most 16 KiB. It is not safe for concurrent use; copy one with Clone.
type Sketch struct {
	bins     []uint64 // counts of bins first, first+1, ...; the first and last in use are not 0
	first    int
	zeros    uint64 // durations of 0 and less
	count    uint64
	sumHigh  uint64 // 128 bits: at a million a second of 10 s each, 64 last half an hour
	sumLow   uint64
	min, max time.Duration
}

// Add counts one duration. A negative one counts as 0.
func (s *Sketch) Add(d time.Duration) {
	d = max(d, 0)
	if s.count == 0 || d < s.min {
		s.min = d
	}
	s.max = max(s.max, d)
	s.count++
	var carry uint64
	s.sumLow, carry = bits.Add64(s.sumLow, uint64(d), 0)
	s.sumHigh += carry
	if d == 0 {
		s.zeros++
		return
	}
	i := min(index.Index(float64(d)), MaxBins-1)
	if at := i - s.first; uint(at) < uint(len(s.bins)) {
		s.bins[at]++
		return
	}
	if cap(s.bins) == 0 {
		s.bins = make([]uint64, 0, 32) // more will come, nearby
	}
	s.reach(i, i)
	s.bins[i-s.first]++
}

// Merge adds all that o counted. It is not ok, and s is unchanged, when the count would be over 64 bits.
func (s *Sketch) Merge(o *Sketch) (ok bool) {
	count, carry := bits.Add64(s.count, o.count, 0)
	if o.count == 0 || carry != 0 {
		return carry == 0
	}
	if s.count == 0 || o.min < s.min {
		s.min = o.min
	}
	s.max = max(s.max, o.max)
	s.count = count
	s.zeros += o.zeros
	s.sumLow, carry = bits.Add64(s.sumLow, o.sumLow, 0)
	s.sumHigh += o.sumHigh + carry
	if len(o.bins) == 0 {
		return true
	}
	s.reach(o.first, o.first+len(o.bins)-1)
	into := s.bins[o.first-s.first:][:len(o.bins)]
	for i, n := range o.bins {
		into[i] += n
	}
	return true
}

// reach makes room for bins low to high. What it adds at the ends stays 0 until its caller counts in low and
// high.
func (s *Sketch) reach(low, high int) {
	if len(s.bins) == 0 {
		s.first = low
		if n := high - low + 1; n <= cap(s.bins) {
			s.bins = s.bins[:n]
			clear(s.bins)
		} else {
			s.bins = make([]uint64, n)
		}
		return
	}
	last := s.first + len(s.bins) - 1
	if low < s.first {
		grown := make([]uint64, max(last, high)-low+1)
		copy(grown[s.first-low:], s.bins)
		s.bins, s.first = grown, low
	}
	if more := high - (s.first + len(s.bins) - 1); more > 0 {
		s.bins = append(s.bins, make([]uint64, more)...)
	}
}

// Count is how many durations were counted.
func (s *Sketch) Count() uint64 { return s.count }

// Min is the least duration, exactly; 0 when there is none.
func (s *Sketch) Min() time.Duration { return s.min }

// Max is the greatest duration, exactly; 0 when there is none.
func (s *Sketch) Max() time.Duration { return s.max }

// Mean is the exact sum divided by the count, rounded down; 0 when there is none.
func (s *Sketch) Mean() time.Duration {
	if s.count == 0 {
		return 0
	}
	// The sum is at most count * (2^63-1), so the quotient fits.
	q, _ := bits.Div64(s.sumHigh, s.sumLow, s.count)
	return time.Duration(q)
}

// Sum is the sum of all durations in nanoseconds, 128 bits of it.
func (s *Sketch) Sum() (high, low uint64) { return s.sumHigh, s.sumLow }

// Quantile returns a duration within RelativeError of the one that stands at rank floor(q*(Count-1)) of
// all that were counted, in ascending order from 0; it lies between Min and Max. Durations over 12 years
// keep no such promise. It is 0 when there is none; q outside 0 to 1 is taken as the nearer bound.
func (s *Sketch) Quantile(q float64) time.Duration {
	if s.count == 0 {
		return 0
	}
	if !(q > 0) {
		return s.min
	}
	if q >= 1 {
		return s.max
	}
	rank := s.rank(q)
	if rank < s.zeros {
		return 0
	}
	seen := s.zeros
	for i, n := range s.bins {
		if seen += n; seen > rank {
			value := time.Duration(math.Round(index.Value(s.first + i)))
			return min(max(value, s.min), s.max)
		}
	}
	return s.max
}

// rank is floor(q*(count-1)), kept inside the range where the product rounds.
func (s *Sketch) rank(q float64) uint64 {
	product := q * float64(s.count-1)
	if product >= float64(s.count-1) {
		return s.count - 1
	}
	return uint64(product)
}

// Clone returns a copy that shares nothing.
func (s *Sketch) Clone() Sketch {
	c := *s
	c.bins = append([]uint64(nil), s.bins...)
	return c
}

// Reset empties s and keeps its memory.
func (s *Sketch) Reset() { *s = Sketch{bins: s.bins[:0]} }
