package stats

import (
	"cmp"
	"slices"
	"strings"
)

// HasPending tells whether TakeClosed would return something. It costs the same however many windows are
// held.
func (c *Collector) HasPending(now Time) bool {
	c.advance(now)
	c.hint()
	return len(c.pending) > 0
}

// NextClosing is when, without a hint, the next window closes; not ok when none is open. Windows that are
// pending already are not meant.
func (c *Collector) NextClosing() (at Time, ok bool) {
	if c.open == len(c.held) {
		return 0, false
	}
	return c.config.Closing(c.held[c.open].k), true
}

// TakeClosed returns the closed windows with a change that nobody has taken, ascending; each gets its
// next revision. Every (k, revision) is returned once. It costs what it returns, not what is held. The
// windows stay held until they are dropped.
func (c *Collector) TakeClosed(now Time) []*Window {
	c.advance(now)
	c.hint()
	return c.take()
}

// TakeAll closes all windows that are held and takes them: the flush at the end of a job.
func (c *Collector) TakeAll(now Time) []*Window {
	c.advance(now)
	c.closeHeld()
	return c.take()
}

func (c *Collector) take() []*Window {
	if len(c.pending) == 0 {
		return nil
	}
	slices.SortFunc(c.pending, func(a, b *window) int { return cmp.Compare(a.k, b.k) })
	taken := make([]*Window, len(c.pending))
	for i, w := range c.pending {
		w.revision++
		w.dirty = false
		taken[i] = c.value(w)
	}
	clear(c.pending)
	c.pending = c.pending[:0]
	return taken
}

// value copies a window, and remembers that it was taken as it is.
func (c *Collector) value(w *window) *Window {
	v := &Window{K: w.k, Revision: w.revision}
	for i := range w.parts {
		p := &w.parts[i]
		if p.entries == 0 {
			continue
		}
		p.taken = p.tally.Counts
		g := c.groups[i]
		v.Parts = append(v.Parts, Part{
			g.datacenter, g.workflow, p.streams, p.entries, p.merged, p.tally.Clone(),
		})
	}
	slices.SortFunc(v.Parts, func(a, b Part) int {
		return cmp.Or(strings.Compare(a.Datacenter, b.Datacenter), strings.Compare(a.Workflow, b.Workflow))
	})
	return v
}

// Logged says that the push with this revision of window k is in the push log.
func (c *Collector) Logged(k int64, revision uint32) {
	if i, found := c.search(k); found {
		w := c.held[i].w
		w.logged = max(w.logged, min(revision, w.revision))
	}
}

// Drop forgets the windows, oldest first, that can change no more (too old, or the job has ended) and
// whose newest revision is in the push log; it stops at the first that is not so. It returns how many. A
// dropped window never opens again.
func (c *Collector) Drop(now Time) int {
	c.advance(now)
	n := 0
	for len(c.held) > 0 {
		w := c.held[0].w
		if w.dirty || w.logged != w.revision || !c.ended && w.k >= c.oldest {
			break
		}
		c.dropFirst()
		n++
	}
	return n
}

// Evicted is how often a window was let go of, or not opened, because too many were held, and through which
// window none opens any more.
func (c *Collector) Evicted() (times uint64, through int64) { return c.evicted, c.droppedThrough }

// Held is how many windows are held, and how many of those are open.
func (c *Collector) Held() (windows, open int) { return len(c.held), len(c.held) - c.open }
