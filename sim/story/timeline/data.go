package timeline

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/story"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// mostEvents is how many of a run's last events a page holds.
const mostEvents = 200_000

// data is what the page draws, in columns: the n-th of each is event n's. Texts are listed once; times and
// steps are differences to the event before, and a cause is how many events back it is, 0 for none.
type data struct {
	Head     head       `json:"head"`
	Nodes    []string   `json:"nodes"`
	Lanes    []laneData `json:"lanes"`
	Kinds    []string   `json:"kinds"`
	Texts    []string   `json:"texts"`
	At       []int64    `json:"at"` // ns
	Step     []int64    `json:"step"`
	Lane     []int      `json:"lane"`
	Kind     []int      `json:"kind"`
	Text     []int      `json:"text"`
	Cause    []int      `json:"cause"`
	Mark     []int      `json:"mark"`
	Messages [][3]int   `json:"messages"` // send, end or -1, 1 when lost
	Spans    []spanData `json:"spans"`
	Clocks   [][5]int64 `json:"clocks"`  // event, node, offset in ns, ppm of wall and steady clock
	Decides  [][2]int   `json:"decides"` // choice, event

	Choices   []choiceData  `json:"choices"`
	Histories []historyData `json:"histories"`
}

type laneData struct {
	Name string `json:"name"`
	Node int    `json:"node"`
}

// choiceData are the choices that an event's place is about, as failure files have them.
type choiceData struct {
	At   int      `json:"at"`
	Keys []string `json:"keys"` // "stall g1#0/push 12=4"
}

type spanData struct {
	Kind  spanKind `json:"kind"`
	Nodes []int    `json:"nodes"`
	From  int      `json:"from"`
	To    int      `json:"to"` // -1: to the end
	Text  string   `json:"text"`
}

// head is what stands above the picture.
type head struct {
	Scenario  string      `json:"scenario"`
	Key       string      `json:"key"`
	Invariant bool        `json:"invariant"`
	Message   string      `json:"message"`
	Who       string      `json:"who"`
	AtStep    uint64      `json:"step"`
	At        int64       `json:"at"`     // ns
	Failed    int         `json:"failed"` // the event, or -1
	Stack     string      `json:"stack,omitempty"`
	Matters   string      `json:"matters,omitempty"` // how many choices are left of a reduced run
	Origin    string      `json:"origin"`            // seed, strategy, choices
	Drawn     [][2]string `json:"drawn"`
	Faults    []string    `json:"faults"`
	Replay    string      `json:"replay"`
	Build     string      `json:"build"` // Go, architecture, commit
	Trace     string      `json:"trace"` // the run's identity
	Omitted   int         `json:"omitted"`
}

// newData lays a story out. The choices that stand out are those that a reduced run is left with, and of any
// other those of its file.
func newData(told story.Story, file explore.File) data {
	rows := newRows(told.Outcome.Trace, told.Outcome.Choices)
	omitted := max(0, len(rows)-mostEvents)
	s := newScene(rows[omitted:], told.Outcome.Failure.Who)
	d := data{
		Head: newHead(told, file), Nodes: s.nodes, Decides: append([][2]int{}, s.decides...),
		Messages: make([][3]int, 0, len(s.messages)), Spans: []spanData{}, Clocks: [][5]int64{},
		Choices: []choiceData{},
	}
	d.Head.Failed, d.Head.Omitted = s.failed, omitted
	for _, l := range s.lanes {
		d.Lanes = append(d.Lanes, laneData{l.name, l.node})
	}
	for kind := range trace.KindCount {
		d.Kinds = append(d.Kinds, kind.String())
	}
	d.Kinds = append(d.Kinds, "choice")
	for _, m := range s.messages {
		lost := 0
		if m.lost {
			lost = 1
		}
		d.Messages = append(d.Messages, [3]int{m.send, m.end, lost})
	}
	for _, p := range s.spans {
		d.Spans = append(d.Spans, spanData{p.kind, p.nodes, p.from, p.to, p.text})
	}
	for _, c := range s.clocks {
		at, node := int64(c.at), int64(c.node)
		d.Clocks = append(d.Clocks, [5]int64{at, node, int64(c.offset), c.wallPPM, c.steadyPPM})
	}
	kept := file.Choices
	if told.Shrunk > 0 {
		kept = told.Choices
	}
	d.Histories = histories(told.Outcome.Judged, newAnchors(rows, omitted))
	marks := s.marks(kept)
	for _, event := range contradicting(d.Histories) {
		marks[event] |= notable
	}
	d.columns(s, marks)
	return d
}

// contradicting are the events at which operations begin and end that contradict each other.
func contradicting(all []historyData) (events []int) {
	for _, h := range all {
		at, places := 0, make([]int, len(h.Marks))
		for i, later := range h.Marks {
			at += later
			places[i] = at
		}
		for _, n := range h.With {
			for _, mark := range []int{h.Call[n], h.Seen[n], h.End[n]} {
				if mark != none {
					events = append(events, places[mark])
				}
			}
		}
	}
	return events
}

func (d *data) columns(s *scene, marks []mark) {
	known := map[string]int{}
	at, step := int64(0), int64(0)
	for i, e := range s.events {
		text, seen := known[e.Text]
		if !seen {
			text = len(d.Texts)
			known[e.Text] = text
			d.Texts = append(d.Texts, e.Text)
		}
		back := 0
		if s.cause[i] != none {
			back = i - s.cause[i]
		}
		d.At, at = append(d.At, int64(e.At)-at), int64(e.At)
		d.Step, step = append(d.Step, int64(e.Step)-step), int64(e.Step)
		d.Lane = append(d.Lane, s.laneOf[i])
		d.Kind = append(d.Kind, int(e.Kind))
		d.Text = append(d.Text, text)
		d.Cause = append(d.Cause, back)
		d.Mark = append(d.Mark, int(marks[i]))
		if e.Kind == kindChoice {
			chosen := choiceData{At: i}
			for _, c := range e.choices {
				chosen.Keys = append(chosen.Keys, fmt.Sprintf("%s=%d", c.Key, c.Answer))
			}
			d.Choices = append(d.Choices, chosen)
		}
	}
}

func newHead(told story.Story, file explore.File) head {
	f := told.Outcome.Failure
	h := head{
		Scenario: file.Scenario, Key: f.Key, Invariant: f.Invariant, Message: strings.Trim(f.Message, "\n"),
		Who: f.Who, AtStep: f.Step, At: int64(f.At), Stack: f.Stack, Replay: told.Replay,
		Build: strings.TrimSpace(strings.Join([]string{file.Go, file.Arch, file.Commit}, " ")),
		Trace: file.TraceHash, Matters: told.Matters(), Origin: told.Origin(),
		Drawn: [][2]string{}, Faults: []string{},
	}
	for _, setting := range told.Outcome.Config {
		h.Drawn = append(h.Drawn, [2]string{setting.Name, setting.Value})
	}
	for _, kind := range told.Outcome.Faults {
		h.Faults = append(h.Faults, kind.Kind+": "+strconv.FormatUint(kind.Injected, 10)+" injected, "+
			strconv.FormatUint(kind.Biting, 10)+" did something")
	}
	return h
}
