package load

import (
	"context"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/stats"
)

// Engine runs load. It is a seam: Scripted plays it in virtual time, package load/http sends it with
// net/http. One engine runs any number of assignments at once.
type Engine interface {
	// Run executes one attempt of a shard and returns when nothing of it is in flight any more and every
	// sample is recorded; the recorder is not called afterwards. It returns
	//
	//	nil           every arrival of the plan was let go or counted as not started
	//	a *FieldError the assignment cannot be run; nothing was sent
	//	a.Gate's      the gate refused: no request was let go after that
	//	ctx's cause   ctx ended: no request was let go after that
	//	other         the engine failed; what was recorded until then counts
	//
	// In the two cases of being stopped, requests in flight have a.Drain left; what then still has no answer
	// is recorded as Unknown. Arrivals that were not let go are the plan's beyond the recorded position: the
	// caller knows why they were not.
	Run(ctx context.Context, env core.Env, a Assignment, to Recorder) error
}

// The bounds of an assignment.
const (
	DefaultMaxInFlight = 1_000
	MaxInFlight        = 100_000
	MaxDrain           = time.Minute
)

// Assignment is one attempt of a shard.
type Assignment struct {
	Stream stats.Stream // who it is, for taps and logs
	Plan   Plan         // the shard's part
	Target Target
	// Start is when the attempt starts, on this node's steady clock: the plan's instant From. Arrivals that
	// have come due since are let go at once, and their lag recorded.
	Start core.Instant
	// MaxInFlight bounds the requests that are sent and unanswered; an arrival that would exceed it is not
	// started, and never waits. 0: DefaultMaxInFlight; at most MaxInFlight.
	MaxInFlight int
	// Drain is how long a stopped attempt waits for its answers; at most MaxDrain. 0: not at all.
	Drain time.Duration
	// Gate is asked in the step that lets requests go, before each burst; an error stops the attempt. It is
	// called by one task and must not wait. An engine that sleeps until its next arrival does not ask: to
	// have an attempt end in time, and not only to have it send nothing, end its context. nil: never
	// refuses.
	Gate func() error
	// From is how far the plan is at Start, as time and as arrivals that had come due before: they are not
	// this attempt's. 0 in a first attempt.
	From time.Duration
	// Provided is told, once for each name in Target.Provide, what an answer provided. It may be called from
	// any number of goroutines and does not wait. nil: nobody wants to know.
	Provided func(Value)
}

// Pacer returns a pacer at the first arrival that is this attempt's.
func (a Assignment) Pacer() *Pacer {
	p := NewPacer(a.Plan, a.Start.Add(-a.From))
	p.Skip(a.Plan.Before(a.From))
	return p
}

// Validate returns a *FieldError that names the first field out of bounds.
func (a Assignment) Validate() error {
	if err := a.Plan.Validate(); err != nil {
		return err
	}
	if err := a.Target.Validate(); err != nil {
		return err
	}
	if a.MaxInFlight < 0 || a.MaxInFlight > MaxInFlight {
		return invalid("max_in_flight", a.MaxInFlight, "0 (1000) to 100000")
	}
	if a.Drain < 0 || a.Drain > MaxDrain {
		return invalid("drain", a.Drain, "0 to 1m")
	}
	if a.From < 0 || a.From > MaxDuration {
		return invalid("from", a.From, "0 to 720h")
	}
	return nil
}

// InFlight is MaxInFlight with its default filled in.
func (a Assignment) InFlight() int {
	if a.MaxInFlight == 0 {
		return DefaultMaxInFlight
	}
	return a.MaxInFlight
}

// MayRelease is nil while requests may be let go: ctx lives and the gate does not refuse. An engine asks in
// the step in which it lets a burst go.
func (a Assignment) MayRelease(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if a.Gate == nil {
		return nil
	}
	return a.Gate()
}
