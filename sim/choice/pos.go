package choice

// POS picks by priorities that belong to steps, not to tasks: every step that is ready gets a random one, the
// highest goes next, and what races with it gets a new one.
//
// It is partial order sampling: Yuan, Yang and Gu, "Partial Order Aware Concurrency Sampling", CAV 2018. The
// paper knows which steps race, because it sees each access to memory before it is made. Here a step shows
// what it touches only when it has run, so that all steps of one home are taken to race, and no others. In
// one home that makes it a random walk; what it adds is that orders between homes, which cannot matter as
// long as no message passes, take no part of the chance. Without the new priorities it would be what ranks
// drawn from a seed do.
type POS struct {
	seeded Seeded
	random uint64
	steps  map[uint64]uint64 // by home: a step gets a new priority with each
}

// NewPOS returns the chooser of a seed.
func NewPOS(seed uint64) *POS {
	return &POS{seeded: NewSeeded(seed), random: Mix(seed, 0x705), steps: make(map[uint64]uint64)}
}

// Choose answers what is not about the order of tasks.
func (p *POS) Choose(c Choice) int { return p.seeded.Choose(c) }

// Picker is the strategy.
func (p *POS) Picker() Picker { return (*posPicks)(p) }

type posPicks POS

func (p *posPicks) Next(ready []Ready, _ Touched) int {
	if len(ready) == 1 {
		return 0
	}
	best, highest := 0, uint64(0)
	for i, task := range ready {
		priority := Mix(Mix(p.random^task.Stream.id, task.N), p.steps[task.Home])
		if priority > highest {
			best, highest = i, priority
		}
	}
	p.steps[ready[best].Home]++
	return best
}
