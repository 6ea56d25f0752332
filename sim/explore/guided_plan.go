package explore

import (
	"fmt"
	"strings"

	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// Covering is a chooser that wants to know in which order events came: whoever runs it shows them to Orders
// (sim.World.Cover), those of all Worlds of the run, and does no more for it.
type Covering interface {
	choice.Chooser
	// Orders is where the run's events go. It is one and the same in every call.
	Orders() *trace.Orders
}

// Plan is how a guided run makes its choices, in a few words of memory: the first layer answers everything,
// and of the later ones the last that takes a question answers it. Seeds answer by what is asked, so what no
// layer takes is as it was in the run that the plan comes from, for as long as the program asks the same.
//
// In JSON it is an array of layers. A Plan that no campaign has given out cannot be made but from there.
type Plan []layer

// layer is part of a Plan: another seed's answers, or quiet ones, for some of the questions.
type layer struct {
	seed  uint64
	quiet bool   // the answers are the quiet ones, and the seed only says to which questions
	after uint64 // it takes what is asked when so many steps are done
	kinds kinds  // that it takes
	oneIn uint64 // it takes one in so many of those; 1: every one
}

// kinds is a set of kinds of choices.
type kinds uint8

const everyKind kinds = 1<<choice.KindCount - 1

func only(k choice.Kind) kinds { return 1 << k }

// seeds is the plan of a run that is its seed's alone.
func seeds(seed uint64) Plan { return Plan{{seed: seed, kinds: everyKind, oneIn: 1}} }

// with is the plan and one more layer. Those that it covers are left out.
func (p Plan) with(l layer) Plan {
	var out Plan
	for i, below := range p {
		if i == 0 || !l.covers(below) {
			out = append(out, below)
		}
	}
	return append(out, l)
}

func (l layer) covers(below layer) bool {
	return l.oneIn == 1 && l.after <= below.after && below.kinds&^l.kinds == 0
}

// mutated tells whether the plan's seed alone has another run.
func (p Plan) mutated() bool { return len(p) > 1 }

// seed is the seed that a run with this plan bears, given that of its place in the campaign: if the plan is a
// seed's alone, then that one.
func (p Plan) seed(place uint64) uint64 {
	if p.mutated() {
		return place
	}
	return p[0].seed
}

// String says in words who answers what.
func (p Plan) String() string {
	var b strings.Builder
	for i, l := range p {
		if i > 0 {
			b.WriteString("; ")
			if l.after > 0 {
				fmt.Fprintf(&b, "from step %d on ", l.after+1)
			}
			if l.oneIn > 1 {
				fmt.Fprintf(&b, "1 in %d of ", l.oneIn)
			}
			b.WriteString(l.kinds.String())
			if l.quiet {
				b.WriteString(" quiet, drawn")
			}
			b.WriteString(" by ")
		}
		fmt.Fprintf(&b, "seed %d", l.seed)
	}
	return b.String()
}

func (k kinds) String() string {
	if k == everyKind {
		return "all choices"
	}
	return strings.Join(k.names(), ", ")
}

func (k kinds) names() (names []string) {
	for kind := range choice.KindCount {
		if k&only(kind) != 0 {
			names = append(names, kind.String())
		}
	}
	return names
}

// chooser makes a run's choices as planned, and sees the run's orders.
func (p Plan) chooser() choice.Chooser {
	c := &planned{orders: new(trace.Orders)}
	follows := false
	for _, l := range p {
		c.layers = append(c.layers, answering{l, choice.NewSeeded(l.seed)})
		follows = follows || l.after > 0
	}
	if follows {
		return stepping{c} // only where steps matter: a World that tells them is slower
	}
	return c
}

type planned struct {
	layers []answering
	done   uint64 // steps
	orders *trace.Orders
}

type answering struct {
	layer
	seeded choice.Seeded
}

var _ Covering = (*planned)(nil)

// Orders is the run's.
func (p *planned) Orders() *trace.Orders { return p.orders }

// stepping is a planned that counts steps.
type stepping struct{ *planned }

var _ choice.Follower = stepping{}

// StepDone counts a step.
func (s stepping) StepDone() { s.done++ }

// Choose asks the last layer that takes the question.
func (p *planned) Choose(c choice.Choice) int {
	for i := len(p.layers) - 1; i > 0; i-- {
		l := &p.layers[i]
		if !l.takes(c, p.done) {
			continue
		}
		if l.quiet {
			return 0
		}
		return l.seeded.Choose(c)
	}
	return p.layers[0].seeded.Choose(c)
}

func (l *answering) takes(c choice.Choice, done uint64) bool {
	return done >= l.after && l.kinds&only(c.Kind) != 0 &&
		(l.oneIn == 1 || choice.Mix(l.seed^c.Stream.ID(), c.N)%l.oneIn == 0)
}
