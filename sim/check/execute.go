package check

import (
	"context"
	"fmt"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strings"

	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// LabelScenario is the profiler label (runtime/pprof) that every goroutine of a run carries; its value is
// the scenario's name. Goroutines inherit it, so one that outlives its run can be told from anybody else's.
const LabelScenario = "windtunnel.scenario"

// Settings says how a body is run.
type Settings struct {
	Name    string         // the scenario's
	Chooser choice.Chooser // answers all of the run's questions; nil means seed 0's
	Keep    int            // events and log lines to keep: 0 none, n the last n, trace.All every one
	Stacks  bool           // as sim.Config has it
	Spare   *sim.Spare     // what Worlds leave for the next; nil: nothing
	// Watch, if set, is called after every step of every World, once more when it has ended well, and in the
	// middle of the step in which the run fails an assertion or invariant. It may look at the World and fail
	// it, and must change nothing else.
	Watch func(w *sim.World)
}

// Scenario makes a body into what campaigns and replays run.
func Scenario(name string, body func(*Run)) explore.Scenario {
	return explore.Scenario{Name: name, Body: func(chooser choice.Chooser, keep bool) explore.Outcome {
		settings := Settings{Name: name, Chooser: chooser}
		if keep {
			settings.Keep = trace.All
		}
		return Execute(settings, body)
	}}
}

// Repeated is Scenario for runs one after another, whose Worlds use the memory and the coroutines of those
// before them. end must be called after the last.
func Repeated(name string, body func(*Run)) (scenario explore.Scenario, end func()) {
	spare := new(sim.Spare)
	return explore.Scenario{Name: name, Body: func(chooser choice.Chooser, keep bool) explore.Outcome {
		settings := Settings{Name: name, Chooser: chooser, Spare: spare}
		if keep {
			settings.Keep = trace.All
		}
		return Execute(settings, body)
	}}, spare.Close
}

// Execute runs body once, on a goroutine of its own, and returns what came of it. It waits for the body.
func Execute(s Settings, body func(*Run)) explore.Outcome {
	if s.Chooser == nil {
		s.Chooser = choice.NewSeeded(0)
	}
	r := &Run{
		name: s.Name, chooser: s.Chooser, keep: s.Keep, stacks: s.Stacks, watch: s.Watch, spare: s.Spare,
		judge: NewJudge(),
	}
	done := make(chan struct{})
	go func() { // FailNow ends the goroutine of the body, and must not end the caller's
		defer close(done)
		pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels(LabelScenario, s.Name)))
		r.guard(body)
	}()
	<-done
	r.conclude()
	return r.outcome()
}

// guard turns a panic of the body, and an end of its goroutine that is not the Run's doing, into failures.
func (r *Run) guard(body func(*Run)) {
	returned := false
	defer func() {
		if returned {
			return
		}
		if p := recover(); p != nil {
			frames := panicFrames(string(debug.Stack()))
			where := panicSite(frames)
			r.fail(&explore.Failure{
				Key: where.key, Function: where.function, Message: fmt.Sprintf("panic: %v", p),
				Stack: stackText(frames),
			})
			return
		}
		r.fail(&explore.Failure{
			Key: "body ended",
			Message: "the body was ended by runtime.Goexit; " +
				"did it call FailNow of the test around it instead of its Run's?",
		})
	}()
	body(r)
	returned = true
}

// conclude asks the invariants for what must have happened by now, unless something broke.
func (r *Run) conclude() {
	if !r.Failed() {
		r.broken(r.judge.End())
	}
	for _, w := range r.worlds {
		if w.Step() == 0 && len(w.Nodes()) > 0 {
			r.fail(&explore.Failure{
				Key: "never run", Message: "the body made a World with nodes and did not run it",
			})
		}
	}
}

func (r *Run) outcome() explore.Outcome {
	eventually := r.judge.eventually()
	r.mu.Lock()
	defer r.mu.Unlock()
	o := explore.Outcome{
		Failure: r.failure, Config: r.settings, Choices: slices.Clone(r.drawn),
		Judged: r.judged, Eventually: eventually,
		Unknown: slices.Compact(slices.Sorted(slices.Values(r.unknown))),
	}
	for name, times := range r.reached {
		o.Reached = append(o.Reached, explore.Count{Name: name, Times: times})
	}
	slices.SortFunc(o.Reached, func(a, b explore.Count) int { return strings.Compare(a.Name, b.Name) })
	o.Watermarks = r.highest()
	o.Rare = r.branches()
	var faults [sim.FaultKindCount]explore.Fault
	for i, w := range r.worlds {
		for kind, c := range w.FaultCounts() {
			faults[kind].Injected += uint64(c.Injected)
			faults[kind].Biting += uint64(c.Biting)
		}
		if i == 0 {
			o.Hash = w.Hash()
		} else {
			o.Hash = choice.Mix(o.Hash, w.Hash())
		}
		o.Steps += w.Step()
		o.Virtual += w.Now()
		o.Choices = append(o.Choices, named(w.Choices(), i)...)
		o.Trace = append(o.Trace, merge(w.Trace(), r.logged[i+1])...)
	}
	o.Trace = append(r.logged[0], o.Trace...)
	for kind, f := range faults {
		if f.Injected > 0 {
			f.Kind = sim.FaultKind(kind).String()
			o.Faults = append(o.Faults, f)
		}
	}
	return o
}

// branches are the points of all Worlds at which rare branches may be taken: each once.
func (r *Run) branches() []explore.Branch {
	var all []explore.Branch
	for _, w := range r.worlds {
		for _, asked := range w.RareBranches() {
			at := slices.IndexFunc(all, func(b explore.Branch) bool { return b.Point == asked.Point })
			if at < 0 {
				at = len(all)
				all = append(all, explore.Branch{Point: asked.Point, Asked: 1})
			}
			if asked.Taken {
				all[at].Taken = 1
			}
		}
	}
	slices.SortFunc(all, func(a, b explore.Branch) int { return strings.Compare(a.Point, b.Point) })
	return all
}

// merge puts the run's own log lines among the events of their steps.
func merge(events, lines []trace.Event) []trace.Event {
	if len(lines) == 0 {
		return events
	}
	all := slices.Concat(events, lines)
	slices.SortStableFunc(all, func(a, b trace.Event) int {
		switch {
		case a.Step < b.Step:
			return -1
		case a.Step > b.Step:
			return 1
		}
		return 0
	})
	return all
}
