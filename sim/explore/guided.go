package explore

import (
	"cmp"
	"fmt"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// Guided is random order for half of the runs or more. The others change runs that showed something new: a
// sometimes-state first reached, a watermark passed, two events of a node in an order not seen before
// (trace.Orders). A run is kept as a plan, which says which seeds answer which questions, and a change is one
// more seed for some of them: from some step on, for a few single choices, or for one kind of choice.
//
// Runs go in generations of sixteen: fresh seeds, then up to eight that change what was kept by the end of
// the generation before. They are only two where fresh seeds have shown more that was new lately, a run. So a
// base seed means the same runs whatever goes on at once, and in another process. But a run that guidance
// made is not its seed's alone: only its failure file, which holds its choices as any other does, or the
// whole campaign has it again. Reports say Mutated of it. Runs of fresh seeds are Random's.
//
// What is kept is kept for one campaign and in memory. The next one begins with nothing.
var Guided = Strategy{Name: "guided", New: seeded, guided: true}

// Guidance is what a guided campaign came to about one scenario.
type Guidance struct {
	Fresh, Mutated int // runs
	// Orders is how many pairs of events were seen in one order or the other, as trace.Orders counts them.
	// Those of runs that failed do not count.
	Orders int
	// FreshNews and MutatedNews are what runs of fresh seeds and mutated ones showed first.
	FreshNews, MutatedNews News
	// Kept is how many runs are kept at the end, of all that showed something new.
	Kept int
}

// News counts runs that showed something new, and what that was.
type News struct {
	Runs, States, Watermarks, Orders int
}

// by is the strategy of a run: of one that was planned, its plan's.
func (s Strategy) by(ran Ran) Strategy {
	if p := ran.plan; p != nil {
		s.New = func(uint64) choice.Chooser { return p.chooser() }
		s.label = s.Name + "/" + Random.Name
		if p.mutated() {
			s.label = fmt.Sprintf("%s/mutant (%v)", s.Name, p)
		}
	}
	return s
}

// Mutated tells whether guidance made the run from one that it kept. Its seed alone then has another run.
func (r Ran) Mutated() bool { return r.plan.mutated() }

// Tell says in a line how much was covered, by which half of the runs, and how much is kept.
func (g Guidance) Tell() string {
	return fmt.Sprintf("%d orders of events; %d runs of fresh seeds showed %s; %d mutated ones showed %s; "+
		"%d runs kept of %d that showed something new",
		g.Orders, g.Fresh, g.FreshNews, g.Mutated, g.MutatedNews,
		g.Kept, g.FreshNews.Runs+g.MutatedNews.Runs)
}

// String says what was new: states, watermarks, orders.
func (n News) String() string {
	return fmt.Sprintf("%d states, %d watermarks and %d orders first", n.States, n.Watermarks, n.Orders)
}

// and adds up what two campaigns came to. What both have seen is new to each.
func (g *Guidance) and(more *Guidance) *Guidance {
	if g == nil || more == nil {
		return cmp.Or(g, more)
	}
	return &Guidance{
		Fresh: g.Fresh + more.Fresh, Mutated: g.Mutated + more.Mutated,
		Orders: max(g.Orders, more.Orders), Kept: g.Kept + more.Kept,
		FreshNews: g.FreshNews.and(more.FreshNews), MutatedNews: g.MutatedNews.and(more.MutatedNews),
	}
}

func (n News) and(more News) News {
	return News{
		n.Runs + more.Runs, n.States + more.States, n.Watermarks + more.Watermarks, n.Orders + more.Orders,
	}
}
