package choice

// DelayBounded picks first come first served, but for a few random moments at which the task whose turn it
// is goes to the end of the line.
//
// It is delay-bounded scheduling: Emmi, Qadeer and Rakamarić, "Delay-Bounded Scheduling", POPL 2011, with
// the delays drawn instead of enumerated. The idea is that few bugs need many of them. Nobody starves: a
// task that was delayed waits for those before it, and for no others.
type DelayBounded struct {
	seeded  Seeded
	delays  []uint64 // at which decisions the first in line is sent to its end; may be one twice
	behind  []delayed
	decided uint64
}

// delayed is a task that stands behind all that had arrived when it was delayed.
type delayed struct {
	stream *Stream
	n      uint64
	place  uint64 // the arrival after which it stands
	turn   int    // among those of one place
}

// NewDelayBounded returns the chooser of a seed. decisions is how many a run is thought to take; the delays
// are spread over so many. Their number is drawn from 1 to MostDepth.
func NewDelayBounded(seed uint64, decisions int) *DelayBounded {
	random := Mix(seed, 0xde1a)
	return &DelayBounded{
		seeded: NewSeeded(seed), delays: moments(random, depth(random), decisions),
	}
}

// Choose answers what is not about the order of tasks.
func (d *DelayBounded) Choose(c Choice) int { return d.seeded.Choose(c) }

// Picker is the strategy.
func (d *DelayBounded) Picker() Picker { return (*delayPicks)(d) }

type delayPicks DelayBounded

func (d *delayPicks) Next(ready []Ready, _ Touched) int {
	if len(ready) == 1 {
		return 0
	}
	first := d.first(ready)
	for _, at := range d.delays {
		if at == d.decided {
			d.delay(ready[first], ready[len(ready)-1].Arrival)
			first = d.first(ready)
		}
	}
	d.decided++
	return first
}

// first finds whose turn it is.
func (d *delayPicks) first(ready []Ready) int {
	best := 0
	place, turn := d.place(ready[0])
	for i := 1; i < len(ready); i++ {
		if p, t := d.place(ready[i]); p < place || p == place && t < turn {
			best, place, turn = i, p, t
		}
	}
	return best
}

// place is where a task stands in the line.
func (d *delayPicks) place(task Ready) (place uint64, turn int) {
	for i := len(d.behind) - 1; i >= 0; i-- { // delayed twice, the last counts
		if b := d.behind[i]; b.stream == task.Stream && b.n == task.N {
			return b.place, b.turn
		}
	}
	return task.Arrival, 0
}

func (d *delayPicks) delay(task Ready, last uint64) {
	d.behind = append(d.behind, delayed{task.Stream, task.N, last, len(d.behind) + 1})
}
