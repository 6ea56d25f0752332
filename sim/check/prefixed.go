package check

import (
	"fmt"
	"strings"

	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// worldPrefix is what the streams of a run's World number i, from 0, begin with.
func worldPrefix(i int) string {
	if i == 0 {
		return ""
	}
	return fmt.Sprintf("world%d/", i+1)
}

// named gives the choices that a World told the keys under which they were asked.
func named(choices []trace.Choice, world int) []trace.Choice {
	prefix := worldPrefix(world)
	for i := range choices {
		kind, rest, _ := strings.Cut(choices[i].Key, " ")
		choices[i].Key, choices[i].World = kind+" "+prefix+rest, world
	}
	return choices
}

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
