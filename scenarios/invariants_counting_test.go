package scenarios

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/load"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
)

// tale is a history made by hand: facts of nodes, and what engines did in between.
type tale []func(s *Stage, tell func(check.Observation))

// told has an invariant judge a tale, and returns what it objected to.
func told(t *testing.T, make func(*Stage) check.Invariant, parts ...tale) string {
	t.Helper()
	outcome := check.Execute(check.Settings{Name: "tale"}, func(r *check.Run) {
		s := newStage(r, Shape{}, nil)
		s.World = r.World(sim.Config{})
		r.Hold(make(s))
		for _, part := range parts {
			for _, step := range part {
				step(s, r.Observe)
			}
		}
	})
	if outcome.Failure == nil {
		return ""
	}
	require.True(t, outcome.Failure.Invariant, outcome.Failure.Message)
	return outcome.Failure.Message
}

// by is a node noting facts at a moment.
func by(node string, at time.Duration, events ...core.Event) tale {
	return tale{func(_ *Stage, tell func(check.Observation)) {
		for _, event := range events {
			tell(check.Observation{Node: node, At: at, Event: event})
		}
	}}
}

// engine is a worker's engine that executes n requests of a stream at a moment of its steady clock, which
// is the World's, each answered after a latency.
func engine(worker string, s stats.Stream, at time.Duration, n int, latency time.Duration) tale {
	return tale{func(stage *Stage, tell func(check.Observation)) {
		tap := &tap{stage: stage, worker: worker, silence: 15 * time.Second}
		sent := core.Instant(at)
		for range n {
			tap.change(s, func(e *Executed) { e.Released++ })
			tell(check.Observation{Node: worker, At: at, Event: &released{stream: s, n: 1, now: sent,
				silence: tap.silence}})
			tap.Executed(s, load.Sample{Planned: sent, Sent: sent, End: sent.Add(latency)})
		}
	}}
}

var (
	aStream = stats.Stream{Job: "j1", Datacenter: "dc-a", Workflow: "wf", Attempt: 1}
	ok      = func(n uint64) stats.Counts { return stats.Counts{OK: n} }
)

// entry is the gate counting entry n of aStream, with so many requests on top of those before.
func entry(n uint64, window int64, before, more uint64) fact.Applied {
	return fact.Applied{Stream: aStream, N: n, Window: window, Delta: ok(more), Cumulative: ok(before + more)}
}

func last(f fact.Applied) fact.Applied {
	f.Final = true
	return f
}

func taken(window int64, revision, n uint64) fact.WindowTaken {
	return fact.WindowTaken{Job: "j1", Window: window, Revision: revision, Counts: ok(n)}
}

func over(n uint64) fact.LoadEnded {
	return fact.LoadEnded{Stream: aStream, State: protocol.EndCompleted, Cumulative: ok(n)}
}

// tales are told to an invariant; an empty objection means that it holds.
type tales []struct {
	name   string
	story  []tale
	broken string
}

func (all tales) test(t *testing.T, make func(*Stage) check.Invariant) {
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			objection := told(t, make, c.story...)
			if c.broken == "" {
				require.Empty(t, objection)
				return
			}
			require.Contains(t, objection, c.broken)
		})
	}
}

func TestConservationComparesWithTheTap(t *testing.T) {
	result := func(total, refused, unknown, missing uint64) fact.Ended {
		return fact.Ended{
			Job: "j1", State: protocol.JobCompleted, Revision: 1, Totals: ok(total),
			Refused: refused, LostAtMost: unknown, Missing: missing,
		}
	}
	ten := engine("w1", aStream, 0, 10, time.Millisecond)
	closed := by("g1", 0, fact.StreamClosed{Stream: aStream, At: 1})
	dropped := fact.EntriesDropped{Stream: aStream, Count: 1, Why: droppedOld}
	tales{
		{"all is applied", []tale{ten, by("g1", 0, entry(1, 7, 0, 4)), by("w1", 0, over(10)),
			by("g1", 0, last(entry(2, 7, 4, 6)), taken(7, 1, 10), result(10, 0, 0, 0))}, ""},
		{"more is applied than was executed", []tale{ten, by("g1", 0, entry(1, 7, 0, 11))}, "executed was"},
		{"less is applied through the final entry", []tale{ten, by("g1", 0, last(entry(1, 7, 0, 9)))},
			"applied through its final entry"},
		{"a worker counts less than it did", []tale{ten, by("w1", 0, over(9))}, "its worker's final counts"},
		{"entries vanish at a worker that lives", []tale{ten, by("w1", 0, over(10),
			fact.Forgotten{Job: aStream.String()})}, "keeps nothing of it"},
		{"a worker that hands over keeps nothing", []tale{ten, by("g1", 0, entry(1, 7, 0, 10)), by("w1", 0,
			fact.LoadEnded{Stream: aStream, State: protocol.EndLeft, Cumulative: ok(10)},
			fact.Forgotten{Job: aStream.String()})}, ""},
		{"entries are dropped when their time is over", []tale{ten, by("w1", 0, over(10), dropped,
			fact.Forgotten{Job: aStream.String()})}, ""},
		{"entries are dropped while the gate wants them", []tale{ten, by("w1", 0,
			fact.EntriesDropped{Stream: aStream, Why: "the gate does not know it"})}, "still wanted"},
		{"refused is what was not applied", []tale{ten, by("g1", 0, entry(1, 7, 0, 4)), closed, by("g1", 0,
			fact.RefusedCounted{Stream: aStream, Cumulative: ok(10)}, taken(7, 1, 4), result(4, 6, 0, 0))},
			""},
		{"refused is less", []tale{ten, by("g1", 0, entry(1, 7, 0, 4)), closed, by("g1", 0,
			fact.RefusedCounted{Stream: aStream, Cumulative: ok(9)})}, "after its close"},
		{"a result bounds what is lost", []tale{ten, by("g1", 0, entry(1, 7, 0, 4)), closed,
			by("g1", 0, taken(7, 1, 4), result(4, 0, 6, 0))}, ""},
		{"a result bounds it too low", []tale{ten, by("g1", 0, entry(1, 7, 0, 4)), closed,
			by("g1", 0, taken(7, 1, 4), result(4, 0, 5, 0))}, "released 10"},
		{"a result names refused that never were", []tale{ten, by("g1", 0, entry(1, 7, 0, 4)), closed,
			by("g1", 0, taken(7, 1, 4), result(4, 7, 5, 0))}, "refused 7"},
		{"a window lacks an entry", []tale{ten, by("g1", 0, entry(1, 7, 0, 4), entry(2, 7, 4, 6),
			taken(7, 1, 6))},
			"applied to it was"},
		{"a result lacks an entry", []tale{ten, by("g1", 0, entry(1, 7, 0, 4), taken(7, 1, 4),
			result(3, 0, 0, 0))},
			"applied was"},
		{"windows and unwindowed lack an entry", []tale{ten, by("g1", 0, entry(1, 7, 0, 4),
			result(4, 0, 0, 6))},
			"its windows and unwindowed are"},
		{"what came after the end is never published", []tale{ten, by("g1", 0, result(0, 0, 0, 10),
			fact.Applied{Stream: aStream, N: 1, Unwindowed: true, Final: true, Delta: ok(10),
				Cumulative: ok(10)},
			fact.ResultIn{Job: "j1", Workflow: "wf", Datacenter: "dc-a"})}, "all datacenters are whole"},
	}.test(t, func(s *Stage) check.Invariant { return newConservation(s) })
}

func TestOnceTakesOnlyTheNextEntry(t *testing.T) {
	opened := fact.Opened{Stream: aStream}
	tales{
		{"in order", []tale{by("g1", 0, opened, entry(1, 7, 0, 4), last(entry(2, 7, 4, 1)))}, ""},
		{"twice", []tale{by("g1", 0, opened, entry(1, 7, 0, 4), entry(1, 7, 0, 4))}, "applied again"},
		{"past a hole", []tale{by("g1", 0, opened, entry(1, 7, 0, 4), entry(3, 7, 4, 1))}, "2 was the next"},
		{"not on top", []tale{by("g1", 0, opened, entry(1, 7, 0, 4), entry(2, 7, 3, 1))},
			"with it there are"},
		{"never opened", []tale{by("g1", 0, entry(1, 7, 0, 4))}, "nobody opened"},
		{"after the close", []tale{by("g1", 0, opened, fact.StreamClosed{Stream: aStream},
			entry(1, 7, 0, 4))},
			"after the stream was closed"},
		{"closed elsewhere", []tale{by("g1", 0, opened, fact.StreamClosed{Stream: aStream, At: 2})},
			"applied through 0"},
		{"after the final one", []tale{by("g1", 0, opened, last(entry(1, 7, 0, 4)), entry(2, 7, 4, 1))},
			"after the final one"},
		{"a window taken twice", []tale{by("g1", 0,
			fact.WindowTaken{Job: "j", Window: 7, Revision: 1, Taker: "push"},
			fact.WindowTaken{Job: "j", Window: 7, Revision: 1, Taker: "flush"})},
			"went to the flush, and 1 is taken already"},
	}.test(t, func(*Stage) check.Invariant { return newOnce() })
}

func TestReaderOfStatisticsSeesWholeMerges(t *testing.T) {
	merged, read := fact.Merged{Job: "j1"}, func(n uint64) fact.StatusRead {
		return fact.StatusRead{Job: "j1", Totals: ok(n)}
	}
	two := by("g1", 0, entry(1, 7, 0, 4), entry(2, 7, 4, 6), merged)
	tales{
		{"before and after", []tale{by("g1", 0, read(0)), two, by("g1", 0, read(10))}, ""},
		{"half of a merge", []tale{two, by("g1", 0, read(4))}, "no order of the"},
		{"an older state", []tale{two, by("g1", 0, read(0))}, "no order of the"},
	}.test(t, func(s *Stage) check.Invariant { return newWholeSnapshots(s) })
}

func TestLateEntryIsCountedAndReachesTheClient(t *testing.T) {
	late := entry(2, 7, 4, 6)
	late.Late, late.Lateness = true, time.Second
	result := func(late uint64) fact.Ended { return fact.Ended{Job: "j1", Revision: 1, Late: late} }
	first := by("g1", 0, entry(1, 7, 0, 4), taken(7, 1, 4))
	evicted := func(through int64) fact.WindowsEvicted {
		return fact.WindowsEvicted{Job: "j1", Count: 1, Through: through}
	}
	tales{
		{"the next revision has it", []tale{first, by("g1", 0, late, taken(7, 2, 10), result(1))}, ""},
		{"it is not called late", []tale{first, by("g1", 0, entry(2, 7, 4, 6))}, "not called late"},
		{"it is not counted", []tale{first, by("g1", 0, late, taken(7, 2, 10), result(0))}, "there were 1"},
		{"no revision has it", []tale{first, by("g1", 0, late, result(1))}, "has changed since"},
		{"its window was evicted", []tale{first, by("g1", 0, late, evicted(7), result(1))}, ""},
		{"an older one was", []tale{first, by("g1", 0, late, evicted(6), result(1))}, "has changed since"},
		{"a revision is left out", []tale{first, by("g1", 0, late, taken(7, 3, 10))}, "revision 3 after 1"},
	}.test(t, func(s *Stage) check.Invariant { return newLateIsLoud(s) })
}
