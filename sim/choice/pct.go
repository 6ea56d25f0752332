package choice

// MostDepth is the largest depth that NewPCT and NewDelayBounded draw.
const MostDepth = 5

// PCT picks by priorities: every task gets a random one, and whichever ready task has the highest goes next,
// but for a few random moments at which the one that would go falls behind all others.
//
// It is probabilistic concurrency testing: Burckhardt, Kothari, Musuvathi and Nagarakatte, "A Randomized
// Scheduler with Probabilistic Guarantees of Finding Bugs", ASPLOS 2010. A run of n tasks and k decisions
// shows a bug of depth d, one that needs d orders between steps, with a probability of at least
// 1/(n·k^(d-1)). Only moments with two or more ready tasks count as decisions here, which makes k smaller
// than the paper's number of steps and changes no schedule. The paper's tasks may wait for ever; here
// nobody waits much longer than [Patience] says, and the guarantee is for bugs that need no more than that.
type PCT struct {
	seeded  Seeded
	random  uint64
	changes []uint64 // at which decisions the task that would go falls behind
	lowered []lowered
	decided uint64
}

// lowered is a task that fell behind: the higher of two goes first, and any other task before both.
type lowered struct {
	stream   *Stream
	priority int
}

// NewPCT returns the chooser of a seed. decisions is how many a run is thought to take; the changes of
// priority are spread over so many. The depth is drawn from 1 to MostDepth.
func NewPCT(seed uint64, decisions int) *PCT {
	p := &PCT{seeded: NewSeeded(seed), random: Mix(seed, 0x70c7)}
	p.changes = moments(p.random, depth(p.random)-1, decisions)
	return p
}

// Choose answers what is not about the order of tasks.
func (p *PCT) Choose(c Choice) int { return p.seeded.Choose(c) }

// Picker is the strategy.
func (p *PCT) Picker() Picker { return &fair{next: (*pctPicks)(p)} }

type pctPicks PCT

func (p *pctPicks) Next(ready []Ready, _ Touched) int {
	if len(ready) == 1 {
		return 0
	}
	first := p.highest(ready)
	for change, at := range p.changes {
		if at == p.decided {
			p.lower(ready[first].Stream, change)
			first = p.highest(ready)
		}
	}
	p.decided++
	return first
}

func (p *pctPicks) highest(ready []Ready) int {
	best, highest := 0, uint64(0)
	for i, task := range ready {
		if priority := p.priority(task.Stream); priority > highest {
			best, highest = i, priority
		}
	}
	return best
}

func (p *pctPicks) priority(s *Stream) uint64 {
	for _, l := range p.lowered {
		if l.stream == s {
			return uint64(l.priority) + 1
		}
	}
	return Mix(p.random, s.id) | 1<<63
}

func (p *pctPicks) lower(s *Stream, priority int) {
	for i := range p.lowered {
		if p.lowered[i].stream == s {
			p.lowered[i].priority = priority
			return
		}
	}
	p.lowered = append(p.lowered, lowered{s, priority})
}

// depth draws from 1 to MostDepth.
func depth(random uint64) int { return 1 + int(Mix(random, 1)%MostDepth) }

// moments draws n numbers below bound.
func moments(random uint64, n, bound int) []uint64 {
	drawn := make([]uint64, n)
	for i := range drawn {
		drawn[i] = Mix(random, uint64(i)+2) % uint64(max(bound, 1))
	}
	return drawn
}
