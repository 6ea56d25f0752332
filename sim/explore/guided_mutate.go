package explore

import (
	"math/rand/v2"
	"slices"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// mostLayers bounds a plan. Of one that is longer the oldest change is taken back.
const mostLayers = 32

// mutate changes a kept run by a fresh seed, in one of four ways:
//
//	1 in 2   it is as it was up to a step, and goes on by the seed
//	1 in 4   single choices, 1 in 16 to 1 in 2048, are the seed's
//	1 in 8   all choices of one kind are the seed's: the order of tasks, stalls, delays or faults
//	1 in 8   1 in 2 to 1 in 16 of stalls, delays or faults are left out
//
// What the run drew as its configuration stays in all but the second.
func (k *keptRun) mutate(seed uint64, random *rand.Rand) Plan {
	l := layer{seed: seed, kinds: everyKind, oneIn: 1}
	switch way := random.IntN(8); {
	case way < 4:
		l.after = random.Uint64N(max(k.steps, 1))
	case way < 6:
		l.oneIn = 1 << (4 + random.IntN(8))
	case way < 7:
		l.kinds = only(choice.Kind(random.IntN(int(choice.Fault) + 1)))
	default:
		l.quiet = true
		l.kinds = only(choice.Stall + choice.Kind(random.IntN(3)))
		l.oneIn = 2 << random.IntN(4)
	}
	p := k.plan.with(l)
	if len(p) > mostLayers {
		p = slices.Delete(p, 1, 2)
	}
	return p
}
