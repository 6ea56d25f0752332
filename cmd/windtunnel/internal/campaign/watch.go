package campaign

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/windtunnel/windtunnel/sim/explore"
)

// How often the line is shown.
const (
	oftenOnTerminal = 200 * time.Millisecond // rewritten
	oftenAsLines    = 15 * time.Second
)

const year = 365.25 * 24 * float64(time.Hour)

// Watch shows how a campaign goes on: on a terminal as one line that is rewritten, elsewhere as lines.
type Watch struct {
	out      io.Writer
	terminal bool
	begun    time.Time
	told     time.Time

	named, reached map[state]bool
	failures       map[string][]*explore.Failure // a cause each, by scenario
	causes, runs   int
	virtual        time.Duration
	left           bool // a line is on the terminal
}

// state is a sometimes-state of a scenario.
type state struct{ scenario, name string }

// NewWatch begins at now. demands has what each scenario must come to.
func NewWatch(
	out io.Writer, terminal bool, demands map[string]explore.Demands, now time.Time,
) *Watch {
	w := &Watch{
		out: out, terminal: terminal, begun: now, told: now,
		named: map[state]bool{}, reached: map[state]bool{}, failures: map[string][]*explore.Failure{},
	}
	for scenario, d := range demands {
		for _, name := range d.Sometimes {
			w.named[state{scenario, name}] = true
		}
	}
	return w
}

// Saw takes a run into account that ended at now, and shows the line when it is time. It is not for several
// goroutines at once.
func (w *Watch) Saw(ran explore.Ran, now time.Time) {
	w.runs++
	w.virtual += ran.Outcome.Virtual
	for _, c := range ran.Outcome.Reached {
		if s := (state{ran.Scenario, c.Name}); w.named[s] {
			w.reached[s] = true
		}
	}
	if f := ran.Outcome.Failure; f != nil && !slices.ContainsFunc(w.failures[ran.Scenario], f.Same) {
		w.failures[ran.Scenario] = append(w.failures[ran.Scenario], f)
		w.causes++
	}
	every := oftenAsLines
	if w.terminal {
		every = oftenOnTerminal
	}
	if now.Sub(w.told) < every {
		return
	}
	w.told = now
	if w.terminal {
		w.left = true
		fmt.Fprintf(w.out, "\r\x1b[K%s", w.line(now))
		return
	}
	fmt.Fprintln(w.out, w.line(now))
}

// line fits into 80 columns: one that wraps cannot be rewritten.
func (w *Watch) line(now time.Time) string {
	return fmt.Sprintf("%d runs, %.0f/s, %.4f virtual years, states %d of %d, failures %d",
		w.runs, float64(w.runs)/now.Sub(w.begun).Seconds(), float64(w.virtual)/year,
		len(w.reached), len(w.named), w.causes)
}

// End takes the line off the terminal.
func (w *Watch) End() {
	if w.left {
		w.left = false
		fmt.Fprint(w.out, "\r\x1b[K")
	}
}
