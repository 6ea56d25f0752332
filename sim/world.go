package sim

import (
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// World owns time, chance and every node of one run. It is used by one goroutine: the one that makes it and
// calls Run, and then by what runs inside.
type World struct {
	config  Config
	chooser choice.Chooser
	line    line
	trace   *trace.Recorder
	lane    trace.Lane // of what happens outside the nodes
	net     *network

	schedule schedule
	now      time.Duration
	step     uint64
	event    uint64 // what is happening: the parent of what follows from it
	arrivals uint64
	homes    uint64 // incarnations so far
	marks    uint64 // see mark
	current  *task  // the task that runs, nil between tasks

	urgent     bool // something is to be done before the next step
	failure    *Failure
	instantEnd uint64        // time must have moved on before this step
	boundAt    time.Duration // no workload task can be parked beyond its bound before
	nextScan   uint64        // no scan is due before this step
	lastStep   uint64        // the lesser of the two: before it there is nothing to look at
	ran        bool
	fetched    uint64 // so that prefetch reads

	nodes     []*Node
	byName    map[string]*Node
	workloads []*task
	workload  bool    // there ever was any
	doomed    []*task // of dead nodes, to be unwound
	foreign   []*task // parked under a context that only polling tells the end of
	spare     *Spare  // Config.Spare, or one of its own
	streams   map[streamKey]*choice.Stream
	observers []func(Observation)
	scans     []*scan
	scratch   []byte
	heartbeat heartbeat
	origins   *origins // nil unless Config.Stacks
	rarely    rarely
}

type streamKey struct {
	kind  choice.Kind
	label string
}

// stepsAnInstant is how many steps may happen without time moving on.
const stepsAnInstant = 1_000_000

// NewWorld returns a World without nodes. A Config out of bounds becomes Run's failure.
func NewWorld(config Config) *World {
	err := config.validate()
	config = config.withDefaults()
	w := &World{
		config:     config,
		chooser:    config.Chooser,
		line:       newLine(config.Chooser),
		trace:      trace.NewRecorder(max(config.Keep, trace.All)),
		lane:       worldLane,
		instantEnd: stepsAnInstant,
		boundAt:    core.Forever,
		nextScan:   1<<64 - 1,
		lastStep:   stepsAnInstant,
	}
	if w.spare = config.Spare; w.spare == nil {
		w.spare = new(Spare)
	}
	w.spare.give(w)
	if config.Stacks && config.Keep != 0 {
		w.origins = &origins{stacks: make(map[*ticket][]uintptr)}
	}
	w.net = newNetwork(w, config.Network)
	if err != nil {
		w.Fail(KeyConfig, err.Error())
	}
	return w
}

var worldLane = trace.NewLane("world")

// Now is the virtual time since the run began.
func (w *World) Now() time.Duration { return w.now }

// Step is the number of the step that runs, from 1.
func (w *World) Step() uint64 {
	w.touch(choice.Everything)
	return w.step
}

// Hash is the trace's hash so far; after Run, the identity of the run.
func (w *World) Hash() uint64 { return w.trace.Hash() }

// Trace returns the kept events and log lines, oldest first.
func (w *World) Trace() []trace.Event { return w.trace.Events() }

// Events counts the trace's events so far.
func (w *World) Events() uint64 { return w.trace.Count() }

// Keeping tells whether the trace is kept: only then is it worth making text for it.
func (w *World) Keeping() bool { return w.trace.Keeping() }

// Cover shows o the events from now on. It changes nothing else of the run.
func (w *World) Cover(o *trace.Orders) { w.trace.Cover(o) }

// Workload starts a task of the node that the run is about: the run ends when all of these have ended. Dying
// with its node is an end. It may be called while the run goes on.
func (w *World) Workload(n *Node, name string, f func(core.Env)) {
	e := n.env
	if e == nil {
		w.Fail(KeyConfig, fmt.Sprintf("sim: workload %s: node %s is down", name, n.name))
		return
	}
	t := e.start(name, func() { f(e) })
	t.workload = true
	w.workload = true
	w.workloads = append(w.workloads, t)
	w.urgent = true
}

// Choose asks a question from outside the nodes: a fault, a size of the cluster. Equal kinds and labels
// share a stream. alternatives is at least 1; the answer is in [0, alternatives), and 0 is the quiet one.
func (w *World) Choose(kind choice.Kind, label string, alternatives int) int {
	return w.chooseOutside(w.stream(kind, label), max(alternatives, 1), nil)
}

// ChooseWeighted is Choose among len(weights) alternatives, in proportion to their weights.
func (w *World) ChooseWeighted(kind choice.Kind, label string, weights ...uint32) int {
	if len(weights) == 0 {
		return 0
	}
	return w.chooseOutside(w.stream(kind, label), len(weights), weights)
}

// Chance is a question with two answers: true with a probability of n in outOf, false being the quiet one.
func (w *World) Chance(kind choice.Kind, label string, n, outOf uint32) bool {
	return w.ChooseWeighted(kind, label, outOf-min(n, outOf), n) == 1
}

func (w *World) chooseOutside(s *choice.Stream, alternatives int, weights []uint32) int {
	answer := w.choose(s, alternatives, weights)
	if w.trace.Keeping() {
		text := fmt.Sprintf("%s: %d of %d", s.Label(), answer, alternatives-1)
		w.tell(s, answer, w.now, w.lane.Name(), text)
	}
	return answer
}

func (w *World) stream(kind choice.Kind, label string) *choice.Stream {
	w.touch(choice.Everything)
	key := streamKey{kind, label}
	s := w.streams[key]
	if s == nil {
		if w.streams == nil {
			w.streams = make(map[streamKey]*choice.Stream)
		}
		s = choice.NewStream(kind, label)
		w.streams[key] = s
	}
	return s
}
