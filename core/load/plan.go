package load

import (
	"slices"
	"time"

	"github.com/windtunnel/windtunnel/core/wire"
)

// The bounds of a plan.
const (
	MaxDuration = 30 * 24 * time.Hour
	MaxShares   = 4       // how often a plan can be split again
	MaxWeight   = 1 << 20 // sum of the weights of one split
)

// Plan is an open-model load: arrivals at a constant rate, whether or not the target keeps up. Arrival i of
// a whole plan is due i / rate after its start, rounded down to a nanosecond; there are as many as fall
// before Duration. Every method computes from i alone, in integers, so that nothing drifts and a plan can be
// entered anywhere.
//
// A plan with Shares is a part of the whole: those of its arrivals that fall to it, at the very instants at
// which the whole plan has them. The parts of a split together are the plan, exactly.
//
// Methods presume that Validate returned nil.
type Plan struct {
	Rate     Rate          // of the whole plan
	Duration time.Duration // over 0, at most MaxDuration
	Shares   []Share       // from the whole to this part, outermost first; none: the whole
}

// Share is one part of a split. Arrivals are dealt out in rounds of Of, like cards: in each round the
// arrivals First to First+Width-1 fall to this part. So the parts interleave, each keeps the rate steady in
// proportion to its width, and a last round that is cut short goes to the parts that come first.
type Share struct{ First, Width, Of uint32 }

// Fields implements wire.Message.
func (p *Plan) Fields(c *wire.Coder) {
	wire.Nested(c, 1, &p.Rate)
	c.Duration(2, &p.Duration)
	wire.List(c, 3, &p.Shares)
}

// Fields implements wire.Message.
func (s *Share) Fields(c *wire.Coder) {
	wire.Enum(c, 1, &s.First)
	wire.Enum(c, 2, &s.Width)
	wire.Enum(c, 3, &s.Of)
}

// Validate returns a *FieldError that names the first field out of bounds.
func (p Plan) Validate() error {
	if err := p.Rate.validate(); err != nil {
		return err
	}
	if p.Duration <= 0 || p.Duration > MaxDuration {
		return invalid("duration", p.Duration, "over 0, at most 720h")
	}
	if len(p.Shares) > MaxShares {
		return invalid("shares", len(p.Shares), "at most 4")
	}
	for _, s := range p.Shares {
		if s.Of < 1 || s.Of > MaxWeight {
			return invalid("share.of", s.Of, "1 to 1048576")
		}
		if s.Width < 1 || uint64(s.First)+uint64(s.Width) > uint64(s.Of) {
			return invalid("share", s, "at least 1 wide, within its round")
		}
	}
	return nil
}

// Split divides the plan into len(weights) parts in proportion to weights (cores), each at least 1 and
// together at most MaxWeight. It returns a *FieldError when that, or the depth of splitting, is exceeded.
func (p Plan) Split(weights []uint32) ([]Plan, error) {
	if len(p.Shares) == MaxShares {
		return nil, invalid("shares", len(p.Shares)+1, "at most 4")
	}
	if len(weights) == 0 {
		return nil, invalid("weights", len(weights), "at least 1")
	}
	var sum uint64
	for _, w := range weights {
		if w < 1 || w > MaxWeight {
			return nil, invalid("weight", w, "1 to 1048576")
		}
		sum += uint64(w)
	}
	if sum > MaxWeight {
		return nil, invalid("weights", sum, "at most 1048576 together")
	}
	parts := make([]Plan, len(weights))
	first := uint32(0)
	for i, w := range weights {
		parts[i] = p
		parts[i].Shares = append(slices.Clone(p.Shares), Share{First: first, Width: w, Of: uint32(sum)})
		first += w
	}
	return parts, nil
}
