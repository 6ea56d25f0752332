package explore

import "math/rand/v2"

// mostKept bounds the runs that a scenario keeps. One too many drives out the one with the least energy.
const mostKept = 64

// keptRun is a run that showed something new, and may be changed.
type keptRun struct {
	plan  Plan
	index int // in the campaign
	steps uint64
	news  News
	drawn int // how often it was changed
}

// worth is how much it counts, once for a run: a state is what somebody named as hard to come to, a watermark
// is on the way to a bound, and orders are many.
func (n News) worth() int {
	switch {
	case n.States > 0:
		return 16
	case n.Watermarks > 0:
		return 4
	case n.Orders > 0:
		return 1
	}
	return 0
}

// energy is in proportion to the probability that the run is drawn next. It wears off.
func (k *keptRun) energy() int {
	const unit, tries = 4096, 4 // after so many tries half of it is left
	return unit * k.news.worth() / (tries + k.drawn)
}

// corpus is the runs of a scenario that are kept, and what all runs have shown.
type corpus struct {
	runs    []*keptRun // in the order of their numbers
	reached map[string]bool
	marks   map[string]int64
	orders  orderSet
}

// add looks at a run that did not fail, and keeps it if it showed something new. A run that failed is told
// and not changed further: what follows from it would mostly fail in the same way.
func (c *corpus) add(s shown, index int) News {
	n := c.newsOf(s)
	if n == (News{}) {
		return n
	}
	n.Runs = 1
	c.runs = append(c.runs, &keptRun{plan: s.plan, index: index, steps: s.outcome.Steps, news: n})
	if len(c.runs) > mostKept {
		c.driveOut()
	}
	return n
}

func (c *corpus) newsOf(s shown) (n News) {
	for _, state := range s.outcome.Reached {
		if !c.reached[state.Name] {
			c.reached[state.Name] = true
			n.States++
		}
	}
	for _, mark := range s.outcome.Watermarks {
		if known, ok := c.marks[mark.Name]; !ok || mark.Value > known {
			c.marks[mark.Name] = mark.Value
			n.Watermarks++
		}
	}
	n.Orders = c.orders.Add(s.orders)
	return n
}

// driveOut drops the run with the least energy; of several the oldest.
func (c *corpus) driveOut() {
	least := 0
	for i, k := range c.runs {
		if k.energy() < c.runs[least].energy() {
			least = i
		}
	}
	c.runs = append(c.runs[:least], c.runs[least+1:]...)
}

// draw returns a run to change; there must be one. The more energy it has the more likely it is.
func (c *corpus) draw(random *rand.Rand) *keptRun {
	total := 0
	for _, k := range c.runs {
		total += k.energy()
	}
	at := random.IntN(total)
	for _, k := range c.runs {
		if at -= k.energy(); at < 0 {
			k.drawn++
			return k
		}
	}
	return nil // it cannot be: the energies add up to total
}
