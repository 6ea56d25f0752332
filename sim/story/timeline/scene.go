package timeline

import (
	"slices"
	"strconv"
	"strings"

	"github.com/windtunnel/windtunnel/sim/trace"
)

// scene is a run with its parts found: who there was, and what belongs together. Events and choices are named
// by their position, none being -1.
type scene struct {
	events []row
	nodes  []string // in the order in which they appear
	lanes  []lane   // likewise
	laneOf []int    // of each event, where it is drawn
	cause  []int    // of each event

	messages []message
	spans    []span
	clocks   []clock
	decides  [][2]int // a choice, and the event that it was made for
	failed   int      // the event that is the failure

	nodeIndex, laneIndex map[string]int
}

type lane struct {
	name string
	node int
}

const none = -1

// newScene finds the parts of a run. who is the lane that the failure belongs to, or empty.
func newScene(events []row, who string) *scene {
	s := &scene{
		events: events, laneOf: make([]int, len(events)), cause: make([]int, len(events)), failed: none,
		nodeIndex: map[string]int{}, laneIndex: map[string]int{},
	}
	for i, e := range events {
		s.laneOf[i] = s.lane(e.Lane)
		if e.Kind == trace.Fail && s.failed == none {
			s.failed = i
		}
	}
	s.findCauses()
	s.findMessages()
	s.findSpans()
	s.findClocks()
	s.findDecisions()
	if at, known := s.laneIndex[who]; known && s.failed != none {
		s.laneOf[s.failed] = at
	}
	return s
}

// lane returns the index of a lane; one that is new is added, its node too.
func (s *scene) lane(name string) int {
	at, known := s.laneIndex[name]
	if known {
		return at
	}
	node, _, _ := strings.Cut(name, "/")
	if before, number, reborn := cutLast(node, '#'); reborn && isNumber(number) {
		node = before // "g1#2/push" is a task of g1's second restart
	}
	if _, known := s.nodeIndex[node]; !known {
		s.nodeIndex[node] = len(s.nodes)
		s.nodes = append(s.nodes, node)
	}
	s.laneIndex[name] = len(s.lanes)
	s.lanes = append(s.lanes, lane{name, s.nodeIndex[node]})
	return len(s.lanes) - 1
}

func cutLast(s string, by byte) (before, after string, found bool) {
	at := strings.LastIndexByte(s, by)
	if at < 0 {
		return s, "", false
	}
	return s[:at], s[at+1:], true
}

func isNumber(s string) bool {
	_, err := strconv.ParseUint(s, 10, 64)
	return err == nil
}

// findCauses turns IDs into positions. A run of several Worlds numbers its events anew in each.
func (s *scene) findCauses() {
	position := map[uint64]int{}
	last := uint64(0)
	for i, e := range s.events {
		if e.ID != 0 {
			if e.ID <= last {
				clear(position)
			}
			last = e.ID
			position[e.ID] = i
		}
		s.cause[i] = none
		if at, known := position[e.Cause]; known && e.Cause != e.ID {
			s.cause[i] = at
		}
	}
}

// message is what was sent. end is its delivery or loss, or none when the run ended first.
type message struct {
	send, end int
	lost      bool
}

func (s *scene) findMessages() {
	open := map[int]int{} // send -> its message, while that has no end
	for i, e := range s.events {
		switch e.Kind {
		case trace.Send:
			open[i] = len(s.messages)
			s.messages = append(s.messages, message{send: i, end: none})
		case trace.Deliver, trace.Drop:
			from := s.cause[i]
			if from == none || s.events[from].Kind != trace.Send {
				break // what was delivered and never read is dropped, too
			}
			m := message{send: from, end: i, lost: e.Kind == trace.Drop}
			if at, waits := open[from]; waits {
				s.messages[at] = m
				delete(open, from)
			} else {
				s.messages = append(s.messages, m) // a duplicate
			}
			if m.lost {
				s.laneOf[i] = s.receiver(e.Text, s.laneOf[i])
			}
		}
	}
}

// receiver is the lane of the node that a message goes to: "a → b ...".
func (s *scene) receiver(text string, otherwise int) int {
	_, rest, _ := strings.Cut(text, " → ")
	to, _, _ := strings.Cut(rest, " ")
	if _, known := s.nodeIndex[to]; !known {
		return otherwise
	}
	return s.lane(to)
}

// findDecisions ties a choice about a task to the step that it led to, and any other to what it was asked
// in.
func (s *scene) findDecisions() {
	next := make(map[int]int) // lane -> its next step, seen from behind
	for i := len(s.events) - 1; i >= 0; i-- {
		switch s.events[i].Kind {
		case trace.Step:
			next[s.laneOf[i]] = i
		case kindChoice:
			if step, known := next[s.laneOf[i]]; known && s.events[i].isOf("pick", "stall") {
				s.decides = append(s.decides, [2]int{i, step})
			} else if s.cause[i] != none {
				s.decides = append(s.decides, [2]int{i, s.cause[i]})
			}
		}
	}
	slices.Reverse(s.decides)
}
