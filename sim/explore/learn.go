package explore

import (
	"sync"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// For returns the strategy for runs of one body. Where it spreads something over a run, it learns how many
// decisions one takes from a run of its own, made when it is first needed: not from the campaign's other
// runs, because then a seed would mean something else in another campaign, or with other runs at once.
func (s Strategy) For(body Body) Strategy {
	return s.learning(sync.OnceValue(func() int { return decisionsOf(body) }))
}

func (s Strategy) learning(decisions func() int) Strategy {
	if s.parts == nil {
		return s.over(decisions)
	}
	parts := make([]Strategy, len(s.parts))
	for i, part := range s.parts {
		parts[i] = part.learning(decisions)
	}
	return portfolio(s.Name, parts...)
}

// decisionsOf counts the decisions between ready tasks of one run.
func decisionsOf(body Body) int {
	c := &counting{Chooser: choice.NewSeeded(0), picker: choice.NewPOS(0).Picker()}
	body(c, false)
	if c.decisions == 0 {
		return UnknownDecisions // it has no World, or failed too early
	}
	return c.decisions
}

// counting counts the moments at which two or more tasks are ready.
type counting struct {
	choice.Chooser
	picker    choice.Picker
	decisions int
}

func (c *counting) Picker() choice.Picker { return c }

func (c *counting) Next(ready []choice.Ready, touched choice.Touched) int {
	if len(ready) > 1 {
		c.decisions++
	}
	return c.picker.Next(ready, touched)
}
