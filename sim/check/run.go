package check

import (
	"fmt"
	"slices"
	"sync"

	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// Observation is a fact that a node noted: what, who, and when. Its Step and At are zero without a World.
type Observation = sim.Observation

// scanEvery is how many steps lie between two looks of a Scanner at its state.
const scanEvery = 256

// Run is one run of a scenario. It is a T for testify: an assertion that fails inside a simulated task, a
// callback or the body ends the run, and the first of them is its failure. Any goroutine may use it.
type Run struct {
	name    string
	chooser choice.Chooser
	keep    int
	watch   func(w *sim.World) // after every step; nil: nobody watches
	stacks  bool
	spare   *sim.Spare
	judge   *Judge

	mu         sync.Mutex //simvet:allow leaf lock: nothing waits or yields under it
	worlds     []*sim.World
	failure    *explore.Failure
	helpers    map[string]bool
	reached    map[string]uint64
	steps      bool // an invariant is looked at after every step
	unknown    []string
	judged     []explore.Judged
	settings   []explore.Setting
	watermarks map[string]int64
	drawn      []trace.Choice
	logged     map[int][]trace.Event // by how many Worlds there were
}

// Name is the scenario's name.
func (r *Run) Name() string { return r.name }

// World returns a new World whose choices, trace and noted facts belong to this run. Of config, Chooser and
// Keep are the run's own affair and are overwritten. Nodes of a run's second World have the same names as
// those of its first and yet other choices.
//
// The World's own failure is the run's too; a body that goes on after World.Run has failed changes nothing.
func (r *Run) World(config sim.Config) *sim.World {
	r.mu.Lock()
	config.Chooser, config.Keep, config.Spare = r.chooser, r.keep, r.spare
	config.Stacks = config.Stacks || r.stacks
	if n := len(r.worlds); n > 0 {
		config.Chooser = newPrefixed(r.chooser, worldPrefix(n))
	}
	w := sim.NewWorld(config)
	r.worlds = append(r.worlds, w)
	steps := r.steps
	r.mu.Unlock()
	w.Observe(r.Observe)
	w.Every(scanEvery, func() { r.broken(r.judge.Scan()) })
	if steps {
		r.everyStep(w)
	}
	if follower, ok := r.chooser.(choice.Follower); ok {
		w.Every(1, follower.StepDone)
	}
	if covering, ok := r.chooser.(explore.Covering); ok {
		w.Cover(covering.Orders())
	}
	if r.watch != nil {
		w.Every(1, func() { r.watch(w) })
	}
	return w
}

// Hold has the run watch invariants from now on. Call it before the World runs: facts noted earlier are not
// told again.
func (r *Run) Hold(invariants ...Invariant) {
	r.judge.Add(invariants...)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.steps || !slices.ContainsFunc(invariants, isStepper) {
		return
	}
	r.steps = true
	for _, w := range r.worlds {
		r.everyStep(w)
	}
}

func (r *Run) everyStep(w *sim.World) { w.Every(1, func() { r.broken(r.judge.step()) }) }

// Observe takes a fact. Worlds do it by themselves; where real nodes run, whoever runs them calls it.
func (r *Run) Observe(o Observation) { r.broken(r.judge.Observe(o)) }

// Unreachable fails the run, which came to a place where none may come. The name says in words what must not
// happen ("two leaders in one term"); it is the failure's key, so it never changes. format says what is seen.
func (r *Run) Unreachable(name, format string, args ...any) {
	r.fail(&explore.Failure{Key: name, Invariant: true, Message: fmt.Sprintf(format, args...)})
}

// Reached counts that the run came to a state, or to a place of the program. A suite that names the state
// (simtest.Options.Sometimes) fails if no run did: what happens nowhere is not tested.
func (r *Run) Reached(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reached == nil {
		r.reached = make(map[string]uint64)
	}
	r.reached[name]++
}

// NewHistory returns an empty history stamped with the steps and times of the run's newest World.
func (r *Run) NewHistory() *History {
	return &History{now: func() trace.Stamp {
		r.mu.Lock()
		defer r.mu.Unlock()
		if w := r.newest(); w != nil {
			return trace.Stamp{World: len(r.worlds) - 1, Step: w.Step(), At: w.Now()}
		}
		return trace.Stamp{}
	}}
}

// Failed tells whether something broke.
func (r *Run) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.adopt()
	return r.failure != nil
}

// Draw returns one of the values, by a recorded choice; the first is the quiet one. It is for what a body
// decides before its World runs: sizes, shapes. The drawn value is shown with a failure, under its name.
func Draw[T any](r *Run, name string, values ...T) T {
	if len(values) == 0 {
		panic("check: Draw " + name + ": no values")
	}
	stream := choice.NewStream(choice.Config, "draw "+name)
	at := stream.Ask(r.chooser, len(values), nil)
	r.drew(choice.Choice{Kind: choice.Config, Stream: stream}, at, fmt.Sprintf("%s=%v", name, values[at]))
	r.Setting(name, values[at])
	return values[at]
}

// drew keeps a drawn value in words, as a World does of its own choices.
func (r *Run) drew(asked choice.Choice, answer int, text string) {
	if answer == 0 || r.keep == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drawn = append(r.drawn, trace.Choice{Key: asked.Key(), Answer: answer, Lane: "drawn", Text: text})
}

// Setting adds a value to what is shown of the run's configuration with a failure: for what a body derives
// from its draws.
func (r *Run) Setting(name string, value any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.settings = append(r.settings, explore.Setting{Name: name, Value: fmt.Sprint(value)})
}

// Helper marks the calling function as one that asserts for others: a failure in it is its caller's.
func (r *Run) Helper() {
	name := callerName(1)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.helpers == nil {
		r.helpers = make(map[string]bool)
	}
	r.helpers[name] = true
}

// Logf adds a line to the log of a run whose trace is kept.
func (r *Run) Logf(format string, args ...any) {
	if r.keep == 0 {
		return
	}
	line := trace.Event{Lane: "check", Kind: trace.Log, Text: fmt.Sprintf(format, args...)}
	r.mu.Lock()
	defer r.mu.Unlock()
	if w := r.newest(); w != nil {
		line.Step, line.At = w.Step(), w.Now()
	}
	if r.logged == nil {
		r.logged = make(map[int][]trace.Event)
	}
	r.logged[len(r.worlds)] = append(r.logged[len(r.worlds)], line)
}

// newest is the World that runs, or ran last, or nil. The caller holds the lock.
func (r *Run) newest() *sim.World {
	if len(r.worlds) == 0 {
		return nil
	}
	return r.worlds[len(r.worlds)-1]
}
