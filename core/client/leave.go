package client

import (
	"fmt"
	"slices"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
)

// leave is the task that waits until the node is asked to stop, and then for the callbacks.
func (c *Client) leave() {
	_ = c.env.Sleep(c.env.Context(), core.Forever)
	defer c.stop()
	c.closeAll()
	deadline := c.env.Now().Add(c.config.StopWithin)
	waits := "?"
	for {
		c.mu.Lock()
		handing := c.handing
		c.mu.Unlock()
		left := deadline.Sub(c.env.Now())
		was := waits
		if waits = waitsFor(handing); waits != was {
			c.env.Note(fact.Leaving{Waits: waits})
			c.env.Log().Info("client leaves", "waits_for", waits)
		}
		if handing == 0 || left <= 0 {
			return
		}
		_ = c.handed.Wait(c.ctx, left)
	}
}

// closeAll ends all sessions and opens no further one.
func (c *Client) closeAll() {
	c.mu.Lock()
	c.leaving = true
	sessions := slices.Clone(c.sessions)
	c.mu.Unlock()
	for _, s := range sessions {
		s.leave()
		s.Close()
	}
}

func waitsFor(handing int) string {
	if handing == 0 {
		return ""
	}
	return fmt.Sprintf("%d subscriptions' callbacks", handing)
}

// hands counts the tasks of subscriptions.
func (c *Client) hands(more int) {
	c.mu.Lock()
	c.handing += more
	c.mu.Unlock()
	c.handed.Notify()
}
