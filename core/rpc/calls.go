package rpc

import (
	"strings"
	"sync"

	"github.com/windtunnel/windtunnel/core"
)

// slotBits is the part of an id that says where the call waits; the rest numbers the calls.
const slotBits = 16

// calls are a node's own requests that wait for an answer. Slots and their bells are used again, so that a
// call costs no memory of its own.
type calls struct {
	env   core.Env
	bound int

	mu     sync.Mutex //simvet:allow leaf lock: nothing waits or yields under it
	number uint64     // of the last call; starts at random, so that no id comes again after a restart
	slots  []*call
	free   []int
	closed bool
}

// call is one slot. What changes is guarded by calls.mu.
type call struct {
	bell core.Signal
	slot int
	id   uint64
	to   core.Address
	live bool // somebody waits
	done bool // and has got something
	got  outcome
}

// outcome is what a call waits for: the peer's reply or refusal, or why none can come any more.
type outcome struct {
	frame frame
	err   error
}

func (cs *calls) start(env core.Env, bound int) {
	cs.env, cs.bound = env, bound
	cs.number = env.Rand().Uint64()
}

// begin takes a slot for a call and gives it an id.
func (cs *calls) begin(to core.Address) (*call, error) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.closed {
		return nil, core.ErrClosed
	}
	if len(cs.free) == 0 {
		if len(cs.slots) == cs.bound {
			return nil, ErrTooManyCalls
		}
		cs.free = append(cs.free, len(cs.slots))
		cs.slots = append(cs.slots, &call{bell: cs.env.NewSignal(), slot: len(cs.slots)})
	}
	c := cs.slots[cs.free[len(cs.free)-1]]
	cs.free = cs.free[:len(cs.free)-1]
	cs.number++
	c.id, c.to, c.live = cs.number<<slotBits|uint64(c.slot), to, true
	return c, nil
}

// match is what became of a reply.
type match uint8

const (
	matched match = iota
	late          // no call waits for it
	strange       // another peer was asked
)

// answer hands a reply to the call that waits for it. A bell may ring for a call that is already over, and
// so wake the slot's next one for nothing: that one looks at done.
func (cs *calls) answer(from core.Address, f *frame) match {
	cs.mu.Lock()
	slot := int(f.id & (1<<slotBits - 1))
	if slot >= len(cs.slots) {
		cs.mu.Unlock()
		return late
	}
	c := cs.slots[slot]
	if !c.live || c.done || c.id != f.id {
		cs.mu.Unlock()
		return late
	}
	if !mayAnswer(from, c.to) {
		cs.mu.Unlock()
		return strange
	}
	c.done, c.got.frame = true, *f
	cs.mu.Unlock()
	c.bell.Notify()
	return matched
}

// mayAnswer tells whether a node called from may answer what was sent to an address. Which node listens at a
// "host:port" only its answer tells; that it knows the call's id must do.
func mayAnswer(from, to core.Address) bool {
	return from == to || strings.Contains(string(to), ":")
}

// take returns what a call has got. With giveUp, or once there is something, the call is over: its slot is
// free and a later reply is late. Both in one step, or a reply in between would be lost without being late.
func (cs *calls) take(c *call, giveUp bool) (got outcome, done bool) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	got, done = c.got, c.done
	if done || giveUp {
		c.to, c.live, c.done, c.got = "", false, false, outcome{}
		cs.free = append(cs.free, c.slot)
	}
	return got, done
}

// close ends every call that waits, and refuses later ones.
func (cs *calls) close() {
	cs.mu.Lock()
	cs.closed = true
	var waiting []*call
	for _, c := range cs.slots {
		if c.live && !c.done {
			c.done, c.got.err = true, core.ErrClosed
			waiting = append(waiting, c)
		}
	}
	cs.mu.Unlock()
	for _, c := range waiting {
		c.bell.Notify()
	}
}
