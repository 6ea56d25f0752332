package explore

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// Moments asks which moments of a failing run decided: it replays the run up to a step, goes on by fresh
// seeds from there, and counts how many of these continuations fail in the same way. Where that share jumps,
// something was decided. The zero value is what a person waits for.
type Moments struct {
	Continuations int // from each step; zero: 20
	Runs          int // the most in all; zero: 600
	Parallel      int // at once; zero: one a core
}

// Moment is a step that decided.
type Moment struct {
	Step          uint64        // as in the trace
	At            time.Duration // when it happened
	Before, After int           // continuations that fail from just before the step, and from just behind it
	Of            int
}

// A jump is at least smallestJump of jumpOf continuations. What rises by less in one step rises by chance, or
// by and by.
const (
	smallestJump = 2
	jumpOf       = 5
)

// Decided returns the steps at which the share of failing continuations rises by two fifths or more, in
// order. There are none when the run fails whatever happens, when it had more than one World, whose steps
// have no common count, and when ctx or the bound ended the search before it found one.
func (m Moments) Decided(ctx context.Context, body Body, file File, outcome Outcome) []Moment {
	if m.Continuations <= 0 {
		m.Continuations = 20
	}
	if m.Runs <= 0 {
		m.Runs = 600
	}
	if m.Parallel <= 0 {
		m.Parallel = runtime.GOMAXPROCS(0)
	}
	times := timesOfSteps(outcome)
	if times == nil {
		return nil
	}
	s := &momentSearch{Moments: m, ctx: ctx, body: body, file: file, times: times, known: map[uint64]int{}}
	last := uint64(len(times) - 1)
	s.between(0, last)
	slices.SortFunc(s.found, func(a, b Moment) int { return int(a.Step) - int(b.Step) })
	return s.found
}

// momentSearch halves the steps of a run.
type momentSearch struct {
	Moments
	ctx   context.Context
	body  Body
	file  File
	times []time.Duration // by step
	known map[uint64]int  // continuations that fail from behind a step
	runs  int
	found []Moment
}

// between looks for jumps behind step low and up to step high.
func (s *momentSearch) between(low, high uint64) {
	before, okBefore := s.failing(low)
	after, okAfter := s.failing(high)
	if !okBefore || !okAfter || (after-before)*jumpOf < s.Continuations*smallestJump {
		return
	}
	if high-low <= 1 {
		s.found = append(s.found, Moment{
			Step: high, At: s.times[high], Before: before, After: after, Of: s.Continuations,
		})
		return
	}
	middle := low + (high-low)/2
	s.between(low, middle)
	s.between(middle, high)
}

// failing counts the continuations that fail from behind a step; false when a bound is met.
func (s *momentSearch) failing(step uint64) (count int, ok bool) {
	if count, ok := s.known[step]; ok {
		return count, true
	}
	if s.runs+s.Continuations > s.Runs || s.ctx.Err() != nil {
		return 0, false
	}
	s.runs += s.Continuations
	var failed, next atomic.Int64
	var running sync.WaitGroup
	for range s.Parallel {
		running.Go(func() {
			for i := int(next.Add(1)) - 1; i < s.Continuations; i = int(next.Add(1)) - 1 {
				fresh := choice.NewSeeded(SeedAt(s.file.Seed, i+1))
				o := s.body(newPrefix(s.file.Choices, step, fresh), false)
				if o.Failure != nil && o.Failure.Key == s.file.Failure.Key {
					failed.Add(1)
				}
			}
		})
	}
	running.Wait()
	s.known[step] = int(failed.Load())
	return s.known[step], true
}

// prefix replays choices up to the end of a step, and goes on by another chooser.
type prefix struct {
	recorded, fresh choice.Chooser
	until, done     uint64
}

var _ choice.Follower = (*prefix)(nil)

func newPrefix(choices Choices, until uint64, fresh choice.Chooser) *prefix {
	return &prefix{recorded: choice.NewReplayer(choices, nil), fresh: fresh, until: until}
}

// StepDone counts steps.
func (p *prefix) StepDone() { p.done++ }

// Choose answers from the recorded choices while the step that asks is one of theirs. What is asked before
// the first step belongs to it.
func (p *prefix) Choose(c choice.Choice) int {
	if p.done < p.until {
		return p.recorded.Choose(c)
	}
	return p.fresh.Choose(c)
}

// timesOfSteps tells when each step happened, of a run with one World; nil otherwise.
func timesOfSteps(o Outcome) []time.Duration {
	times := []time.Duration{0}
	for _, e := range o.Trace {
		switch last := uint64(len(times) - 1); {
		case e.ID == 0:
			continue
		case e.Step < last:
			return nil
		default:
			for uint64(len(times)-1) < e.Step {
				times = append(times, e.At)
			}
		}
	}
	if len(times) == 1 {
		return nil
	}
	return times
}
