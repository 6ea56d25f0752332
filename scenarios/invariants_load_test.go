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
		{"opened beside one that is not closed", []tale{begun, by("g1", 0, fact.Opened{Stream: stats.Stream{
			Job: "j1", Datacenter: "dc-a", Workflow: "wf", Attempt: 2}})}, "was not closed"},
	}.test(t, func(s *Stage) check.Invariant { return newNoStrayLoad(s) })
}

// nextAttempt is another worker running the shard's next attempt.
func nextAttempt(at time.Duration) tale {
	next := aStream
	next.Attempt = 2
	return slices.Concat(by("g1", 0, fact.StreamClosed{Stream: aStream}, fact.Opened{Stream: next}),
		by("w2", 0, fact.LoadAccepted{Stream: next}), engine("w2", next, at, 1, 0))
}

// bornAgain is a node noting facts after it was booted again.
func bornAgain(node string, events ...core.Event) tale {
	return tale{func(_ *Stage, tell func(check.Observation)) {
		for _, event := range events {
			tell(check.Observation{Node: node, Incarnation: 1, Event: event})
		}
	}}
}

func TestNextAttemptDoesNotCatchUpInABurst(t *testing.T) {
	second, next := aStream, 4*time.Second
	second.Attempt = 2
	story := func(inFirstSecond int) []tale {
		return []tale{
			{func(s *Stage, _ func(check.Observation)) {
				*s.plans.of(workflowKey{"j1", "wf"}) = 10 * time.Second
			}},
			by("g1", 0, fact.Opened{Stream: aStream}),
			by("w1", 0, fact.LoadAccepted{Stream: aStream, Planned: 100}),
			by("g1", next, fact.StreamClosed{Stream: aStream}, fact.Opened{Stream: second}),
			by("w2", next, fact.LoadAccepted{Stream: second, Planned: 60}),
			engine("w2", second, next, inFirstSecond, 0),
			engine("w2", second, next+1500*time.Millisecond, 50, 0),
		}
	}
	tales{ // of 10 a second: 20 in two seconds, and 10 to spare
		{"steady", story(30), ""},
		{"a burst", story(31), "in its first"},
	}.test(t, func(s *Stage) check.Invariant { return newNoStrayLoad(s) })
}

func TestCoresAreGivenOnce(t *testing.T) {
	give := func(job string, cores uint32) fact.Allocated {
		return fact.Allocated{Worker: "w1", Job: job, Workflow: "wf", Cores: cores, Of: 4}
	}
	back := func(job string, cores uint32) fact.Freed {
		return fact.Freed{Worker: "w1", Job: job, Workflow: "wf", Cores: cores}
	}
	adopted := func(job string, cores uint32) fact.Allocated {
		f := give(job, cores)
		f.Of = 0
		return f
	}
	press := func(fill float64, from, to backpressure.Level) fact.Pressure {
		return fact.Pressure{Gauge: "relay", Fill: fill, From: from, To: to}
	}
	tales{
		{"given and taken back", []tale{by("m-a", 0, give("j1", 4), back("j1", 4), give("j2", 4))}, ""},
		{"two share a core", []tale{by("m-a", 0, give("j1", 3), give("j2", 2))}, "5 of 4"},
		{"a manager boots again and adopts", []tale{by("m-a", 0, give("j1", 4)),
			bornAgain("m-a", adopted("j1", 3), adopted("j2", 1), back("j1", 3), give("j3", 3))}, ""},
		{"a manager adopts and gives too much", []tale{
			bornAgain("m-a", adopted("j1", 3), give("j2", 2))}, "5 of 4"},
		{"a manager forgets a job that holds cores", []tale{by("m-a", 0, give("j1", 3), forgotten)},
			"holds 3 cores"},
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
	leaves := func(state protocol.EndState, sent, cutOff uint64) tale {
		f := fact.LoadEnded{Stream: aStream, State: state, Cumulative: ok(sent), Rest: true}
		f.Cumulative.NotSent[stats.CutOff] = cutOff
		return by("w1", 0, f)
	}
	rest := func(sent uint64) tale { return leaves(protocol.EndCutOff, sent, 0) }
	tales{
		{"all was sent", []tale{accepted, end(protocol.EndCompleted, 10, 0, 0)}, ""},
		{"the generator was saturated", []tale{accepted, end(protocol.EndCompleted, 8, stats.NotStarted,
			2)}, ""},
		{"the worker was cut off", []tale{accepted, rest(8)}, ""},
		{"it was, and accounts for the rest as well", []tale{accepted,
			end(protocol.EndCutOff, 8, stats.CutOff, 2)}, "left nothing"},
		{"it was, with nothing to leave", []tale{accepted, rest(10)}, "10 were planned"},
		{"some are missing", []tale{accepted, end(protocol.EndCompleted, 8, 0, 0)}, "10 were planned"},
		{"the rest is left to another", []tale{accepted, leaves(protocol.EndLeft, 8, 0)}, ""},
		{"more than was planned before it left", []tale{accepted, end(protocol.EndLeft, 12, 0, 0)},
			"10 were planned"},
		{"left and yet cut off", []tale{accepted, leaves(protocol.EndLeft, 8, 1)}, "cut_off"},
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
