package explore

import (
	"math/rand/v2"

	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// A generation's runs of fresh seeds come first: while they run, those of the generation before can end. At
// least half of it are of fresh seeds, and all but two where those have paid better lately.
const (
	generation = 16
	freshOf    = generation / 2
	leastOf    = 2 // mutated
	lately     = 4 * generation
)

type orderSet = trace.OrderSet

// guide is the guidance of one scenario while the campaign goes on. The dealer's lock guards it.
type guide struct {
	before []Plan // what earlier campaigns kept: the first runs
	corpus corpus
	dealt  int
	ended  map[int]shown // runs that have ended and are not in the corpus yet
	taken  int           // so many of the first runs are
	paid   []payment     // of the last of them
	fresh  int           // runs of fresh seeds in this generation
	sums   Guidance
}

// shown is what a run showed.
type shown struct {
	plan    Plan
	outcome Outcome
	orders  *orderSet
}

// payment is what a run was worth.
type payment struct {
	mutated bool
	worth   int
}

func newGuide(before []Plan) *guide {
	return &guide{
		before: before,
		corpus: corpus{reached: map[string]bool{}, marks: map[string]int64{}},
		ended:  map[int]shown{},
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
func (g *guide) next(seed uint64) Plan {
	index := g.dealt
	g.dealt++
	place := index % generation
	if place == freshOf { // not before: what a run may know must not hang on who ended first
		g.take(index - place)
		g.fresh = g.share()
	}
	if index < len(g.before) {
		return g.before[index]
	}
	if place < freshOf || place < g.fresh || len(g.corpus.runs) == 0 {
		return seeds(seed)
	}
	random := rand.New(rand.NewPCG(seed, 0x901de))
	return g.corpus.draw(random).mutate(seed, random)
}

// share is how many runs of a generation are of fresh seeds: half where mutated ones have paid as well, a
// run, and else nearly all. Where nothing new is found either way it is half.
func (g *guide) share() int {
	var runs, worth [2]int
	for _, p := range g.paid {
		of := 0
		if p.mutated {
			of = 1
		}
		runs[of]++
		worth[of] += p.worth
	}
	if worth[1]*runs[0] < worth[0]*runs[1] {
		return generation - leastOf
	}
	return freshOf
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
		var n News
		if s.outcome.Failure == nil {
			n = g.corpus.add(s, g.taken)
		}
		if g.taken < len(g.before) { // it is new to this campaign only
			g.sums.Again++
			continue
		}
		runs, sum := &g.sums.Fresh, &g.sums.FreshNews
		if s.plan.mutated() {
			runs, sum = &g.sums.Mutated, &g.sums.MutatedNews
		}
		*runs++
		*sum = sum.and(n)
		g.paid = append(g.paid, payment{s.plan.mutated(), n.worth()})
		g.paid = g.paid[max(0, len(g.paid)-lately):]
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
	sums.Orders = g.known()
	for _, k := range g.corpus.runs {
		sums.Kept = append(sums.Kept, k.plan)
	}
	sums.Kept = append(sums.Kept, g.before[min(g.taken, len(g.before)):]...) // which had no turn
	return &sums
}
