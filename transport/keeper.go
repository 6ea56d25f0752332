package transport

import (
	"errors"
	"time"
)

// errSilent says that a peer gave no sign of life: it is gone, or cut off, without having closed.
var errSilent = errors.New("peer silent")

// silentLimit is how many looks of the keeper a connection may stay silent. It is asked at the first.
const silentLimit = 4

// keep asks silent connections for a sign of life and ends those that give none. A peer that reads nothing
// any more shows in the same way: it does not answer.
func (e *endpoint) keep() {
	defer e.node.network.Done()
	ticker := time.NewTicker(e.node.config.KeepAlive)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-e.closing.Done():
			return
		}
		for _, c := range e.connections() {
			c.look()
		}
	}
}

func (c *conn) look() {
	if c.heard.Swap(false) {
		c.silent = 0
		return
	}
	if c.silent++; c.silent >= silentLimit {
		c.end(errSilent)
		return
	}
	c.out.tell(func(control *control) { control.ping = true })
}
