package story

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// mostChoices is how many lines of choices a story has.
const mostChoices = 20

// matters tells the choices that are left of a reduced run, in the order in which they took effect.
func (s Story) matters(b *strings.Builder) {
	told := s.decisive()
	fmt.Fprintf(b, "%s\n", s.Matters())
	table, lines := newTable(), 0
	for i := 0; i < len(told); lines++ {
		same := 1 // that are told alike make one line: they are about one thing
		for i+same < len(told) && told[i].Alike(told[i+same]) {
			same++
		}
		if lines == mostChoices {
			table.row("...", "", fmt.Sprintf("and %d more, in the file", len(told)-i))
			break
		}
		text := told[i].Text
		if same > 1 {
			text += fmt.Sprintf(" (%d choices)", same)
		}
		table.row(when(told[i].At), told[i].Lane, text+s.withoutIt(told[i:i+same]))
		i += same
	}
	table.write(b)
}

// Matters says in a line how many choices are left of a reduced run; of any other it is empty.
func (s Story) Matters() string {
	n := len(s.Choices)
	var text string
	switch {
	case s.Shrunk == 0:
		return ""
	case n == 0:
		return fmt.Sprintf("no choice matters (of %d): it fails when everything is quiet", s.Asked)
	case s.Unverified > 0:
		text = fmt.Sprintf("at most %d choices matter (of %d; %d of them were not tried)",
			n, s.Asked, s.Unverified)
	case n == 1:
		text = fmt.Sprintf("1 choice matters (of %d)", s.Asked)
	default:
		text = fmt.Sprintf("%d choices matter (of %d)", n, s.Asked)
	}
	for key := range s.Choices {
		if strings.HasPrefix(key, "fault ") {
			return text + ":"
		}
	}
	return text + ", no fault needed:"
}

// withoutIt says what becomes of the run without some choices, where that is not that it passes.
func (s Story) withoutIt(choices []trace.Choice) string {
	for _, c := range choices {
		if flip, tried := s.Flips[c.Key]; !tried || flip.Passes {
			return ""
		}
	}
	return fmt.Sprintf(" (without it fails %q)", s.Flips[choices[0].Key].Key)
}

// decisive returns the choices that are left, in words, or by their keys where nobody found words.
func (s Story) decisive() []trace.Choice {
	var told []trace.Choice
	left := maps.Clone(s.Choices)
	for _, c := range s.Outcome.Choices {
		if _, kept := left[c.Key]; kept {
			told = append(told, c)
			delete(left, c.Key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(left)) {
		kind, about, _ := strings.Cut(key, " ")
		told = append(told, trace.Choice{
			Key: key, Answer: left[key], Lane: kind, Text: fmt.Sprintf("%s: %d", about, left[key]),
		})
	}
	slices.SortStableFunc(told, func(a, b trace.Choice) int {
		return cmp.Or(cmp.Compare(a.At, b.At), strings.Compare(a.Lane, b.Lane),
			strings.Compare(a.Text, b.Text))
	})
	return told
}

// involved are the nodes that a reduced run's choices and failure are about; none: all of them.
func (s Story) involved() []string {
	if s.Shrunk == 0 {
		return nil
	}
	nodes := map[string]bool{}
	add := func(lane string) {
		for name := range strings.SplitSeq(lane, " → ") {
			nodes[nodeOf(name)] = true
		}
	}
	add(s.Outcome.Failure.Who)
	for _, c := range s.decisive() {
		add(c.Lane)
	}
	happened := map[string]bool{}
	for _, e := range s.Outcome.Trace {
		if e.Kind == trace.Node { // only nodes have such events
			happened[nodeOf(e.Lane)] = true
		}
	}
	maps.DeleteFunc(nodes, func(name string, _ bool) bool { return !happened[name] })
	if len(nodes) == len(happened) {
		return nil
	}
	return slices.Sorted(maps.Keys(nodes))
}

// nodeOf is the node of a lane such as "g1", "g1/push" or, of a later incarnation, "g1#1/push".
func nodeOf(lane string) string {
	node, _, _ := strings.Cut(lane, "/")
	node, _, _ = strings.Cut(node, "#")
	return node
}

// concerns tells whether an event is of one of the nodes, or of what they sent each other or lost.
func concerns(e trace.Event, nodes []string) bool {
	if len(nodes) == 0 || e.Kind == trace.Fail || slices.Contains(nodes, nodeOf(e.Lane)) {
		return true
	}
	from, rest, isMessage := strings.Cut(e.Text, " → ")
	to, _, _ := strings.Cut(rest, " ")
	return e.Kind == trace.Drop && isMessage && (slices.Contains(nodes, from) || slices.Contains(nodes, to))
}

// closest tells the passing run that differs least, and where it does.
func (s Story) closest(b *strings.Builder) {
	c := s.Closest
	if c == nil {
		return
	}
	at := slices.IndexFunc(s.decisive(), func(told trace.Choice) bool { return told.Key == c.Without })
	if at < 0 {
		return
	}
	choice := s.decisive()[at]
	fmt.Fprintf(b, "the closest passing run does without this: %s %s %s; where they part\n",
		when(choice.At), choice.Lane, choice.Text)
	table := newTable()
	table.row("here", said(c.Failing))
	table.row("there", said(c.Passing))
	table.write(b)
}

func said(e trace.Event) string {
	if e.ID == 0 {
		return "the run is over"
	}
	return fmt.Sprintf("%s %s %s %s", when(e.At), e.Lane, e.Kind, e.Text)
}

// moments tells which moments decided, and what happened then.
func (s Story) moments(b *strings.Builder) {
	if len(s.Moments) == 0 {
		return
	}
	b.WriteString("what decided, by continuing on other schedules from there:\n")
	table := newTable()
	for _, m := range s.Moments {
		table.row(fmt.Sprintf("until %s", when(m.At)),
			fmt.Sprintf("%d of %d fail, after it %d", m.Before, m.Of, m.After), s.inStep(m))
	}
	table.write(b)
}

// inStep says what happened in a step.
func (s Story) inStep(m explore.Moment) string {
	var texts []string
	who := ""
	for _, e := range s.Outcome.Trace {
		if e.Step != m.Step || e.Kind == trace.Log {
			continue
		}
		if who == "" {
			who = e.Lane
		}
		if e.Text != "" && len(texts) < 3 {
			texts = append(texts, e.Text)
		}
	}
	if m.Step == 1 {
		return "what was drawn before the first step"
	}
	text := fmt.Sprintf("step %d, %s", m.Step, who)
	if len(texts) > 0 {
		text += ": " + strings.Join(texts, "; ")
	}
	return text
}
