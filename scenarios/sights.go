package scenarios

import (
	"strings"

	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/sim/check"
)

// sights counts the sometimes-states that facts alone tell. A suite that never comes to one of them
// proves little about what it is there for. And it sets the watermarks, which show how far runs go. It judges
// nothing.
type sights struct {
	run      *check.Run
	failed   string // the job whose push failed last
	taken    table[windowTaker, bool]
	terminal table[string, bool]
	rejected table[string, bool]  // by job: the level was REJECT since its last periodic push
	suspects table[string, bool]  // by worker
	open     table[shareKey, int] // streams without a final entry
	life     lifeSights
}

func newSights(r *check.Run) *sights { return &sights{run: r, life: lifeSights{run: r}} }

type windowTaker struct{ job, taker string }

func shareOf(s stats.Stream) shareKey { return shareKey{s.Job, s.Workflow, s.Datacenter} }

// Name implements check.Invariant.
func (v *sights) Name() string { return "sights" }

// End implements check.Invariant.
func (v *sights) End() error { return nil }

// Observe implements check.Invariant.
func (v *sights) Observe(o check.Observation) error {
	switch f := o.Event.(type) {
	case fact.PushFailed:
		v.failed = f.Job
		v.run.Reached("a push failed")
	case fact.PushHeld:
		v.run.Watermark("windows that REJECT held back", int64(f.Windows))
	case fact.PushStarted:
		v.pushStarted(f)
	case fact.WindowTaken:
		*v.taken.of(windowTaker{f.Job, f.Taker}) = true
		v.when(f.Taker == "flush" && v.taken.find(windowTaker{f.Job, "push"}) != nil,
			"push and flush both took windows of a job")
		v.when(f.Revision > 1, "a window was taken again, revised")
	case fact.Level:
		*v.rejected.of(f.Job) = *v.rejected.of(f.Job) || f.To == backpressure.Reject
		v.when(f.To == backpressure.Reject, "the level rose to REJECT")
		v.when(f.From == backpressure.Reject, "the level fell from REJECT")
	case fact.Accepted:
		v.when(f.Known, "a key was known")
	case fact.State:
		*v.terminal.of(f.Job) = f.To.Terminal()
		v.run.Reached("a job was " + f.To.String())
	case fact.Opened:
		*v.open.of(shareOf(f.Stream))++
		v.run.Watermark("attempts of a shard", int64(f.Stream.Attempt))
		v.life.observe(o)
	case fact.Applied:
		v.applied(f)
	case fact.NotApplied:
		v.notApplied(f)
	case fact.Queue:
		v.run.Watermark("refused by a full queue", int64(f.Refused))
	case fact.ResultIn:
		v.resultIn(f)
	case fact.Aggregated:
		v.when(f.Revision > 1, "an aggregate was revised")
	case fact.Ended:
		v.when(f.Revision > 1, "a result was revised")
	case fact.StreamClosed:
		*v.open.of(shareOf(f.Stream))--
		v.run.Reached("a stream was closed")
	case fact.RefusedCounted:
		v.run.Reached("refused load was counted")
	default:
		v.farFromTheGate(o)
		v.life.observe(o)
	}
	return nil
}

// farFromTheGate is what managers, workers and clients note.
func (v *sights) farFromTheGate(o check.Observation) {
	switch f := o.Event.(type) {
	case fact.WorkerHealth:
		suspect := v.suspects.of(f.Worker)
		v.when(f.Health == "live" && *suspect, "a suspected worker came back")
		v.when(f.Health == "dead", "a worker was thought dead")
		*suspect = f.Health == "suspected"
	case fact.LoadEnded:
		v.when(f.State == protocol.EndCutOff, "a worker that was cut off stopped by itself")
	case fact.PushIn:
		v.when(f.Known, "a push came twice")
	case fact.CallbackEnded:
		v.when(f.Panicked, "a callback panicked")
	case fact.PushesDropped:
		v.run.Reached("a stuck subscription's pushes were dropped")
	}
}

func (v *sights) when(reached bool, name string) {
	if reached {
		v.run.Reached(name)
	}
}

func (v *sights) pushStarted(f fact.PushStarted) {
	if !f.Periodic {
		return
	}
	v.when(v.failed != "" && v.failed != f.Job, "another job was pushed after one had failed")
	v.when(*v.rejected.of(f.Job), "held windows were pushed after REJECT")
	*v.rejected.of(f.Job) = false
}

func (v *sights) applied(f fact.Applied) {
	if f.Final {
		*v.open.of(shareOf(f.Stream))--
	}
	if f.Lateness > 0 {
		v.run.Watermark("lateness of an entry, ms", f.Lateness.Milliseconds())
	}
	over := *v.terminal.of(f.Stream.Job)
	v.when(over, "an entry was applied after the end")
	v.when(f.Late && !over, "an entry was late")
	v.when(f.Unwindowed && !over && f.Lateness > 0, "an entry was too old for its window")
	v.when(f.Unwindowed && !over && f.Lateness == 0, "an entry was too far ahead")
}

func (v *sights) notApplied(f fact.NotApplied) {
	switch {
	case f.Why == "duplicate":
		v.run.Reached("an entry came twice")
	case f.Why == "gap":
		v.run.Reached("an entry came before its turn")
	case strings.Contains(f.Why, "never opened"):
		v.run.Reached("an entry of an unknown stream was refused")
	case strings.Contains(f.Why, "'s, not "):
		v.run.Reached("an entry of a foreign worker was refused")
	case strings.Contains(f.Why, "was closed at"):
		v.run.Reached("an entry came after its stream was closed")
	default:
		v.run.Reached("a malformed entry was refused")
	}
}

func (v *sights) resultIn(f fact.ResultIn) {
	v.when(*v.terminal.of(f.Job), "a result came after the end")
	open := v.open.of(shareKey{f.Job, f.Workflow, f.Datacenter})
	v.when(*open > 0, "a result came before its last entries")
	switch f.Verdict {
	case "duplicate":
		v.run.Reached("a result was sent twice")
	case "network":
		v.run.Reached("a result was duplicated on its way")
	case "conflict":
		v.run.Reached("two results conflicted")
	}
}
