package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/simvet"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// Times is how often each process runs the seed.
const Times = 10

// Case is what is to be examined.
type Case struct {
	Name     string
	Body     func(*check.Run)
	Strategy explore.Strategy
	Seed     uint64
	// Args lead this program, started again, to an explore.TwinRequested that serves the scenario.
	Args []string
}

// Diagnosis says why a seed has several traces.
type Diagnosis struct {
	Divergence explore.Divergence
	// Cause is the likely one; empty if nothing but the position is known.
	Cause simvet.Cause
	// Place is the code's position, file:line: that of the cause where it was found, and otherwise of the
	// code that made the event; empty where no user's code stood on the stack.
	Place    string
	Stack    []check.Place // at the event, innermost first
	Evidence []string      // sentences
}

// Diagnose runs a case again and again. It returns nil if all its runs had one trace.
func Diagnose(ctx context.Context, c Case) (*Diagnosis, error) {
	c.Strategy = c.Strategy.For(check.Scenario(c.Name, c.Body).Body)
	r, err := c.repeat(ctx)
	if err != nil || r.agree() {
		return nil, err
	}
	d := &Diagnosis{Divergence: explore.Divergence{Scenario: c.Name, Seed: c.Seed, Event: -1}}
	if err := c.locate(ctx, r, d); err != nil {
		return nil, err
	}
	d.Evidence = r.evidence()
	d.judge(c.look(r, d.Stack), c.strangers(d))
	return d, nil
}

// judge names the cause by what was found near the stack, most convincing first.
func (d *Diagnosis) judge(near []suspect, strangers []string) {
	for _, s := range strangers {
		d.say("while it ran, a goroutine was there that is no task: %s", s)
	}
	switch {
	case len(strangers) > 0 && (len(near) == 0 || near[0].cause == simvet.Goroutine):
		d.Cause = simvet.Goroutine // it was seen, not only read
		d.Place = strangers[0][strings.LastIndexByte(strangers[0], ' ')+1:]
	case len(near) > 0:
		d.Cause, d.Place = near[0].cause, near[0].place
	}
	for _, s := range near[:min(len(near), 4)] {
		d.say("%s: %s", s.place, s.message)
	}
	if d.Place == "" && len(d.Stack) > 0 {
		d.Place = d.Stack[0].Short
	}
}

func (d *Diagnosis) say(format string, args ...any) {
	d.Evidence = append(d.Evidence, fmt.Sprintf(format, args...))
}

// String tells the diagnosis to a person.
func (d *Diagnosis) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", d.Divergence.Error())
	switch {
	case d.Cause != "":
		fmt.Fprintf(&b, "likely cause: %s, at %s\n", d.Cause, orUnknown(d.Place))
	default:
		fmt.Fprintf(&b, "the cause is not known; the code is at %s\n", orUnknown(d.Place))
	}
	for _, sentence := range d.Evidence {
		fmt.Fprintf(&b, "  %s\n", sentence)
	}
	if len(d.Stack) > 0 {
		b.WriteString("the code at that event:\n")
	}
	for _, place := range d.Stack[:min(len(d.Stack), 8)] {
		fmt.Fprintf(&b, "  %s %s\n", place.Short, place.Function)
	}
	return b.String()
}

func orUnknown(place string) string {
	if place == "" {
		return "an unknown place"
	}
	return place
}

// events leaves out the log lines, which are no part of a run's identity.
func events(all []trace.Event) []trace.Event {
	var kept []trace.Event
	for i := range all {
		if all[i].Kind != trace.Log {
			kept = append(kept, all[i])
		}
	}
	return kept
}
