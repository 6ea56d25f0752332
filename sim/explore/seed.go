package explore

import "math/rand/v2"

// SeedAt returns the seed of a campaign's run number index, from 0. The first is the base itself, so that
// any run is had again with its seed as the base of a campaign of one. The others are far apart, so that
// campaigns with neighbouring bases share no seed; they stay below 2^53, where every JSON reader keeps them
// exact.
func SeedAt(base uint64, index int) uint64 {
	if index == 0 {
		return base
	}
	return rand.NewPCG(base, uint64(index)).Uint64() >> 11
}
