package load

import (
	"math"
	"math/bits"
	"time"
)

// Arrivals is how many arrivals this plan, or part of a plan, has in all.
func (p Plan) Arrivals() uint64 { return p.part(p.whole(p.Duration)) }

// Due is the schedule position at an elapsed time: how many arrivals are due by then, that instant included.
func (p Plan) Due(elapsed time.Duration) uint64 {
	if elapsed < 0 {
		return 0
	}
	return p.part(p.whole(min(elapsed, p.Duration-1) + 1))
}

// Before is how many arrivals are due earlier than an elapsed time: what an attempt that starts then leaves
// out.
func (p Plan) Before(elapsed time.Duration) uint64 { return p.Due(elapsed - 1) }

// Rest is the part of the plan that is due at an elapsed time or later, in arrivals.
func (p Plan) Rest(elapsed time.Duration) uint64 { return p.Arrivals() - p.Before(elapsed) }

// At is when arrival i is due, counted from 0, as time since the plan's start.
func (p Plan) At(i uint64) time.Duration {
	for k := len(p.Shares) - 1; k >= 0; k-- {
		s := p.Shares[k]
		width := uint64(s.Width)
		i = i/width*uint64(s.Of) + uint64(s.First) + i%width
	}
	return time.Duration(product{i, uint64(p.Rate.Per)}.over(p.Rate.Count))
}

// whole counts the whole plan's arrivals in [0, end): those i with i * per / count < end.
func (p Plan) whole(end time.Duration) uint64 {
	if end <= 0 {
		return 0
	}
	return product{uint64(end), p.Rate.Count}.overUp(uint64(p.Rate.Per))
}

// part counts how many of the whole plan's first n arrivals fall to this part.
func (p Plan) part(n uint64) uint64 {
	for _, s := range p.Shares {
		of, first, width := uint64(s.Of), uint64(s.First), uint64(s.Width)
		rest := n % of
		n = n / of * width
		if rest > first {
			n += min(rest-first, width)
		}
	}
	return n
}

// product is a product of two numbers that need not fit in 64 bits.
type product struct{ a, b uint64 }

// over divides by d, rounding down. What does not fit is the largest number.
func (p product) over(d uint64) uint64 {
	hi, lo := bits.Mul64(p.a, p.b)
	if hi >= d {
		return math.MaxUint64
	}
	quotient, _ := bits.Div64(hi, lo, d)
	return quotient
}

// overUp divides by d, rounding up.
func (p product) overUp(d uint64) uint64 {
	hi, lo := bits.Mul64(p.a, p.b)
	if hi >= d {
		return math.MaxUint64
	}
	quotient, rest := bits.Div64(hi, lo, d)
	if rest > 0 {
		quotient++
	}
	return quotient
}
