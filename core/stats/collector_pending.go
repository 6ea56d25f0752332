package stats

// Pending is how many windows TakeClosed would return.
func (c *Collector) Pending(now Time) int {
	c.advance(now)
	c.hint()
	return len(c.pending)
}
