package explore

import (
	"math/rand/v2"

	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// A generation's runs of fresh seeds come first: while they run, those of the generation before can end.
const (
	generation = 16
	freshOf    = 8
)

type orderSet = trace.OrderSet

// guide is the guidance of one scenario while the campaign goes on. The dealer's lock guards it.
type guide struct {
	corpus corpus
	dealt  int
	ended  map[int]shown // runs that have ended and are not in the corpus yet
	taken  int           // so many of the first runs are
	sums   Guidance
}

// shown is what a run showed.
type shown struct {
	plan    plan
	outcome Outcome
	orders  *orderSet
}

func newGuide() *guide {
	return &guide{
		corpus: corpus{reached: map[string]bool{}, marks: map[string]int64{}}, ended: map[int]shown{},
	}
}

// ready tells whether the next run can be planned: it may have to know what became of all runs of the
// generations before.
func (g *guide) ready() bool {
	begin := g.dealt / generation * generation
	return g.dealt-begin < freshOf || g.endedBefore(begin)
}

func (g *guide) endedBefore(begin int) bool {
	for i := g.taken; i < begin; i++ {
		if _, ok := g.ended[i]; !ok {
			return false
		}
	}
	return true
}

// next plans the next run, which must be ready and has this seed.
func (g *guide) next(seed uint64) plan {
	index := g.dealt
	g.dealt++
	begin := index / generation * generation
	if index-begin < freshOf {
		return seeds(seed)
	}
	g.take(begin)
	if len(g.corpus.runs) == 0 {
		return seeds(seed)
	}
	random := rand.New(rand.NewPCG(seed, 0x901de))
	return g.corpus.draw(random).mutate(seed, random)
}

// saw takes a run that has ended.
func (g *guide) saw(ran Ran, chooser choice.Chooser) {
	o := ran.Outcome
	s := shown{plan: ran.plan, outcome: Outcome{
		Failure: o.Failure, Steps: o.Steps, Reached: o.Reached, Watermarks: o.Watermarks,
	}}
	if covering, ok := chooser.(Covering); ok {
		s.orders = covering.Orders().Set()
	}
	g.ended[ran.Index] = s
}

// take has the corpus look at all runs before one, in the order of their numbers.
func (g *guide) take(before int) {
	for ; g.taken < before; g.taken++ {
		s, ok := g.ended[g.taken]
		if !ok {
			return
		}
		delete(g.ended, g.taken)
		runs, sum := &g.sums.Fresh, &g.sums.FreshNews
		if s.plan.mutated() {
			runs, sum = &g.sums.Mutated, &g.sums.MutatedNews
		}
		*runs++
		if s.outcome.Failure == nil {
			*sum = sum.and(g.corpus.add(s, g.taken))
		}
	}
}

// known is how many orders of events the corpus has seen.
func (g *guide) known() int { return g.corpus.orders.Len() }

// report is what came of the first runs, and of no others.
func (g *guide) report(runs int) *Guidance {
	if g == nil {
		return nil
	}
	g.take(runs)
	sums := g.sums
	sums.Orders, sums.Kept = g.known(), len(g.corpus.runs)
	return &sums
}
