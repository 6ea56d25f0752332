package story

import (
	"fmt"
	"strings"
	"time"

	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// How much of a run's end is told.
const (
	tailEvents = 20
	tailFaults = 20
	tailLogs   = 10

	mostSettings = 12
)

// Story is a failed run and how it was come by.
type Story struct {
	Outcome  explore.Outcome // failed; with its trace, where it was kept
	Seed     uint64
	Base     uint64 // of the campaign
	Run      int    // the run's number in the campaign, from 1; 0: it was replayed from a file
	Strategy string
	Asked    uint64 // choices asked; 0: not counted
	Loud     int    // choices that were not quiet
	Replay   string // the command; empty: there is none
	Remark   string // one more line, before the command; empty: there is none

	// Shrunk says that the run is reduced to what matters, from so many choices; 0: it is not.
	Shrunk int
	Runs   int // that this took; 0: it was done before
	// Unverified is how many of the choices that are left are not known to matter.
	Unverified int
	Choices    explore.Choices         // of a reduced run: what is left
	Flips      map[string]explore.Flip // what becomes of it without one of them, as far as it is known
	Closest    *explore.Closest        // the passing run that differs least; nil: it is not known
	Moments    []explore.Moment        // that decided
}

// Of returns the story of what a campaign found. replay is the command that has the failure again.
func Of(base uint64, found explore.Found, replay string) Story {
	return Story{
		Outcome: found.Outcome, Seed: found.Seed, Base: base, Run: found.Index + 1,
		Strategy: found.File.Strategy, Asked: found.Asked, Loud: len(found.File.Choices), Replay: replay,
	}
}

// OfReplay returns the story of a replayed failure file.
func OfReplay(f explore.File, answer explore.Answer, replay string) Story {
	s := Story{
		Outcome: answer.Outcome, Seed: f.Seed, Strategy: f.Strategy, Loud: len(f.Choices), Replay: replay,
	}
	if answer.Asked > 0 {
		s.Asked, s.Loud = answer.Asked, len(answer.Choices)
	}
	if f.ShrunkFrom > 0 && answer.Verdict == explore.Identical {
		s.Shrunk, s.Unverified, s.Choices = f.ShrunkFrom, f.Unverified, f.Choices
	}
	return s
}

// OfShrunk returns the story of what a campaign found once it is reduced. replay is the command that has the
// reduced failure again.
func OfShrunk(base uint64, found explore.Found, shrunk explore.Shrunk, replay string) Story {
	s := Of(base, found, replay)
	s.Outcome, s.Asked, s.Loud = shrunk.Outcome, shrunk.Asked, len(shrunk.File.Choices)
	s.Shrunk, s.Unverified = max(shrunk.Before, 1), shrunk.File.Unverified
	s.Runs, s.Choices, s.Flips = shrunk.Runs, shrunk.File.Choices, shrunk.Flips
	return s
}

// Text tells the story, in lines that end in a newline.
func (s Story) Text() string {
	var b strings.Builder
	s.headline(&b)
	s.contradictions(&b)
	if s.Shrunk > 0 {
		s.matters(&b)
		s.closest(&b)
		s.moments(&b)
	}
	s.origin(&b)
	s.faults(&b)
	s.events(&b)
	logs(&b, s.Outcome.Trace)
	stack(&b, s.Outcome.Failure.Stack)
	if s.Remark != "" {
		fmt.Fprintf(&b, "%s\n", s.Remark)
	}
	if s.Replay != "" {
		fmt.Fprintf(&b, "replay: %s\n", s.Replay)
	}
	return b.String()
}

func (s Story) headline(b *strings.Builder) {
	f := s.Outcome.Failure
	if f.Invariant {
		fmt.Fprintf(b, "invariant %q broken", f.Key)
	} else {
		fmt.Fprintf(b, "failed: %s,", f.Key)
	}
	fmt.Fprintf(b, " at step %d, %s", f.Step, when(f.At))
	if f.Who != "" {
		fmt.Fprintf(b, ", by %s", f.Who)
	}
	b.WriteByte('\n')
	for line := range strings.Lines(strings.Trim(f.Message, "\n")) {
		indented(b, line)
	}
}

// Origin says how the run was come by: its seed and strategy, and how many choices it had.
func (s Story) Origin() string {
	text := fmt.Sprintf("seed %d", s.Seed)
	if s.Run > 0 {
		text += fmt.Sprintf(" (run %d from base %d)", s.Run, s.Base)
	}
	text += ", strategy " + s.Strategy
	switch {
	case s.Shrunk > 0 && s.Runs > 0:
		return text + fmt.Sprintf(", shrunk from %d choices in %d runs", s.Shrunk, s.Runs)
	case s.Shrunk > 0:
		return text + fmt.Sprintf(", shrunk from %d choices", s.Shrunk)
	case s.Asked > 0:
		return text + fmt.Sprintf(": %d of %d choices were not quiet", s.Loud, s.Asked)
	case s.Loud > 0:
		return text + fmt.Sprintf(": %d choices recorded", s.Loud)
	}
	return text
}

func (s Story) origin(b *strings.Builder) {
	fmt.Fprintf(b, "%s\n", s.Origin())
	if len(s.Outcome.Config) == 0 {
		return
	}
	b.WriteString("drawn:")
	for i, setting := range s.Outcome.Config {
		if i == mostSettings {
			fmt.Fprintf(b, " and %d more, in the failure file", len(s.Outcome.Config)-i)
			break
		}
		fmt.Fprintf(b, " %s=%s", setting.Name, setting.Value)
	}
	b.WriteByte('\n')
}

// faults tells what was done to the run: by its schedule, and by the scenario's own script.
func (s Story) faults(b *strings.Builder) {
	all := s.Outcome.Trace
	if len(all) == 0 {
		return
	}
	told, of := tail(all, tailFaults, func(e trace.Event) bool {
		return e.Kind == trace.Fault && !strings.HasPrefix(e.Text, "ends: ") || // its beginning told when
			e.Kind == trace.Clock || e.Kind == trace.Node && e.Text != "boot"
	})
	if of == 0 {
		if s.Shrunk == 0 { // otherwise it was said before
			b.WriteString("faults: none\n")
		}
		return
	}
	fmt.Fprintf(b, "the last %d of %d faults:\n", len(told), of)
	table := newTable()
	for _, e := range told {
		table.row(when(e.At), e.Lane, e.Text)
	}
	table.write(b)
}

// events tells the last things that happened. Steps are left out: a step says only that a task went on, and
// what it did then has lines of its own. So are faults, which are told before. Of a reduced run only the
// nodes count that its choices or its failure are about.
func (s Story) events(b *strings.Builder) {
	whose, of := s.involved(), ""
	if len(whose) > 0 {
		of = " of " + strings.Join(whose, ", ")
	}
	told, n := tail(s.Outcome.Trace, tailEvents, func(e trace.Event) bool {
		return e.Kind != trace.Step && e.Kind != trace.Log && e.Kind != trace.Fault && concerns(e, whose)
	})
	if n == 0 {
		return
	}
	fmt.Fprintf(b, "the last %d of %d events%s:\n", len(told), n, of)
	table := newTable()
	for _, e := range told {
		table.row(when(e.At), e.Lane, e.Kind.String(), e.Text)
	}
	table.write(b)
}

func logs(b *strings.Builder, all []trace.Event) {
	told, of := tail(all, tailLogs, func(e trace.Event) bool { return e.Kind == trace.Log })
	if of == 0 {
		return
	}
	fmt.Fprintf(b, "the last %d of %d lines logged:\n", len(told), of)
	table := newTable()
	for _, e := range told {
		table.row(when(e.At), fmt.Sprintf("step %d", e.Step), e.Lane, e.Text)
	}
	table.write(b)
}

func stack(b *strings.Builder, text string) {
	if text == "" {
		return
	}
	b.WriteString("stack:\n")
	for line := range strings.Lines(text) {
		indented(b, line)
	}
}

// tail returns the last n events of the wanted kinds, in order, and how many there were.
func tail(all []trace.Event, n int, wanted func(trace.Event) bool) (told []trace.Event, of int) {
	for _, e := range all {
		if wanted(e) {
			told = append(told, e)
		}
	}
	of = len(told)
	return told[max(0, of-n):], of
}

func indented(b *strings.Builder, line string) {
	b.WriteString(strings.TrimRight("  "+line, " \t\n") + "\n")
}

// when is a virtual time to the millisecond, or finer where that would say nothing.
func when(at time.Duration) string {
	if at%time.Millisecond == 0 {
		return fmt.Sprintf("+%.3fs", at.Seconds())
	}
	return fmt.Sprintf("+%.6fs", at.Seconds())
}
