package check

import "github.com/windtunnel/windtunnel/sim/choice"

// prefixed keeps the choices of a run's second World apart from those of its first, which may well have
// nodes of the same names: every stream gets a label of its own.
type prefixed struct {
	next    choice.Chooser
	prefix  string
	streams map[*choice.Stream]*choice.Stream
}

func newPrefixed(next choice.Chooser, prefix string) *prefixed {
	return &prefixed{next: next, prefix: prefix, streams: map[*choice.Stream]*choice.Stream{}}
}

// Choose asks the same question under the prefixed name.
func (p *prefixed) Choose(c choice.Choice) int {
	known := p.streams[c.Stream]
	if known == nil {
		known = choice.NewStream(c.Kind, p.prefix+c.Stream.Label())
		p.streams[c.Stream] = known
	}
	c.Stream = known
	return p.next.Choose(c)
}
