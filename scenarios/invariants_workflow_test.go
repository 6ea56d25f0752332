package scenarios

import (
	"testing"
	"time"

	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
	"github.com/windtunnel/windtunnel/sim/check"
)

func TestCancelAndEndHaveOneOutcome(t *testing.T) {
	running := became(protocol.JobSubmitted, protocol.JobRunning)
	ended := func(state protocol.JobState) fact.State { return became(protocol.JobRunning, state) }
	took := fact.CancelTaken{Job: "j1", Accepted: true}
	again := fact.CancelTaken{Job: "j1", Accepted: true, Again: true}
	late := fact.CancelTaken{Job: "j1"}
	told := func(accepted bool, state protocol.JobState) tale {
		return by("c1", 0, fact.CancelAnswered{Job: "j1", Accepted: accepted, State: state})
	}
	done, cancelled := ended(protocol.JobCompleted), ended(protocol.JobCancelled)
	tales{
		{"accepted, twice, and ended", []tale{by("g1", 0, accepted, running, took, again),
			told(true, protocol.JobRunning), by("g1", 0, cancelled, again)}, ""},
		{"too late", []tale{by("g1", 0, accepted, running, done, late),
			told(false, protocol.JobCompleted)}, ""},
		{"of a job that nobody knows", []tale{by("g1", 0, late)}, ""},
		{"completed all the same", []tale{by("g1", 0, accepted, running, took, done)},
			"became COMPLETED after its cancel"},
		{"accepted after the end", []tale{by("g1", 0, accepted, running, done, took)},
			"was accepted when it was COMPLETED"},
		{"turned away before the end", []tale{by("g1", 0, accepted, running, late)}, "comes too late"},
		{"turned away after it was accepted", []tale{by("g1", 0, accepted, running, took, late)},
			"comes too late"},
		{"again for the first time", []tale{by("g1", 0, accepted, running, again)}, "never before"},
		{"by itself", []tale{by("g1", 0, accepted, running, cancelled)}, "no cancel was accepted"},
		{"because its gate stops", []tale{
			by("g1", 0, accepted, running, fact.Leaving{Waits: "1 job"}, cancelled),
		}, ""},
		{"a client is promised what nobody decided", []tale{by("g1", 0, accepted, running),
			told(true, protocol.JobRunning)}, "the gate never accepted"},
		{"a client is told of another end", []tale{by("g1", 0, accepted, running, done, late),
			told(false, protocol.JobPartial)}, "had ended PARTIAL"},
		{"a client is told that it was too late", []tale{by("g1", 0, accepted, running, took),
			told(false, protocol.JobCompleted)}, "had ended COMPLETED"},
		{"a client learns another", []tale{by("g1", 0, accepted, running, took, cancelled),
			by("c1", 0, fact.Learned{Job: "j1", State: protocol.JobPartial})}, "that job j1 is PARTIAL"},
	}.test(t, newOneOutcome)
}

func TestCancelledJobEndsAndItsLoadStops(t *testing.T) {
	runs := at(1, "g1", accepted, became(protocol.JobSubmitted, protocol.JobRunning))
	cancel := at(2, "g1", fact.CancelTaken{Job: "j1", Accepted: true})
	ends := func(seconds float64) moment {
		return at(seconds, "g1", became(protocol.JobRunning, protocol.JobCancelled))
	}
	sends := func(seconds float64) moment {
		return at(seconds, "w-a1", &released{stream: aStream, n: 1})
	}
	plays{
		{"in time", []moment{runs, cancel, sends(4), ends(12), slept(60)}, ""},
		{"not in time", []moment{runs, cancel, slept(16)}, "after its cancel was accepted"},
		{"load goes on", []moment{runs, cancel, sends(4.2)}, "must stop within"},
	}.test(t, newOneOutcome)
}

func TestDependenciesComeFirst(t *testing.T) {
	moved := func(workflow string, states ...protocol.WorkflowState) tale {
		var all tale
		from := protocol.WorkflowPending
		for _, to := range states {
			move := fact.WorkflowMoved{Job: "j1", Workflow: workflow, From: from, To: to}
			all = append(all, by("g1", 0, move)...)
			from = to
		}
		return all
	}
	const (
		pending, dispatched = protocol.WorkflowPending, protocol.WorkflowDispatched
		running, completed  = protocol.WorkflowRunning, protocol.WorkflowCompleted
		failed, skipped     = protocol.WorkflowFailed, protocol.WorkflowSkipped
	)
	waits := by("g1", 0, fact.DependsOn{Job: "j1", Workflow: "wf", On: "first"},
		fact.DependsOn{Job: "j1", Workflow: "wf", On: "other"})
	opened := by("g1", 0, fact.Opened{Stream: aStream})
	first := moved("first", dispatched, running, completed)
	other := moved("other", dispatched, pending, dispatched, running, completed)
	version := func(version, digest uint64) fact.ContextMade {
		return fact.ContextMade{Job: "j1", Workflow: "first", Version: version, Digest: digest}
	}
	tales{
		{"one after the other", []tale{waits, first, other, moved("wf", dispatched), opened}, ""},
		{"opened before one is done", []tale{waits, first, moved("other", dispatched, running), opened},
			"was opened while other, which it waits for, was RUNNING"},
		{"dispatched before one has begun", []tale{waits, first, moved("wf", dispatched)},
			"became DISPATCHED while other, which it waits for, was PENDING"},
		{"started though one failed", []tale{waits, first, moved("other", failed), opened}, "was FAILED"},
		{"skipped as one failed", []tale{waits, first, moved("other", failed), moved("wf", skipped)}, ""},
		{"skipped for nothing", []tale{waits, first, moved("wf", skipped)}, "was skipped"},
		{"left its end", []tale{moved("first", failed, running)}, "went from FAILED to RUNNING"},
		{"ran before it was dispatched", []tale{moved("first", running)}, "went from PENDING to RUNNING"},
		{"came out of nowhere", []tale{by("g1", 0, fact.WorkflowMoved{Job: "j1", Workflow: "wf",
			From: running, To: completed})}, "it was PENDING"},
		{"a context grows", []tale{by("g1", 0, version(1, 7), version(2, 8), version(2, 8))}, ""},
		{"a version twice", []tale{by("g1", 0, version(1, 7), version(1, 8))}, "of different content"},
		{"a version falls", []tale{by("g1", 0, version(2, 7), version(1, 8))}, "comes after 2"},
	}.test(t, func(*Stage) check.Invariant { return newDependenciesFirst() })
}

func TestStartsBeginInTurn(t *testing.T) {
	waits := func(job string, priority uint32, order uint64, why string, dcs ...string) tale {
		return by("g1", 0, fact.StartQueued{Job: job, Workflow: "wf", Priority: priority, Order: order,
			Why: why, Datacenters: dcs})
	}
	begins := func(job string, priority uint32, order uint64, dcs ...string) tale {
		return by("g1", 0, fact.StartBegan{Job: job, Workflow: "wf", Priority: priority, Order: order,
			Datacenters: dcs})
	}
	ends := by("g1", 0, became(protocol.JobQueued, protocol.JobCancelled))
	take := func(job string, shared bool) tale {
		return by("g1", 0, fact.TargetTaken{Job: job, Target: "t", Shared: shared})
	}
	free := by("g1", 0, fact.TargetFreed{Job: "j1", Target: "t"})
	first := waits("j1", 0, 1, "turn", "dc-a", "dc-b")
	tales{
		{"in the order of acceptance", []tale{first, waits("j2", 0, 2, "turn", "dc-b"),
			begins("j1", 0, 1, "dc-a", "dc-b"), begins("j2", 0, 2, "dc-b")}, ""},
		{"the later one first", []tale{first, begins("j2", 0, 2, "dc-b")}, "waits for its turn"},
		{"the lesser one first", []tale{waits("j1", 5, 2, "turn", "dc-a"), begins("j2", 4, 1, "dc-a")},
			"waits for its turn"},
		{"the greater one first", []tale{first, begins("j2", 1, 2, "dc-b")}, ""},
		{"elsewhere", []tale{first, begins("j2", 0, 2, "dc-c")}, ""},
		{"past one that waits for a target", []tale{first, waits("j1", 0, 1, "target", "dc-a"),
			begins("j2", 0, 2, "dc-a")}, ""},
		{"past one that has ended", []tale{first, ends, begins("j2", 0, 2, "dc-a")}, ""},
		{"a target for two", []tale{take("j1", true), take("j2", true)}, ""},
		{"a target after another", []tale{take("j1", false), free, take("j2", false)}, ""},
		{"a target after the end of another", []tale{take("j1", false), ends, take("j2", false)}, ""},
		{"a target one does not share", []tale{take("j1", false), take("j2", true)}, "not both share it"},
	}.test(t, func(*Stage) check.Invariant { return newInTurn() })
}

func TestNodesThatAreAskedToStopGo(t *testing.T) {
	leaving := at(1, "w-a1", fact.Leaving{Waits: "1 attempt"})
	gone := moment{20 * time.Second, "w-a1", nil}
	plays{
		{"it goes", []moment{leaving, gone, slept(60)}, ""},
		{"it waits for nothing more", []moment{leaving, at(30, "w-a1", fact.Leaving{}), slept(60)}, ""},
		{"it stays", []moment{leaving, slept(60)}, "w-a1 is still there"},
	}.test(t, newLiveness)
}

func TestExtendedDeadlineIsWaitedFor(t *testing.T) {
	stream := stats.Stream{Job: "j1", Datacenter: "dc-a", Workflow: "wf", Attempt: 1}
	counted := fact.Applied{Stream: stream, N: 1, Delta: ok(1), Cumulative: ok(1)}
	runs := at(1, "g1", accepted, planned, counted)
	plays{
		{"though nothing was counted", []moment{
			at(1, "g1", accepted, planned), at(5, "g1", fact.Extended{Job: "j1", By: 30 * time.Second}),
		}, "nothing was counted"},
		{"as long as it was put off", []moment{
			runs, at(5, "g1", fact.Extended{Job: "j1", By: 30 * time.Second}), slept(70),
		}, ""},
		{"no longer", []moment{
			runs, at(5, "g1", fact.Extended{Job: "j1", By: 30 * time.Second}), slept(99),
		}, "is not terminal"},
	}.test(t, newLiveness)
}
