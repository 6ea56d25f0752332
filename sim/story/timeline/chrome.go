package timeline

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// chromeEvent is one entry of the Trace Event Format. Times are microseconds, with three decimals.
type chromeEvent struct {
	Name     string         `json:"name"`
	Category string         `json:"cat,omitempty"`
	Phase    string         `json:"ph"`
	At       json.Number    `json:"ts,omitempty"`
	Lasts    json.Number    `json:"dur,omitempty"`
	Process  int            `json:"pid"`
	Thread   int            `json:"tid"`
	ID       int            `json:"id,omitempty"`
	Binds    string         `json:"bp,omitempty"`
	Args     map[string]any `json:"args,omitempty"`
}

// writeChrome writes every event as a slice of a nanosecond: nothing in a World lasts, and flows can only
// join slices. What does last - faults, a node that is down - are asynchronous slices of its node.
func writeChrome(w io.Writer, s *scene) error {
	var all []chromeEvent
	for node, name := range s.nodes {
		all = append(all, chromeEvent{
			Name: "process_name", Phase: "M", Process: node + 1, Args: map[string]any{"name": name},
		})
	}
	for at, l := range s.lanes {
		all = append(all, chromeEvent{
			Name: "thread_name", Phase: "M", Process: l.node + 1, Thread: at + 1,
			Args: map[string]any{"name": l.name},
		})
	}
	for i, e := range s.events {
		c := s.chrome(i, "X")
		c.Name, c.Category, c.Lasts = e.Text, e.kindName(), "0.001"
		if c.Name == "" {
			c.Name = e.kindName()
		}
		c.Args = map[string]any{"step": e.Step}
		if e.ID != 0 {
			c.Args["id"], c.Args["cause"] = e.ID, e.Cause
		}
		all = append(all, c)
	}
	all = append(all, s.chromeFlows()...)
	all = append(all, s.chromeSpans()...)
	return json.NewEncoder(w).Encode(map[string]any{"traceEvents": all, "displayTimeUnit": "ns"})
}

// chrome is an entry at an event's time and place.
func (s *scene) chrome(i int, phase string) chromeEvent {
	return chromeEvent{
		Phase: phase, At: microseconds(s.events[i].At),
		Process: s.lanes[s.laneOf[i]].node + 1, Thread: s.laneOf[i] + 1,
	}
}

func (s *scene) chromeFlows() []chromeEvent {
	var flows []chromeEvent
	for n, m := range s.messages {
		if m.end == none {
			continue
		}
		name := "message"
		if m.lost {
			name = "lost message"
		}
		from, to := s.chrome(m.send, "s"), s.chrome(m.end, "f")
		to.Binds = "e"
		for _, end := range []*chromeEvent{&from, &to} {
			end.Name, end.Category, end.ID = name, "message", n+1
		}
		flows = append(flows, from, to)
	}
	return flows
}

func (s *scene) chromeSpans() []chromeEvent {
	var all []chromeEvent
	id := 0
	for _, p := range s.spans {
		to := p.to
		if to == none {
			to = len(s.events) - 1
		}
		for _, node := range p.nodes {
			id++
			begin, end := s.chrome(p.from, "b"), s.chrome(to, "e")
			for _, c := range []*chromeEvent{&begin, &end} {
				c.Name, c.Category, c.Process, c.Thread, c.ID = p.text, string(p.kind), node+1, 0, id
			}
			all = append(all, begin, end)
		}
	}
	return all
}

func microseconds(at time.Duration) json.Number {
	return json.Number(fmt.Sprintf("%d.%03d", at/time.Microsecond, at%time.Microsecond))
}
