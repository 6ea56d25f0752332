package load

import (
	"context"
	"fmt"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/stats"
)

// ScriptedConfig configures a Scripted engine.
type ScriptedConfig struct {
	Script Script
	// Step is how often a run wakes: it then executes, in one step, all that was due since. 1 ms to 1 s; 0:
	// 50 ms. What a sample says is exact all the same, but it is recorded up to one Step after its End.
	Step time.Duration
	// Tap is told what is executed, in the step that executes it. nil: nobody.
	Tap Tap
}

// Tap is the truth about load: it sees what a scripted engine does, not what the system says of it. Each
// method is called in the step in which the thing happens, before the recorder is.
type Tap interface {
	// Released: n > 0 requests hit the target at now.
	Released(s stats.Stream, n int, now core.Instant)
	// NotStarted: n > 0 arrivals found too many requests in flight.
	NotStarted(s stats.Stream, n int)
	// Executed: a released request ended.
	Executed(s stats.Stream, sample Sample)
}

// Scripted is the engine of simulations: it plays requests against a Script in virtual time, in batches
// rather than with a timer each. All chance comes from the node's Rand.
type Scripted struct{ config ScriptedConfig }

// NewScripted returns an engine, or a *FieldError.
func NewScripted(config ScriptedConfig) (*Scripted, error) {
	if config.Step == 0 {
		config.Step = 50 * time.Millisecond
	}
	if config.Step < time.Millisecond || config.Step > time.Second {
		return nil, invalid("step", config.Step, "0 (50ms), or 1ms to 1s")
	}
	if err := config.Script.validate(); err != nil {
		return nil, err
	}
	return &Scripted{config: config}, nil
}

// Run implements Engine.
func (e *Scripted) Run(ctx context.Context, env core.Env, a Assignment, to Recorder) error {
	if err := a.Validate(); err != nil {
		return err
	}
	r := &play{
		ScriptedConfig: e.config, env: env, a: a, to: to,
		pacer: a.Pacer(), began: a.Start.Add(-a.From), awake: -1 << 63,
	}
	for {
		now := env.Now()
		if err := r.mayGoOn(ctx); err != nil {
			r.drain(now)
			return r.result(err)
		}
		r.release(now)
		r.land(now)
		next, ok := r.next()
		if !ok {
			return nil
		}
		wait := max(r.Step, next.Sub(now))
		r.awake = now.Add(wait)
		_ = env.Sleep(ctx, wait) // an ended context is noticed above
	}
}

// play is one run of a scripted engine.
type play struct {
	ScriptedConfig
	env    core.Env
	a      Assignment
	to     Recorder
	pacer  *Pacer
	began  core.Instant // the plan's instant 0
	flying flight
	told   bool // what its answers provide
	taken  uint64
	awake  core.Instant // when the task meant to be awake: for what was due later it was late
}

// mayGoOn asks for leave to release; once nothing is left to release, the gate has no say.
func (r *play) mayGoOn(ctx context.Context) error {
	switch {
	case r.broken():
		return ErrBroken
	case r.pacer.Finished():
		return context.Cause(ctx)
	}
	return r.a.MayRelease(ctx)
}

// release lets go what is due. What was due while the task slept as it meant to counts as sent when it was
// planned: the step is this engine's, not the generator's. What was due while it was late (the node was
// paused or slow) is sent now.
func (r *play) release(now core.Instant) {
	for range r.pacer.Due(now) {
		if r.broken() {
			return
		}
		planned := r.pacer.Take()
		sent := planned
		if planned > r.awake {
			sent = now
		}
		r.land(sent)
		r.misbehave()
		if len(r.flying) >= r.a.InFlight() {
			if r.Tap != nil {
				r.Tap.NotStarted(r.a.Stream, 1)
			}
			r.to.NotStarted(1)
			continue
		}
		if r.Tap != nil {
			r.Tap.Released(r.a.Stream, 1, now)
		}
		r.to.Released(1)
		r.flying.push(r.Script.play(r.env.Rand(), r.began, planned, sent, r.a.Target.Timeout))
	}
}

// land records what ended by now.
func (r *play) land(now core.Instant) {
	for len(r.flying) > 0 && r.flying[0].End <= now {
		r.done(r.flying.pop())
	}
}

func (r *play) done(s Sample) {
	if r.Tap != nil {
		r.Tap.Executed(r.a.Stream, s)
	}
	r.to.Done(s)
	if s.Outcome == stats.OK && !r.told {
		r.told = true
		r.provide()
	}
}

// provide tells values that name who provided them.
func (r *play) provide() {
	if r.a.Provided == nil {
		return
	}
	for _, p := range r.a.Target.Provide {
		s := r.a.Stream
		r.a.Provided(Value{p.Name, fmt.Sprintf("%s-of-%s-%d-%d", p.Name, s.Datacenter, s.Shard, s.Attempt)})
	}
}

// next is when something happens again, an arrival or an end; not ok: nothing will.
func (r *play) next() (at core.Instant, ok bool) {
	if len(r.flying) > 0 {
		at, ok = r.flying[0].End, true
	}
	if !r.pacer.Finished() && (!ok || r.pacer.At() < at) {
		at, ok = r.pacer.At(), true
	}
	return at, ok
}

// broken says that the engine is to fail now.
func (r *play) broken() bool { return r.Script.BreakAt > 0 && r.taken >= r.Script.BreakAt }

// result is nil for a run that was stopped with nothing left to release.
func (r *play) result(stopped error) error {
	if r.pacer.Finished() && !r.broken() {
		return nil
	}
	return stopped
}

// drain gives what is in flight its time, under no context: the one that stopped the run has ended.
func (r *play) drain(now core.Instant) {
	until := now.Add(r.a.Drain)
	for r.land(now); len(r.flying) > 0 && now < until; now = r.env.Now() {
		wait := min(max(r.Step, r.flying[0].End.Sub(now)), until.Sub(now))
		_ = r.env.Sleep(context.Background(), wait)
		r.land(min(r.env.Now(), until))
	}
	for len(r.flying) > 0 {
		s := r.flying.pop()
		s.End, s.Outcome, s.Status = now, stats.Unknown, 0
		r.done(s)
	}
}

// misbehave is what an engine must not do and a worker must survive.
func (r *play) misbehave() {
	r.taken++
	if r.taken == r.Script.PanicAt {
		panic(fmt.Sprintf("scripted engine: panics at arrival %d, as told", r.taken))
	}
	for r.taken == r.Script.HangAt {
		_ = r.env.Sleep(context.Background(), core.Forever)
	}
}
