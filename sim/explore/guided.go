package explore

import (
	"cmp"
	"fmt"
	"slices"

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
// What a campaign has kept at its end is in its Guidance, and may be given to the next one (Campaign.Kept),
// which runs it first and keeps of it what is still new then: it may come from several machines.
var Guided = Strategy{Name: "guided", New: seeded, guided: true}

// Guidance is what a guided campaign came to about one scenario.
type Guidance struct {
	Fresh, Mutated int // runs
	Again          int // runs that earlier campaigns had kept, and that show what is known when it begins
	// Orders is how many pairs of events were seen in one order or the other, as trace.Orders counts them.
	// Those of runs that failed do not count.
	Orders int
	// FreshNews and MutatedNews are what runs of fresh seeds and mutated ones showed first.
	FreshNews, MutatedNews News
	// Kept is what a later campaign may begin with (Campaign.Kept): of all runs that showed something new
	// those that are kept at the end, and those of earlier campaigns that had no turn.
	Kept []Plan
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
	return fmt.Sprintf("%d orders of events; %d runs of earlier campaigns again; %d runs of fresh seeds "+
		"showed %s; %d mutated ones showed %s; %d runs are kept",
		g.Orders, g.Again, g.Fresh, g.FreshNews, g.Mutated, g.MutatedNews, len(g.Kept))
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
		Fresh: g.Fresh + more.Fresh, Mutated: g.Mutated + more.Mutated, Again: g.Again + more.Again,
		Orders: max(g.Orders, more.Orders), Kept: slices.Concat(g.Kept, more.Kept),
		FreshNews: g.FreshNews.and(more.FreshNews), MutatedNews: g.MutatedNews.and(more.MutatedNews),
	}
}

func (n News) and(more News) News {
	return News{
		n.Runs + more.Runs, n.States + more.States, n.Watermarks + more.Watermarks, n.Orders + more.Orders,
	}
}
