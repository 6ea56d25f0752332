package doctor

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// repeated is what the runs of one seed came to.
type repeated struct {
	here      []uint64 // hashes, in order
	one, same []uint64 // in two new processes
	other     []uint64 // in a new process with other settings

	first explore.Outcome // here
	next  explore.Outcome // of those here with another trace, the one that differs from the first earliest
	at    int             // where; -1: there is none
}

// repeat runs the seed everywhere.
func (c Case) repeat(ctx context.Context) (*repeated, error) {
	r := &repeated{at: -1}
	// Both equal processes are told the number of cores: what is in the environment is the same for both.
	own := []string{fmt.Sprintf("GOMAXPROCS=%d", runtime.GOMAXPROCS(0))}
	for _, process := range []struct {
		hashes   *[]uint64
		settings []string
	}{{&r.one, own}, {&r.same, own}, {&r.other, explore.OtherRuntime()}} {
		answers, err := c.request(Times, false).Ask(ctx, c.Args, process.settings)
		if err != nil {
			return nil, fmt.Errorf("doctor: %w", err)
		}
		for _, answer := range answers {
			*process.hashes = append(*process.hashes, answer.Hash)
		}
	}
	for range Times {
		r.add(c.run(nil))
		if ctx.Err() != nil {
			return nil, fmt.Errorf("doctor: %w", ctx.Err())
		}
	}
	return r, nil
}

func (c Case) request(times int, keep bool) explore.TwinRequest {
	return explore.TwinRequest{
		Scenario: c.Name, Strategy: c.Strategy.Name, Keep: keep,
		Seeds: slices.Repeat([]uint64{c.Seed}, times),
	}
}

// run is one run here, with its trace and the stacks.
func (c Case) run(watch func(*sim.World)) explore.Outcome {
	return check.Execute(check.Settings{
		Name: c.Name, Chooser: c.Strategy.New(c.Seed), Keep: trace.All, Stacks: true, Watch: watch,
	}, c.Body)
}

func (r *repeated) add(outcome explore.Outcome) {
	r.here = append(r.here, outcome.Hash)
	if len(r.here) == 1 {
		r.first = outcome
		return
	}
	at, _, _ := explore.FirstDifference(r.first.Trace, outcome.Trace)
	if at >= 0 && (r.at < 0 || at < r.at) {
		r.at, r.next = at, outcome
	}
}

func (r *repeated) all() [][]uint64 { return [][]uint64{r.here, r.one, r.same, r.other} }

// agree tells whether all runs had one trace.
func (r *repeated) agree() bool { return distinct(slices.Concat(r.all()...)) == 1 }

// within tells whether runs of one process differ.
func (r *repeated) within() bool {
	return slices.ContainsFunc(r.all(), func(hashes []uint64) bool { return distinct(hashes) > 1 })
}

// carriesOver tells whether a run depends on how many there were before it in its process.
func (r *repeated) carriesOver() bool { return distinct(r.one) > 1 && slices.Equal(r.one, r.same) }

func distinct(hashes []uint64) int { return len(slices.Compact(slices.Sorted(slices.Values(hashes)))) }

// evidence says in words which runs agree.
func (r *repeated) evidence() []string {
	switch {
	case r.carriesOver():
		return []string{fmt.Sprintf("%d runs in a new process had %d traces, and in another one the same "+
			"in the same order: something is carried over from run to run", Times, distinct(r.one))}
	case r.within():
		most := 0
		for _, hashes := range r.all() {
			most = max(most, distinct(hashes))
		}
		how := "few, as where an order varies"
		if most == Times {
			how = "a new one each time, as with a clock or a random number"
		}
		return []string{fmt.Sprintf("%d runs in one process had up to %d traces: %s", Times, most, how)}
	case slices.Equal(r.one, r.same) && !slices.Equal(r.one, r.other):
		return []string{"runs of a process agree, and those of equal processes; " +
			"one with other GOMAXPROCS and GOGC differs"}
	}
	return []string{"runs of a process agree, and another process differs: something is read, drawn or " +
		"allocated once, when it starts"}
}

// locate finds the first event that differs, and the stack there.
func (c Case) locate(ctx context.Context, r *repeated, d *Diagnosis) error {
	v := &d.Divergence
	a, b := r.first.Trace, r.next.Trace
	v.First, v.Second, v.Where = r.first.Hash, r.next.Hash, "run again in this process"
	if r.at < 0 {
		theirs, err := c.elsewhere(ctx, r)
		if err != nil {
			return err
		}
		v.Where = "in another process"
		if len(theirs) > 1 {
			a, v.First, v.Where = theirs[0].Events, theirs[0].Hash, "run again in its process"
		}
		last := theirs[len(theirs)-1]
		b, v.Second = last.Events, last.Hash
	}
	v.Event, v.FirstEvent, v.SecondEvent = explore.FirstDifference(a, b)
	if v.Event < 0 {
		return nil
	}
	// Up to that event the runs are one, so that the stack of any of them is that of all.
	for _, run := range [][]trace.Event{a, b, r.first.Trace} {
		if own := events(run); v.Event < len(own) && len(own[v.Event].Stack) > 0 {
			d.Stack = once(check.Places(own[v.Event].Stack))
			return nil
		}
	}
	return nil
}

// once leaves out what stood there before: a task that schedules itself has been on its own stack.
func once(stack []check.Place) []check.Place {
	var kept []check.Place
	for _, place := range stack {
		if !slices.Contains(kept, place) {
			kept = append(kept, place)
		}
	}
	return kept
}

// elsewhere has runs of another process with their events: the last differs from the first, or, where there
// is one only, from those here.
func (c Case) elsewhere(ctx context.Context, r *repeated) ([]explore.TwinAnswer, error) {
	request, settings := c.request(1, true), explore.OtherRuntime()
	for i, hash := range r.one {
		if hash != r.one[0] {
			request = c.request(i+1, true)
			break
		}
	}
	if len(request.Seeds) > 1 || r.one[0] != r.here[0] {
		settings = nil
	}
	answers, err := request.Ask(ctx, c.Args, settings)
	if err != nil {
		return nil, fmt.Errorf("doctor: %w", err)
	}
	return answers, nil
}
