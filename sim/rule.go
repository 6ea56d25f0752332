package sim

import (
	"slices"
	"time"

	"github.com/windtunnel/windtunnel/core"
)

// Packet is what a rule sees of a message that is being sent. Body must not be kept or changed.
type Packet struct {
	Link    Link
	Network string // "tcp" or "udp"
	Class   core.Class
	Body    []byte
}

// Verdict is what a rule says about a packet. The zero value leaves it to the next rule.
type Verdict struct {
	decision decision
	delay    time.Duration
}

type decision uint8

const (
	undecided decision = iota
	passed
	delayed
	dropped
)

// NextRule leaves the packet to the rules after this one, and after the last to the link itself.
func NextRule() Verdict { return Verdict{} }

// PassPacket hands the packet to its link: no later rule is asked.
func PassPacket() Verdict { return Verdict{decision: passed} }

// DeliverAfter replaces the link's latency, loss, duplication and reordering by exactly d. On "tcp" a packet
// still waits for those of its class that were sent before it, and bounded bandwidth has its share first.
func DeliverAfter(d time.Duration) Verdict {
	return Verdict{decision: delayed, delay: max(0, min(d, longestLatency))}
}

// DropPacket loses the packet. A "tcp" connection cannot lose one message and go on: it breaks, and this
// packet is the first of the lost tail.
func DropPacket() Verdict { return Verdict{decision: dropped} }

// RuleFunc judges one packet as it is sent. It must decide from the packet and its own state alone.
type RuleFunc func(Packet) Verdict

// Rule is one link of the World's chain of rules. Rules are asked in the order in which they were added; the
// first that decides wins.
type Rule struct {
	name  string
	judge RuleFunc
	net   *network
	bit   uint64
}

// AddRule puts a rule at the end of the chain, for all links.
func (w *World) AddRule(name string, judge RuleFunc) *Rule {
	r := &Rule{name: name, judge: judge, net: w.net}
	w.net.rules = append(w.net.rules, r)
	return r
}

// Remove takes the rule out of the chain. Removing it again does nothing.
func (r *Rule) Remove() {
	r.net.rules = slices.DeleteFunc(slices.Clone(r.net.rules), func(other *Rule) bool { return other == r })
}

// Decided counts the packets that this rule decided.
func (r *Rule) Decided() uint64 { return r.bit }

// judgePacket asks the chain.
func judgePacket(rules []*Rule, p Packet) Verdict {
	for _, r := range rules {
		if v := r.judge(p); v.decision != undecided {
			r.bit++
			return v
		}
	}
	return Verdict{}
}
