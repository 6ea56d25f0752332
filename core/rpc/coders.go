package rpc

import (
	"sync"

	"github.com/windtunnel/windtunnel/core/wire"
)

// coders are what a node encodes its frames with. They are used again, so that a frame costs its bytes only.
type coders struct {
	mu   sync.Mutex //simvet:allow leaf lock: nothing waits or yields under it
	free []*coder
}

// coder is in the hands of one task at a time.
type coder struct {
	scratch wire.Scratch
	frame   frame
}

// mostFreeCoders bounds how many are kept: as many as encode at the same instant, about.
const mostFreeCoders = 64

// encode returns the bytes of a frame.
func (cs *coders) encode(f frame) []byte {
	c := cs.take()
	c.frame = f
	b := c.scratch.Marshal(&c.frame)
	c.frame = frame{}
	cs.give(c)
	return b
}

// decode fills in a message.
func (cs *coders) decode(b []byte, m wire.Message) error {
	c := cs.take()
	err := c.scratch.Unmarshal(b, m)
	cs.give(c)
	return err
}

func (cs *coders) take() *coder {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	last := len(cs.free) - 1
	if last < 0 {
		return &coder{}
	}
	c := cs.free[last]
	cs.free = cs.free[:last]
	return c
}

func (cs *coders) give(c *coder) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if len(cs.free) < mostFreeCoders {
		cs.free = append(cs.free, c)
	}
}
