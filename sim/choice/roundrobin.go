package choice

// RoundRobin serves tasks first come first served: whoever goes stands at the end of the line again. It is
// the baseline: what it finds needs no search for schedules.
type RoundRobin struct{ Seeded }

// Choose answers 0 where it is about the order of tasks.
func (r RoundRobin) Choose(c Choice) int {
	if c.Kind == Pick {
		return 0
	}
	return r.Seeded.Choose(c)
}
