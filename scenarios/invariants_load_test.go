package scenarios

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/sim/check"
)

func TestNoLoadOutsideItsTimeAndPlace(t *testing.T) {
	sends := func(worker string, at time.Duration) tale { return engine(worker, aStream, at, 1, 0) }
	opened := by("g1", 0, fact.Opened{Stream: aStream})
	accepted := fact.LoadAccepted{Stream: aStream, Worker: "w1"}
	begun := slices.Concat(opened, by("w1", 0, accepted))
	heard := func(at time.Duration) tale {
		return by("w1", at, fact.Heartbeat{At: core.Instant(at)}, fact.Heartbeat{Answered: true,
			At: core.Instant(at)})
	}
	second := time.Second
	tales{
		{"accepted and answered", []tale{begun, sends("w1", second), heard(10 * second), sends("w1",
			24*second)}, ""},
		{"not accepted", []tale{opened, sends("w1", second)}, "never accepted"},
		{"not opened", []tale{by("w1", 0, accepted)}, "nobody opened"},
		{"accepted twice", []tale{begun, by("w1", 0, accepted)}, "had accepted before"},
		{"another worker", []tale{begun, sends("w2", second)}, "which w1~0 runs"},
		{"cut off", []tale{begun, heard(10 * second), sends("w1", 25*second)}, "nobody answered it for 15s"},
		{"cut off from the start", []tale{begun, sends("w1", 15*second)}, "nobody answered it"},
		{"counts from the answer", []tale{begun, by("w1", second, fact.Heartbeat{At: 1},
			fact.Heartbeat{Answered: true, At: 2})}, "was sent at 1"},
		{"soon after a stop", []tale{begun, by("w1", 3*second, fact.StopReached{Stream: aStream}),
			sends("w1", 5*second)}, ""},
		{"long after a stop", []tale{begun, by("w1", 3*second, fact.StopReached{Stream: aStream}),
			sends("w1", 6*second)}, "after its stop"},
		{"long after the job's end", []tale{begun, by("w1", 3*second,
			fact.StopReached{Stream: stats.Stream{Job: "j1"}}), sends("w1", 6*second)},
			"after the end of its job"},
		{"beside its next attempt", []tale{begun, nextAttempt(second), sends("w1", 2*second)},
			"beside its attempt 2"},
	}.test(t, func(s *Stage) check.Invariant { return newNoStrayLoad(s) })
}

// nextAttempt is another worker running the shard's next attempt.
func nextAttempt(at time.Duration) tale {
	next := aStream
	next.Attempt = 2
	return append(append(by("g1", 0, fact.Opened{Stream: next}), by("w2", 0,
		fact.LoadAccepted{Stream: next})...),
		engine("w2", next, at, 1, 0)...)
}

func TestCoresAreGivenOnce(t *testing.T) {
	give := func(job string, cores uint32) fact.Allocated {
		return fact.Allocated{Worker: "w1", Job: job, Workflow: "wf", Cores: cores, Of: 4}
	}
	back := func(job string, cores uint32) fact.Freed {
		return fact.Freed{Worker: "w1", Job: job, Workflow: "wf", Cores: cores}
	}
	press := func(fill float64, from, to backpressure.Level) fact.Pressure {
		return fact.Pressure{Gauge: "relay", Fill: fill, From: from, To: to}
	}
	tales{
		{"given and taken back", []tale{by("m-a", 0, give("j1", 4), back("j1", 4), give("j2", 4))}, ""},
		{"two share a core", []tale{by("m-a", 0, give("j1", 3), give("j2", 2))}, "5 of 4"},
		{"one shard twice", []tale{by("m-a", 0, give("j1", 1), give("j1", 1))}, "twice"},
		{"taken back twice", []tale{by("m-a", 0, give("j1", 1), back("j1", 1), back("j1", 1))}, "holds 0"},
		{"a queue over its bound", []tale{by("g1", 0, fact.Queue{Name: "q", Len: 5, Bound: 4})},
			"its bound is 4"},
		{"levels as the fill asks", []tale{by("m-a", 0, press(0.9, backpressure.None, backpressure.Batch),
			press(0.7, backpressure.Batch, backpressure.Throttle))}, ""},
		{"a level too low", []tale{by("m-a", 0, press(0.96, backpressure.None, backpressure.Batch))},
			"must be REJECT"},
		{"a level that flaps", []tale{by("m-a", 0, press(0.9, backpressure.None, backpressure.Batch),
			press(0.8, backpressure.Batch, backpressure.Throttle))}, "must be BATCH"},
		{"a level out of nowhere", []tale{by("g1", 0,
			fact.Level{Job: "j1", From: backpressure.Reject, To: backpressure.None})}, "it was NONE"},
	}.test(t, func(s *Stage) check.Invariant { return newCapacity(s) })
}

func TestShortfallNamesItsReason(t *testing.T) {
	accepted := by("w1", 0, fact.LoadAccepted{Stream: aStream, Planned: 10})
	end := func(state protocol.EndState, sent uint64, reason stats.Reason, not uint64) tale {
		f := fact.LoadEnded{Stream: aStream, State: state, Cumulative: ok(sent)}
		f.Cumulative.NotSent[reason] = not
		return by("w1", 0, f)
	}
	rest := func(sent uint64) tale {
		return by("w1", 0, fact.LoadEnded{
			Stream: aStream, State: protocol.EndCutOff, Cumulative: ok(sent), Rest: true,
		})
	}
	tales{
		{"all was sent", []tale{accepted, end(protocol.EndCompleted, 10, 0, 0)}, ""},
		{"the generator was saturated", []tale{accepted, end(protocol.EndCompleted, 8, stats.NotStarted,
			2)}, ""},
		{"the worker was cut off", []tale{accepted, rest(8)}, ""},
		{"it was, and accounts for the rest as well", []tale{accepted,
			end(protocol.EndCutOff, 8, stats.CutOff, 2)}, "left nothing"},
		{"it was, with nothing to leave", []tale{accepted, rest(10)}, "10 were planned"},
		{"some are missing", []tale{accepted, end(protocol.EndCompleted, 8, 0, 0)}, "10 were planned"},
		{"completed and yet cut off", []tale{accepted, end(protocol.EndCompleted, 8, stats.CutOff, 2)},
			"cut_off"},
	}.test(t, func(s *Stage) check.Invariant { return newHonestQuantiles(s) })
}

func TestSketchIsComparedWithEverySample(t *testing.T) {
	var sketch stats.Sketch
	var truth []time.Duration
	for i := range 1000 {
		d := time.Duration(i+1) * time.Millisecond
		sketch.Add(d)
		truth = append(truth, d)
	}
	assert.NoError(t, honest(&sketch, truth))
	assert.ErrorContains(t, honest(&sketch, truth[1:]), "stands for 999")
	truth[989] = 970 * time.Millisecond // at the 99th percentile
	assert.ErrorContains(t, honest(&sketch, truth), "quantile 0.99")
}
