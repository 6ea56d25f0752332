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

	orders map[string]int // of events, by scenario; empty unless runs are guided
	shown  int            // of them, in the last line
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
		orders: map[string]int{},
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
	if ran.Orders > w.orders[ran.Scenario] { // runs end in another order than they begin
		w.orders[ran.Scenario] = ran.Orders
	}
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

// line fits into 80 columns: one that wraps cannot be rewritten. Of a guided campaign it has the new
// coverage: orders of events seen up to the last line, and since.
func (w *Watch) line(now time.Time) string {
	years, covered := "virtual years", ""
	if len(w.orders) > 0 {
		all := 0
		for _, orders := range w.orders {
			all += orders
		}
		years, covered = "years", fmt.Sprintf("orders %d+%d, ", w.shown, all-w.shown)
		w.shown = all
	}
	return fmt.Sprintf("%d runs, %.0f/s, %.4f %s, states %d of %d, %sfailures %d",
		w.runs, float64(w.runs)/now.Sub(w.begun).Seconds(), float64(w.virtual)/year, years,
		len(w.reached), len(w.named), covered, w.causes)
}

// End takes the line off the terminal.
func (w *Watch) End() {
	if w.left {
		w.left = false
		fmt.Fprint(w.out, "\r\x1b[K")
	}
}
