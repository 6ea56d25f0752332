package scenarios

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/sim/check"
)

func became(from, to protocol.JobState) fact.State { return fact.State{Job: "j1", From: from, To: to} }

var (
	accepted  = fact.Accepted{Key: "k1", Job: "j1"}
	forgotten = fact.Forgotten{Job: "j1"}
	completed = became(protocol.JobSubmitted, protocol.JobCompleted)
)

func TestTerminalIsTerminalHoldsAJobToOneEnd(t *testing.T) {
	ended := func(state protocol.JobState, revision uint64) fact.Ended {
		return fact.Ended{Job: "j1", State: state, Revision: revision}
	}
	learnt := func(state protocol.JobState, revision uint64) tale {
		return by("c1", 0, fact.Learned{Job: "j1", State: state, Revision: revision})
	}
	done, timeout := protocol.JobCompleted, protocol.JobTimeout
	tales{
		{"ends once", []tale{
			by("g1", 0, accepted, completed, ended(done, 1), ended(done, 2)), learnt(done, 2),
		}, ""},
		{"leaves its end", []tale{
			by("g1", 0, accepted, completed, became(done, timeout)),
		}, "was COMPLETED and became TIMEOUT"},
		{"jumps", []tale{by("g1", 0, accepted, became(protocol.JobRunning, done))}, "but it was SUBMITTED"},
		{"result before the end", []tale{by("g1", 0, accepted, ended(done, 1))}, "the job is SUBMITTED"},
		{"result of another end", []tale{
			by("g1", 0, accepted, completed, ended(timeout, 1)),
		}, "says TIMEOUT"},
		{"a revision twice", []tale{
			by("g1", 0, accepted, completed, ended(done, 1), ended(done, 1)),
		}, "revision 1 after 1"},
		{"a client learns another", []tale{
			by("g1", 0, accepted, completed, ended(done, 1)), learnt(timeout, 1),
		}, "learnt"},
	}.test(t, func(*Stage) check.Invariant { return newTerminalIsTerminal() })
}

func TestOneKeyOneJobRemembers(t *testing.T) {
	known := fact.Accepted{Key: "k1", Job: "j1", Known: true}
	second := fact.Accepted{Key: "k1", Job: "j2"}
	tales{
		{"recognised, then forgotten", []tale{
			by("g1", 0, accepted, known, forgotten), by("g1", 3*time.Second, second),
		}, ""},
		{"another job recognised", []tale{
			by("g1", 0, accepted, fact.Accepted{Key: "k1", Job: "j2", Known: true}),
		}, `it names job "j1"`},
		{"a second job", []tale{by("g1", 0, accepted, second)}, "while it names job j1"},
		{"a second job too early", []tale{
			by("g1", 0, accepted, forgotten), by("g1", time.Second, second),
		}, "remembered for"},
		{"a gate that boots again remembers nothing", []tale{
			by("g1", 0, accepted), bornAgain("g1", second),
		}, ""},
		{"two keys for one job", []tale{
			by("g1", 0, accepted, fact.Accepted{Key: "k2", Job: "j1"}),
		}, "which key k1 had made"},
	}.test(t, newOneKeyOneJob)
}

func TestDuplicatesAreSeenHasAModelOfItsOwn(t *testing.T) {
	result := func(count, send, digest uint64, verdict string) fact.ResultIn {
		return fact.ResultIn{
			Job: "j1", Workflow: "wf", Datacenter: "dc-a", Token: 1, Incarnation: 1,
			Count: count, Send: send, Digest: digest, Verdict: verdict,
		}
	}
	ended := func(duplicates, conflicts uint64) fact.Ended {
		return fact.Ended{Job: "j1", Duplicates: duplicates, Conflicts: conflicts}
	}
	tales{
		{"each for what it is", []tale{by("g1", 0, result(1, 1, 7, "new"), result(1, 2, 7, "duplicate"),
			result(1, 2, 7, "network"), result(2, 3, 8, "changed"), result(1, 1, 7, "superseded"),
			result(2, 3, 9, "conflict"), result(2, 4, 8, "conflict"), ended(2, 2))}, ""},
		{"the last wins", []tale{
			by("g1", 0, result(2, 1, 7, "new"), result(1, 2, 7, "changed")),
		}, `it is "superseded"`},
		{"identical taken as new", []tale{by("g1", 0, result(1, 1, 7, "new"), result(1, 2, 7, "changed"))},
			`it is "duplicate"`},
		{"contradiction overlooked", []tale{
			by("g1", 0, result(1, 1, 7, "new"), result(1, 2, 8, "duplicate")),
		}, `it is "conflict"`},
		{"not counted", []tale{
			by("g1", 0, result(1, 1, 7, "new"), result(1, 2, 7, "duplicate"), ended(0, 0)),
		}, "there were 1 and 0"},
	}.test(t, func(*Stage) check.Invariant { return newDuplicatesAreSeen() })
}

func TestAggregateOnceLosesNoDatacenter(t *testing.T) {
	aggregate := func(revision uint64, datacenters ...string) fact.Aggregated {
		return fact.Aggregated{Job: "j1", Workflow: "wf", Revision: revision, Datacenters: datacenters}
	}
	result := func(datacenter string) fact.ResultIn {
		return fact.ResultIn{Job: "j1", Workflow: "wf", Datacenter: datacenter, Verdict: "new"}
	}
	inB := aStream
	inB.Datacenter = "dc-b"
	opened := by("g1", 0, accepted, fact.Opened{Stream: aStream}, fact.Opened{Stream: inB})
	wholeA := by("g1", 0, result("dc-a"), last(entry(1, 7, 0, 4)))
	wholeB := by("g1", 0, result("dc-b"), fact.StreamClosed{Stream: inB})
	first := by("g1", 0, aggregate(1, "dc-a"), completed)
	tales{
		{"one, and a revision", []tale{
			opened, wholeA, first, wholeB, by("g1", 0, aggregate(2, "dc-a", "dc-b"), forgotten),
		}, ""},
		{"twice the first", []tale{
			opened, wholeA, by("g1", 0, aggregate(1, "dc-a"), aggregate(1, "dc-a")),
		}, "comes after 1"},
		{"a revision before the end", []tale{opened, wholeA, wholeB,
			by("g1", 0, aggregate(1, "dc-a"), aggregate(2, "dc-a", "dc-b"))}, "revisions after it"},
		{"a revision with nothing new", []tale{
			opened, wholeA, first, by("g1", 0, aggregate(2, "dc-a")),
		}, "brings no datacenter"},
		{"one lost again", []tale{
			opened, wholeA, wholeB, first, by("g1", 0, aggregate(2, "dc-b")),
		}, "has lost"},
		{"one that is not whole", []tale{
			opened, by("g1", 0, result("dc-a"), aggregate(1, "dc-a")),
		}, "not whole"},
		{"a late one forgotten", []tale{
			opened, wholeA, first, wholeB, by("g1", 0, forgotten),
		}, "in no aggregate"},
	}.test(t, func(*Stage) check.Invariant { return newAggregateOnce() })
}

var planned = fact.Planned{Job: "j1", Deadline: 10 * time.Second, ResultWait: 5 * time.Second}

func TestNoResidueLooksAtEveryNode(t *testing.T) {
	stream := aStream.String()
	ran := at(1, "w-a1", fact.LoadAccepted{Stream: aStream}, fact.LoadEnded{Stream: aStream})
	plays{
		{"all forget", []moment{
			at(1, "g1", accepted, planned, completed), ran, at(2, "m-a", fact.EndReached{Job: "j1"}),
			at(3, "g1", forgotten), at(4, "m-a", forgotten), at(5, "w-a1", fact.Forgotten{Job: stream}),
			slept(60),
		}, ""},
		{"the gate keeps it", []moment{
			at(1, "g1", accepted, planned, completed), slept(9),
		}, "g1 still keeps j1"},
		{"a manager keeps it", []moment{
			at(1, "g1", planned), at(2, "m-a", fact.EndReached{Job: "j1"}), slept(10),
		}, "m-a still keeps j1"},
		{"a manager is never told, and never gives up", []moment{
			at(1, "g1", planned), at(2, "m-a", fact.Allocated{Job: "j1"}), slept(60),
		}, "m-a still keeps j1"},
		{"a worker keeps it", []moment{at(1, "g1", planned), ran, slept(9)}, "w-a1 still keeps " + stream},
		{"a task stays", []moment{
			at(1, "g1", accepted, planned, completed), at(2, "g1", forgotten),
			lingering(3, "g1", "job/j1/end/m-a"), slept(9),
		}, "task job/j1/end/m-a lives"},
		{"a session's task stays", []moment{
			at(1, "c1", fact.Followed{Job: "j1"}), lingering(1, "c1", "session/j1"),
			at(2, "c1", fact.Unfollowed{Job: "j1"}), slept(9),
		}, "task session/j1 lives"},
		{"a successor's task stays", []moment{
			at(1, "g1", planned), at(1, "m-a", fact.EndReached{Job: "j1"}), at(2, "m-a", forgotten),
			lingering(3, "m-a", "next/j1/wf/0"), slept(9),
		}, "task next/j1/wf/0 lives"},
		{"another job's task stays", []moment{
			at(1, "g1", accepted, planned, completed), at(2, "g1", forgotten),
			lingering(3, "g1", "job/j11"), slept(9),
		}, ""},
		{"a worker that is silent is told to stop", []moment{
			at(1, "g1", planned), at(1, "m-a", fact.EndReached{Job: "j1"}), at(2, "m-a", forgotten),
			lingering(3, "m-a", "stop/j1/w-a1"), slept(20),
		}, ""},
		{"one that was given up is told still", []moment{
			at(1, "g1", planned), at(1, "m-a", fact.EndReached{Job: "j1"}), at(2, "m-a", forgotten),
			lingering(3, "m-a", "stop/j1/w-a1"), slept(45),
		}, "task stop/j1/w-a1 lives"},
	}.test(t, func(s *Stage) check.Invariant {
		s.silent(20 * time.Second)
		return newNoResidue(s)
	})
}

func TestLivenessWaitsForEndsAndForThoseWhoFollow(t *testing.T) {
	follows := at(1.5, "c1", fact.Followed{Job: "j1"})
	runs := at(1, "g1", accepted, planned)
	ends := at(10, "g1", completed)
	plays{
		{"ended and learnt", []moment{
			runs, follows, ends, at(11, "c1", fact.Learned{Job: "j1"}), slept(99),
		}, ""},
		{"a client that went", []moment{
			runs, follows, ends, at(11, "c1", fact.Unfollowed{Job: "j1"}), slept(99),
		}, ""},
		{"never terminal", []moment{runs, slept(60)}, "is not terminal"},
		{"gone with its gate", []moment{runs, follows, {5 * time.Second, "g1", nil},
			at(6, "c1", fact.NotFinished{Job: "j1"}), slept(99)}, ""},
		{"never learnt", []moment{runs, follows, ends, slept(60)}, "c1 has not learnt the end"},
		{"unknown while it runs", []moment{
			runs, follows, at(2, "c1", fact.NotFinished{Job: "j1"}),
		}, "which runs"},
		{"forgotten before it was told", []moment{
			runs, follows, at(40, "g1", completed), at(41, "c1", fact.NotFinished{Job: "j1"}),
		}, "it never learnt"},
	}.test(t, newLiveness)
}

// Managers give a job up that nobody ended at its deadline. That is right only where the gate could not.
func TestOneOutcomeLetsManagersEndWhatTheirGateCannot(t *testing.T) {
	moments := []moment{
		at(1, gateName, accepted, fact.Planned{Job: "j1", Deadline: 3 * time.Second},
			became(protocol.JobSubmitted, protocol.JobRunning)),
		at(3.5, "w-a1", fact.StopReached{Stream: stats.Stream{Job: "j1"}}),
	}
	late := []moment{moments[0], at(6, "w-a1", fact.StopReached{Stream: stats.Stream{Job: "j1"}})}
	paused := func(s *Stage) check.Invariant {
		s.World.After(2*time.Second, "pause", func() { s.World.Node(gateName).Pause() })
		return newOneOutcome(s)
	}
	require.Empty(t, played(t, paused, late...))
	require.Contains(t, played(t, paused, moments...), "is over, which runs", "before the deadline")
	require.Contains(t, played(t, newOneOutcome, late...), "is over, which runs", "the gate was there")
}
