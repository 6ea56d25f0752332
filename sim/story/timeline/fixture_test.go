package timeline

import (
	"time"

	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/story"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// recorded makes a trace as a World would, all in one step a line.
type recorded struct{ events []trace.Event }

func (r *recorded) add(ms int, lane string, kind trace.Kind, cause uint64, text string) uint64 {
	e := trace.Event{
		Step: uint64(ms + 1), At: time.Duration(ms) * time.Millisecond, Lane: lane, Kind: kind, Cause: cause,
		Text: text,
	}
	if kind != trace.Log {
		r.next(&e)
	}
	r.events = append(r.events, e)
	return e.ID
}

func (r *recorded) next(e *trace.Event) {
	e.ID = 1
	for _, earlier := range r.events {
		e.ID = max(e.ID, earlier.ID+1)
	}
}

// staleLevel is a small run with something of everything: the level rises while the push task is late.
func staleLevel() (story.Story, explore.File) {
	const partition = "one-way partition: w1 > others, +10ms to +40ms"
	r := &recorded{}
	g1 := r.add(0, "g1", trace.Node, 0, "boot")
	m1 := r.add(0, "m1", trace.Node, 0, "boot")
	r.add(0, "w1", trace.Node, 0, "boot")
	started := r.add(0, "g1/push", trace.Start, g1, "")
	r.add(10, "world", trace.Fault, 0, "begins: one-way partition: w1 > others, +10ms to +40ms")
	sent := r.add(20, "m1", trace.Send, m1, "m1 → g1 pressure REJECT")
	lost := r.add(21, "w1", trace.Send, 0, "w1 → m1 heartbeat")
	r.add(22, "world", trace.Drop, lost, "w1 → m1 heartbeat: partition")
	r.add(23, "m1", trace.Clock, 0, "wall clock at true time 10s")
	r.add(24, "m1", trace.Clock, 0, "wall clock fast by -500 ppm")
	got := r.add(30, "g1", trace.Deliver, sent, "m1 → g1 pressure REJECT")
	r.add(30, "g1", trace.Note, got, "level NONE -> REJECT")
	r.add(30, "g1", trace.Log, got, "level=WARN msg=\"slow down\" from=m1")
	r.add(40, "world", trace.Fault, 0, "ends: one-way partition: w1 > others, +10ms to +40ms")
	r.add(50, "w1", trace.Node, 0, "crash")
	r.add(60, "m1", trace.Node, 0, "pause")
	r.add(70, "m1", trace.Node, 0, "resume")
	step := r.add(100, "g1/push", trace.Step, started, "")
	r.add(100, "g1/push", trace.Note, step, "push 1 with 2 windows")
	r.add(100, "world", trace.Fail, step, "no push under REJECT: pushed </script> 2 windows")
	r.add(100, "g1/push", trace.Send, step, "g1 → m1 pushed")
	told := story.Story{
		Outcome: explore.Outcome{
			Failure: &explore.Failure{
				Key: "no push under REJECT", Invariant: true, Message: "pushed </script> 2 windows",
				Who: "g1/push", Step: 101, At: 100 * time.Millisecond,
			},
			Config: []explore.Setting{{Name: "workers", Value: "1"}},
			Faults: []explore.Fault{{Kind: "one-way partition", Injected: 1, Biting: 1}},
			Trace:  r.events,
			Choices: []trace.Choice{
				{
					Key: "config nemesis/one-way partition/on 0", Answer: 1,
					At: 10 * time.Millisecond, Lane: "nemesis", Text: partition,
				},
				{
					Key: "stall g1#0/push 0", Answer: 4, Step: 1, Event: started, At: 0,
					Lane: "g1/push", Text: "is late by 100ms",
				},
				{
					Key: "fault nemesis/one-way partition/episode 0", Answer: 1, Step: 1, Event: started,
					At: 10 * time.Millisecond, Lane: "nemesis", Text: partition,
				},
				{
					Key: "delay m1>g1/HIGH 0", Answer: 7, Step: 21, Event: sent, At: 20 * time.Millisecond,
					Lane: "m1 → g1", Text: "is delayed 10ms: pressure REJECT",
				},
			},
		},
		Seed: 17, Strategy: "random", Loud: 4, Replay: "windtunnel replay stale.json",
	}
	file := explore.File{
		Scenario: "stale-level", TraceHash: "00000000000000aa", Go: "go1.26", Arch: "amd64",
		Choices: explore.Choices{"stall g1#0/push 0": 4},
	}
	return told, file
}
