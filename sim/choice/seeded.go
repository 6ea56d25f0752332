package choice

import "math/bits"

// Seeded is the chooser that a seed names. It keeps nothing: the answer is a function of the seed, the
// stream and the question's number, so it may be shared.
type Seeded struct{ seed uint64 }

// NewSeeded returns the chooser of a seed.
func NewSeeded(seed uint64) Seeded {
	return Seeded{seed: Mix(seed, 0x9e3779b97f4a7c15)} // spread, so that seeds 1 and 2 share no bits
}

// Choose returns the seed's answer. Weighted questions are answered in proportion to the weights.
func (s Seeded) Choose(c Choice) int {
	random := Mix(s.seed^c.Stream.id, c.N+0x8ebc6af09c88c6e3)
	if c.Weights != nil {
		return weighted(random, c.Weights)
	}
	answer, _ := bits.Mul64(random, uint64(c.Alternatives))
	return int(answer)
}

func weighted(random uint64, weights []uint32) int {
	var total uint64
	for _, weight := range weights {
		total += uint64(weight)
	}
	point, _ := bits.Mul64(random, total)
	for i, weight := range weights {
		if point < uint64(weight) {
			return i
		}
		point -= uint64(weight)
	}
	return 0 // all weights are zero
}

// Mix folds two words into one, well spread: wyhash's multiply and fold (Wang Yi, 2019), twice, because a
// single fold of small neighbouring numbers leaves patterns.
func Mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^0xa0761d6478bd642f, b^0xe7037ed1a0b428db)
	hi, lo = bits.Mul64(hi^lo^a, 0x589965cc75374cc3)
	return hi ^ lo
}

// HashString is a 64-bit hash of text, the same in every process.
func HashString(seed uint64, text string) uint64 {
	h := Mix(seed, uint64(len(text)))
	for len(text) >= 8 {
		h = Mix(h, word(text))
		text = text[8:]
	}
	var tail uint64
	for i := range len(text) {
		tail |= uint64(text[i]) << (8 * i)
	}
	return Mix(h, tail)
}

func word(text string) uint64 {
	_ = text[7]
	return uint64(text[0]) | uint64(text[1])<<8 | uint64(text[2])<<16 | uint64(text[3])<<24 |
		uint64(text[4])<<32 | uint64(text[5])<<40 | uint64(text[6])<<48 | uint64(text[7])<<56
}
