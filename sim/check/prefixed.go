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
	c.Stream = p.known(c.Stream)
	return p.next.Choose(c)
}

// Picker returns the wrapped chooser's Picker, which then sees the prefixed names.
func (p *prefixed) Picker() choice.Picker {
	picker := choice.PickerOf(p.next)
	if picker == nil {
		return nil
	}
	ranker, _ := picker.(choice.Ranker)
	return &prefixedPicks{streams: p, picker: picker, ranker: ranker}
}

func (p *prefixed) known(s *choice.Stream) *choice.Stream {
	known := p.streams[s]
	if known == nil {
		known = choice.NewStream(s.Kind(), p.prefix+s.Label())
		p.streams[s] = known
	}
	return known
}

type prefixedPicks struct {
	streams *prefixed
	picker  choice.Picker
	ranker  choice.Ranker // nil: ranks are of no interest
	ready   []choice.Ready
}

// Next asks about the same tasks under their prefixed names.
func (p *prefixedPicks) Next(ready []choice.Ready, touched choice.Touched) int {
	p.ready = p.ready[:0]
	for _, task := range ready {
		task.Stream = p.streams.known(task.Stream)
		p.ready = append(p.ready, task)
	}
	return p.picker.Next(p.ready, touched)
}

// Ranked passes a rank on.
func (p *prefixedPicks) Ranked(task choice.Ready, rank int) {
	if p.ranker != nil {
		task.Stream = p.streams.known(task.Stream)
		p.ranker.Ranked(task, rank)
	}
}
