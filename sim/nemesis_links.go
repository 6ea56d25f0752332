package sim

import "time"

// How hard link faults hit, by strength.
var (
	lossRates      = [strengths]int{20, 100, 300, 600} // in a thousand
	duplicateRates = [strengths]int{50, 150, 300, 600}
	reorderRates   = [strengths]int{50, 150, 300, 600}
	reorderWaits   = [strengths]time.Duration{
		5 * time.Millisecond, 20 * time.Millisecond, 100 * time.Millisecond, 500 * time.Millisecond,
	}
	tailMedians = [strengths]time.Duration{
		time.Millisecond, 5 * time.Millisecond, 20 * time.Millisecond, 100 * time.Millisecond,
	}
	bandwidths = [strengths]int{1_000_000, 200_000, 50_000, 10_000} // bytes a second
	resetRates = [strengths]int{1, 5, 20, 100}
)

func (n *nemesis) applyToLinks(e *episode) {
	net := n.world.net
	switch e.kind {
	case FaultCut, FaultHalfOpen:
		sides := net.connections(Link{e.from, e.to})
		for _, side := range sides {
			if e.kind == FaultCut {
				side.cut()
			} else {
				side.halve()
			}
		}
		e.touched = func() uint64 { return uint64(len(sides)) }
		return
	}
	disturbs := e.effect()
	disturbs.covers = e.links
	net.begin(disturbs)
	e.undo = func() { net.end(disturbs) }
	e.touched = func() uint64 { return disturbs.bit }
}

// effect is what an episode does to its links.
func (e *episode) effect() *effect {
	s := e.strength
	switch e.kind {
	case FaultLoss:
		return &effect{loses: true, shape: func(c *LinkConfig) { c.Loss = max(c.Loss, lossRates[s]) }}
	case FaultDuplicate:
		return &effect{duplicates: true, shape: func(c *LinkConfig) {
			c.Duplicate = max(c.Duplicate, duplicateRates[s])
		}}
	case FaultReorder:
		return &effect{reorders: true, shape: func(c *LinkConfig) {
			c.Reorder, c.ReorderBy = max(c.Reorder, reorderRates[s]), max(c.ReorderBy, reorderWaits[s])
		}}
	case FaultSlowLink:
		return &effect{slows: true, shape: func(c *LinkConfig) {
			c.Latency = LongTailLatency(c.Latency.Least, tailMedians[s])
		}}
	case FaultNarrowLink:
		return &effect{narrows: true, shape: func(c *LinkConfig) {
			if c.Bandwidth == 0 || c.Bandwidth > bandwidths[s] {
				c.Bandwidth = bandwidths[s]
			}
		}}
	case FaultReset:
		return &effect{resets: true, shape: func(c *LinkConfig) { c.Reset = max(c.Reset, resetRates[s]) }}
	case FaultHold:
		return &effect{hold: true}
	}
	return &effect{block: true} // the partitions
}
