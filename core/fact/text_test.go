package fact

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

var stream = stats.Stream{Job: "j", Datacenter: "dc", Workflow: "wf", Shard: 2, Attempt: 1}

// texts is every fact, and what a person reads of it in a trace.
var texts = []struct {
	fact core.Event
	want string
}{
	{Accepted{Key: "k", Job: "j"}, "accepted j for key k"},
	{Accepted{Key: "k", Job: "j", Known: true}, "accepted j for key k, known"},
	{Planned{Job: "j", Arrivals: 9}, "job j plans 9 arrivals"},
	{State{Job: "j", From: protocol.JobQueued, To: protocol.JobDispatching}, "job j QUEUED -> DISPATCHING"},
	{StateRefused{Job: "j", From: protocol.JobFailed, To: protocol.JobRunning},
		"job j refused FAILED -> RUNNING"},
	{Level{Job: "j", To: backpressure.Reject}, "job j level NONE -> REJECT"},
	{PushStarted{Job: "j", Number: 3, Windows: 2, Periodic: true}, "push 3 of j with 2 windows"},
	{PushStarted{Job: "j", Number: 3, Windows: 2}, "push 3 of j with 2 windows, flush"},
	{PushFailed{Job: "j", Why: "too big"}, "push of j failed: too big"},
	{Pushed{Job: "j", Number: 3}, "logged push 3 of j"},
	{Opened{Stream: stream, Worker: "w"}, "opened j/dc/wf/2.1 for w"},
	{StreamClosed{Stream: stream, At: 7, Why: "dead"}, "closed j/dc/wf/2.1 at 7: dead"},
	{Applied{Stream: stream, N: 7, Window: -3}, "applied j/dc/wf/2.1 entry 7 window -3"},
	{Applied{Stream: stream, N: 7, Window: 3, Late: true, Unwindowed: true, Final: true,
		Lateness: time.Second},
		"applied j/dc/wf/2.1 entry 7 window 3, late, unwindowed, final"},
	{Merged{Job: "j"}, "merged statistics of j"},
	{StatusRead{Job: "j", Totals: stats.Counts{OK: 4}}, "read statistics of j: 4 arrivals"},
	{NotApplied{Stream: stream, N: 7, Why: "duplicate"}, "not applied j/dc/wf/2.1 entry 7: duplicate"},
	{RefusedCounted{Stream: stream}, "refused after the close of j/dc/wf/2.1 counted"},
	{WindowsEvicted{Job: "j", Count: 2, Through: 3}, "evicted 2 windows of j through 3"},
	{WindowTaken{Job: "j", Window: 3, Revision: 2, Taker: "push"}, "window 3 of j revision 2 taken by push"},
	{ResultIn{Job: "j", Workflow: "wf", Datacenter: "dc", Count: 2, Send: 3, Verdict: "new"},
		"result 2 of j/wf from dc sending 3: new"},
	{Aggregated{Job: "j", Workflow: "wf", Revision: 1, Datacenters: []string{"a", "b"}},
		"aggregate 1 of j/wf from a b"},
	{Aggregated{Job: "j", Workflow: "wf", Revision: 1}, "aggregate 1 of j/wf from no datacenter"},
	{Ended{Job: "j", State: protocol.JobPartial, Revision: 2}, "result of j revision 2 PARTIAL, incomplete"},
	{Ended{Job: "j", State: protocol.JobCompleted, Revision: 1, Balanced: true},
		"result of j revision 1 COMPLETED"},
	{Forgotten{Job: "j"}, "forgot j"},
	{Queue{Name: "relay", Len: 3, Bound: 4}, "queue relay 3/4"},
	{Allocated{Worker: "w", Job: "j", Shard: 2, Cores: 1, Of: 4}, "allocated 1 of 4 cores of w to j/2"},
	{Freed{Worker: "w", Job: "j", Cores: 1}, "freed 1 cores of w from j"},
	{WorkerHealth{Worker: "w", Health: "dead"}, "worker w is dead"},
	{Pressure{Gauge: "relay", Fill: 0.7, To: backpressure.Throttle}, "gauge relay at 70 % NONE -> THROTTLE"},
	{LoadAccepted{Stream: stream}, "accepted j/dc/wf/2.1"},
	{StopReached{Stream: stream, Why: "job STOPPED"}, "stop of j/dc/wf/2.1 reached the worker: job STOPPED"},
	{LoadEnded{Stream: stream, State: protocol.EndCutOff}, "ended j/dc/wf/2.1: CUT OFF"},
	{EntriesDropped{Stream: stream, Count: 3, Why: "old"}, "dropped 3 entries of j/dc/wf/2.1: old"},
	{Heartbeat{}, "heartbeat"},
	{Heartbeat{Answered: true}, "heartbeat answered"},
	{PushIn{Job: "j", Number: 3, Known: true}, "push 3 of j arrived, known"},
	{HandedOver{Job: "j", Subscription: "s", Number: 3}, "handed push 3 of j to s"},
	{CallbackEnded{Subscription: "s", Panicked: true}, "callback of s returned by panic"},
	{PushesDropped{Job: "j", Subscription: "s", From: 3, To: 4}, "dropped pushes 3-4 of j for s"},
	{Followed{Job: "j", After: 3}, "follows j after 3"},
	{CancelTaken{Job: "j", Accepted: true, Again: true}, "cancel of j accepted, again"},
	{CancelTaken{Job: "j"}, "cancel of j comes too late"},
	{CancelAnswered{Job: "j", Accepted: true}, "learnt that j will be CANCELLED"},
	{CancelAnswered{Job: "j", State: protocol.JobFailed}, "learnt that j had ended FAILED"},
	{WorkflowMoved{Job: "j", Workflow: "wf", From: protocol.WorkflowPending, To: protocol.WorkflowSkipped},
		"workflow j/wf PENDING -> SKIPPED"},
	{WorkflowRefused{Job: "j", Workflow: "wf", From: protocol.WorkflowFailed, To: protocol.WorkflowRunning},
		"workflow j/wf refused FAILED -> RUNNING"},
	{DependsOn{Job: "j", Workflow: "b", On: "a"}, "workflow j/b waits for a"},
	{ContextMade{Job: "j", Workflow: "a", Version: 2, Values: 3}, "context 2 of j has 3 values"},
	{StartQueued{Job: "j", Workflow: "wf", Place: 2, Why: "turn"}, "start of j/wf waits at place 2: turn"},
	{StartQueued{Job: "j", Workflow: "wf"}, "start of j/wf holds cores"},
	{StartDropped{Job: "j", Workflow: "wf"}, "start of j/wf is dropped"},
	{StartBegan{Job: "j", Workflow: "wf"}, "start of j/wf begins"},
	{TargetTaken{Job: "j", Target: "http://t", Shared: true}, "target http://t taken by j, shared"},
	{TargetFreed{Job: "j", Target: "http://t"}, "target http://t freed by j"},
	{Extended{Job: "j", By: time.Second}, "deadline of j put off by 1s"},
	{Stuck{Job: "j", Workflow: "wf"}, "workflow j/wf is stuck"},
	{Adopted{Job: "j", Attempts: 2}, "adopted j with 2 attempts"},
	{Displaced{Worker: "w"}, "worker w is displaced by another of its name"},
	{Leaving{}, "leaves"},
	{Leaving{Waits: "2 jobs"}, "leaving, waits for 2 jobs"},
}

func TestEveryFactHasItsText(t *testing.T) {
	for _, c := range texts {
		require.Equal(t, c.want, string(c.fact.AppendText(nil)), "%T", c.fact)
		require.Equal(t, "before "+c.want, string(c.fact.AppendText([]byte("before "))), "%T appends", c.fact)
	}
}

func TestAFactsTextNeedsNoMemoryOfItsOwn(t *testing.T) {
	room := make([]byte, 0, 256)
	for _, c := range texts {
		require.Zero(t, testing.AllocsPerRun(10, func() { c.fact.AppendText(room) }), "%T", c.fact)
	}
}

// A fact that pointed into a node's state would change after it was noted.
func TestFactsHoldNoPointers(t *testing.T) {
	for _, c := range texts {
		kind := reflect.TypeOf(c.fact)
		for i := range kind.NumField() {
			require.NotContains(t, []reflect.Kind{reflect.Pointer, reflect.Map, reflect.Func,
				reflect.Interface},
				kind.Field(i).Type.Kind(), "%v.%s", kind, kind.Field(i).Name)
		}
	}
}
