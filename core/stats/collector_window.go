package stats

import (
	"cmp"
	"math"
	"slices"
)

// window is a window that is held.
type window struct {
	k        int64
	revision uint32 // as of the last take
	logged   uint32 // the greatest revision that is in the push log
	dirty    bool   // changed since the last take
	parts    []part // by group; entries 0: nothing of it
}

// part is what a group's streams did in a window.
type part struct {
	streams, entries, merged uint32
	tally                    Tally
	taken                    Counts // of the tally, as of the last take
}

// held is a window and its number side by side, so that a search stays within one piece of memory.
type held struct {
	k int64
	w *window
}

func (w *window) add(s *stream, e *Entry, groups int) {
	if s.group >= len(w.parts) {
		w.parts = append(w.parts, make([]part, groups-len(w.parts))...)
	}
	p := &w.parts[s.group]
	if s.covered == 0 || s.windowed != w.k {
		s.covered, s.windowed = s.covered+1, w.k
		p.streams++
	}
	p.entries++
	p.merged += e.Merged
	p.tally.Counts.plus(&e.Delta)
	p.tally.Measures.Merge(&e.Measures)
}

// window returns window k, opened if need be, or why there is none to count in.
func (c *Collector) window(k int64) (*window, Unwindowed) {
	switch {
	case c.ended:
		return nil, Ended
	case k < c.oldest:
		return nil, TooOld
	case k > c.farthest:
		return nil, TooFarAhead
	case k <= c.droppedThrough:
		return nil, Dropped
	}
	i, found := c.search(k)
	if found {
		return c.held[i].w, 0
	}
	if len(c.held) >= int(c.config.Held) {
		c.evicted++
		if i == 0 {
			c.droppedThrough = k // it would be the oldest itself
			return nil, Overflow
		}
		c.evict()
		i--
	}
	w := &window{k: k}
	c.held = slices.Insert(c.held, i, held{k, w})
	if k <= c.closedThrough {
		c.open++
	}
	return w, 0
}

// search finds window k, mostly the newest or close to it.
func (c *Collector) search(k int64) (i int, found bool) {
	n := len(c.held)
	if n == 0 || c.held[n-1].k < k {
		return n, false
	}
	for i := n - 1; i >= max(0, n-4); i-- {
		if c.held[i].k == k {
			return i, true
		}
	}
	return slices.BinarySearchFunc(c.held, k, func(h held, k int64) int { return cmp.Compare(h.k, k) })
}

// touch notes a change of w.
func (c *Collector) touch(w *window) {
	if !w.dirty {
		w.dirty = true
		if w.k <= c.closedThrough {
			c.pending = append(c.pending, w)
		}
	}
}

// closeThrough closes all windows up to k. Each open one has a change that nobody has taken.
func (c *Collector) closeThrough(k int64) {
	if k <= c.closedThrough {
		return
	}
	c.closedThrough = k
	for c.open < len(c.held) && c.held[c.open].k <= k {
		c.pending = append(c.pending, c.held[c.open].w)
		c.open++
	}
}

// closeHeld closes all windows that are held.
func (c *Collector) closeHeld() {
	if n := len(c.held); n > 0 {
		c.closeThrough(c.held[n-1].k)
	}
}

// evict drops the oldest held window although it may have changes: those go outside.
func (c *Collector) evict() {
	w := c.held[0].w
	for i := range w.parts {
		p := &w.parts[i]
		// A client that has an earlier revision keeps it: only what came after that goes outside.
		rest, _ := p.tally.Counts.Sub(p.taken)
		c.outside[Overflow].plus(&rest)
		c.groups[i].outside.plus(&rest)
	}
	if w.dirty && w.k <= c.closedThrough {
		c.pending = slices.DeleteFunc(c.pending, func(p *window) bool { return p == w })
	}
	c.dropFirst()
}

// dropFirst forgets the oldest held window, for ever.
func (c *Collector) dropFirst() {
	w := c.held[0].w
	for i := range w.parts {
		c.groups[i].measures.Merge(&w.parts[i].tally.Measures)
	}
	c.droppedThrough = max(c.droppedThrough, w.k)
	c.held[0] = held{k: math.MinInt64}
	c.held = c.held[1:]
	c.open = max(0, c.open-1)
}
