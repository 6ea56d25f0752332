package timeline

import (
	"slices"
	"strings"
	"unicode"

	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// mark says why an event is not folded away.
type mark uint8

const (
	notable mark = 1 << iota // it is shown although the rest is folded
	led                      // it is in the failure's causal past
	named                    // a choice that the failure is kept by
)

// How much of a run is notable, besides what is so by its kind.
const (
	nearEnd     = 15  // events before the failure
	nearCause   = 40  // events of its causal past
	rareTimes   = 4   // what is noted or logged no more often than that
	fewChoices  = 300 // more say little one by one
	mostInSteps = 6   // events of a step of the causal past
)

// marks weighs each event of a scene. kept are the choices that the failure is kept by.
func (s *scene) marks(kept explore.Choices) []mark {
	marks := make([]mark, len(s.events))
	rare := s.rare()
	count := 0
	for i, e := range s.events {
		switch e.Kind {
		case trace.Fail, trace.Fault, trace.Clock, trace.Drop:
			marks[i] |= notable
		case trace.Node:
			if e.At > 0 {
				marks[i] |= notable
			}
		case trace.Note, trace.Log, trace.World:
			if rare[shape(e.Text)] <= rareTimes {
				marks[i] |= notable
			}
		case kindChoice:
			if slices.ContainsFunc(e.choices, func(c trace.Choice) bool { return kept[c.Key] == c.Answer }) {
				marks[i] |= named
				count++
			}
		}
	}
	if count <= fewChoices {
		for i := range marks {
			if marks[i]&named != 0 {
				marks[i] |= notable
			}
		}
	}
	s.markPast(marks)
	return marks
}

// markPast follows the failure's causes, and marks what was done in the latest of their steps.
func (s *scene) markPast(marks []mark) {
	if s.failed == none {
		return
	}
	for i, left := s.failed, nearEnd; i >= 0 && left > 0; i-- {
		if kind := s.events[i].Kind; kind != trace.Step && kind != kindChoice {
			marks[i] |= notable
			left--
		}
	}
	near := map[int]bool{}
	far, child := 0, none
	for i := s.failed; i != none; i = s.cause[i] {
		marks[i] |= led
		if s.leadsOnlyToItself(i, child) {
			child = i
			continue
		}
		child = i
		if far++; far > nearCause {
			continue
		}
		marks[i] |= notable
		near[i] = true
		for j, left := i+1, mostInSteps; j < len(s.events) && left > 0; j, left = j+1, left-1 {
			if s.events[i].Kind != trace.Step || s.events[j].Step != s.events[i].Step {
				break
			}
			if kind := s.events[j].Kind; kind != trace.Step && kind != kindChoice && s.cause[j] == i {
				marks[j] |= notable
			}
		}
	}
	for _, pair := range s.decides {
		if near[pair[1]] && !s.events[pair[0]].isOf("pick", "delay") { // these two are seldom quiet
			marks[pair[0]] |= notable
		}
	}
}

// leadsOnlyToItself tells a step that did nothing, and after which nobody else did anything until the task's
// next one.
func (s *scene) leadsOnlyToItself(i, child int) bool {
	if child == none || s.events[i].Kind != trace.Step || s.events[child].Kind != trace.Step {
		return false
	}
	next := i + 1
	for s.events[next].ID == 0 { // child is numbered, so this ends
		next++
	}
	return next == child && s.laneOf[i] == s.laneOf[child] && s.events[i].At == s.events[child].At
}

// rare counts what was noted, logged or done, texts that differ in numbers and names with numbers alone
// being one.
func (s *scene) rare() map[string]int {
	times := map[string]int{}
	for _, e := range s.events {
		if e.Kind == trace.Note || e.Kind == trace.Log || e.Kind == trace.World {
			times[shape(e.Text)]++
		}
	}
	return times
}

// shape is a text without the words that hold digits.
func shape(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == '/' || r == '=' })
	kept := words[:0]
	for _, word := range words {
		if !strings.ContainsFunc(word, unicode.IsDigit) {
			kept = append(kept, word)
		}
	}
	return strings.Join(kept, " ")
}
