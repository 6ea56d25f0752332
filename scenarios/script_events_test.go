package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/sim/check"
)

// facts are what the nodes of a script noted.
type facts struct {
	noted   []noted
	shown   int // through which events has shown them
	looked  int // through which run-until has looked at them
	wanted  string
	bell    core.Signal // of the script, when what it wants was noted
	matched bool
}

// noted is a fact as a reader sees it.
type noted struct {
	at      time.Duration
	text    string // "node text"
	matters bool
}

// observe takes a fact.
func (s *script) observe(o check.Observation) {
	text := o.Node + " " + string(o.Event.AppendText(nil))
	s.facts.noted = append(s.facts.noted, noted{o.At, text, matters(o.Event)})
	if s.facts.wanted != "" && !s.facts.matched && s.facts.look(s) {
		s.facts.bell.Notify()
	}
}

// begin is another command's: run-until sees what is noted from the one before on.
func (f *facts) begin() { f.wanted, f.matched = "", false }

// look looks at what was noted and not looked at, for what is wanted.
func (f *facts) look(s *script) bool {
	for f.looked < len(f.noted) && !f.matched {
		f.matched = strings.Contains(s.named(f.noted[f.looked].text), f.wanted)
		f.looked++
	}
	return f.matched
}

// runFor lets the World go on for some time.
func (s *script) runFor(d *datadriven.TestData) (string, error) {
	length, err := time.ParseDuration(words(d))
	if err != nil {
		return "", err
	}
	s.facts.looked = len(s.facts.noted)
	s.sleep(s.env, length)
	return "", nil
}

// mostUntil is how long run-until waits.
const mostUntil = 2 * time.Minute

// runUntil lets the World go on until a fact with some text is noted, from the last run-until or run-for on.
func (s *script) runUntil(d *datadriven.TestData) (string, error) {
	s.facts.wanted = words(d)
	if !s.facts.look(s) {
		_ = s.facts.bell.Wait(s.env.Context(), mostUntil)
	}
	if !s.facts.matched {
		return "", fmt.Errorf("nothing of the kind within %v", mostUntil)
	}
	found := s.facts.noted[s.facts.looked-1]
	return fmt.Sprintf("+%.1fs %s", found.at.Seconds(), found.text), nil
}

// events shows what was noted since the last one: what has one of these texts in it ("events g1 push, held"),
// or else what matters mostly.
func (s *script) events(d *datadriven.TestData) (string, error) {
	var shown, wanted []string
	if len(d.CmdArgs) > 0 {
		wanted = strings.Split(words(d), ", ")
	}
	for _, f := range s.facts.noted[s.facts.shown:] {
		text := s.named(f.text)
		if wanted == nil && f.matters ||
			slices.ContainsFunc(wanted, func(part string) bool { return strings.Contains(text, part) }) {
			shown = append(shown, text)
		}
	}
	s.facts.shown = len(s.facts.noted)
	if len(shown) == 0 {
		return "nothing", nil
	}
	return strings.Join(shown, "\n"), nil
}

// matters says which facts tell a job's story: decisions, not entries, pushes and heartbeats.
func matters(event core.Event) bool {
	switch f := event.(type) {
	case fact.State, fact.StateRefused, fact.Level, fact.Opened, fact.StreamClosed, fact.RefusedCounted,
		fact.ResultIn, fact.Aggregated, fact.Ended, fact.WorkerHealth, fact.LoadAccepted, fact.LoadEnded,
		fact.StopReached, fact.CancelTaken, fact.CancelAnswered, fact.WorkflowMoved, fact.WorkflowRefused,
		fact.ContextMade, fact.StartQueued, fact.StartBegan, fact.TargetTaken, fact.TargetFreed,
		fact.Extended, fact.Stuck, fact.Adopted, fact.Displaced, fact.Leaving:
		return true
	case fact.PushHeld:
		return f.Windows > 0
	}
	return false
}
