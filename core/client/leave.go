package client

import (
	"fmt"
	"slices"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/leaving"
)

// leave is the task that waits until the node is asked to stop, and then for the callbacks.
func (c *Client) leave() {
	_ = c.env.Sleep(c.env.Context(), core.Forever)
	defer c.stop()
	c.closeAll()
	var stop leaving.Progress
	stop.Begin(c.env.Now(), c.config.StopWithin)
	for {
		c.mu.Lock()
		handing := c.handing
		c.mu.Unlock()
		stop.Say(c.env, waitsFor(handing))
		if handing == 0 || stop.Over(c.env.Now()) {
			return
		}
		_ = c.handed.Wait(c.ctx, stop.UntilNext(c.env.Now()))
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
