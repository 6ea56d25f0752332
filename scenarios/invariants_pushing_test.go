package scenarios

import (
	"testing"
	"time"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/sim/check"
)

func TestNoPushUnderRejectJudgesByTheLevelInForce(t *testing.T) {
	rises := fact.Level{Job: "j1", From: backpressure.None, To: backpressure.Reject}
	falls := fact.Level{Job: "j1", From: backpressure.Reject, To: backpressure.None}
	held := fact.PushHeld{Job: "j1", Windows: 2}
	push := fact.PushStarted{Job: "j1", Number: 3, Windows: 2, Periodic: true}
	flush := fact.PushStarted{Job: "j1", Number: 3, Windows: 2}
	few := fact.PushStarted{Job: "j1", Number: 3, Windows: 1, Periodic: true}
	evicted := fact.WindowsEvicted{Job: "j1", Count: 1, Through: 7}
	plays{
		{"held, and out when it falls", []moment{
			at(1, "g1", rises, held), at(3, "g1", falls), at(3.4, "g1", push),
		}, ""},
		{"the last flush is never held", []moment{at(1, "g1", rises, flush)}, ""},
		{"pushed under REJECT", []moment{at(1, "g1", rises), at(1.1, "g1", push)}, "started under REJECT"},
		{"held without need", []moment{at(1, "g1", held)}, "only REJECT holds"},
		{"another level than the last", []moment{at(1, "g1", falls)}, "but it was NONE"},
		{"not all goes out", []moment{at(1, "g1", rises, held, falls, few)}, "2 were held"},
		{"one of two was evicted", []moment{at(1, "g1", rises, held, falls, evicted, few)}, ""},
		{"out too late", []moment{at(1, "g1", rises, held, falls), at(2, "g1", push)}, "are not out after"},
		{"never out", []moment{at(1, "g1", rises, held, falls), slept(2)}, "are not out after"},
		{"risen again in time", []moment{
			at(1, "g1", rises, held, falls), at(1.2, "g1", rises), slept(3),
		}, ""},
		{"closed, and never out", []moment{
			at(1, "g1", fact.PushListed{Job: "j1"}), slept(2),
		}, "are not out after"},
	}.test(t, newNoPushUnderReject)
}

func TestClientOrderHoldsEveryPartyToTheGatesNumbers(t *testing.T) {
	said := func(n, digest uint64) fact.Pushed {
		return fact.Pushed{Job: "j1", Number: n, Digest: digest, Windows: 1, Status: true, Totals: ok(n)}
	}
	came := func(n, digest uint64) fact.PushIn {
		return fact.PushIn{Job: "j1", From: n, Number: n, Digest: digest}
	}
	three := by("g1", 0, said(1, 11), said(2, 12), said(3, 13))
	status := by("g1", 0, fact.Pushed{Job: "j1", Number: 4, Digest: 14})
	follows := by("c1", 0, fact.Followed{Job: "j1"}, fact.Subscribed{Job: "j1", Subscription: "s"})
	all := by("c1", 0, came(1, 11), came(2, 12), came(3, 13))
	handed := func(from, to uint64) tale {
		return by("c1", 0, fact.HandedOver{Job: "j1", Subscription: "s", From: from, Number: to})
	}
	lost := func(n uint64) tale {
		return by("c1", 0, fact.PushesDropped{Job: "j1", Subscription: "s", From: n, To: n})
	}
	gap := by("c1", 0, fact.PushIn{Job: "j1", From: 1, Number: 2, Gap: true}, came(3, 13))
	fell := said(2, 12)
	fell.Totals = ok(0)
	learnt := fact.Learned{Job: "j1", State: protocol.JobCompleted, Revision: 1}
	tales{
		{"in order", []tale{three, follows, all, handed(1, 1), handed(2, 2), handed(3, 3)}, ""},
		{"a gap from the gate", []tale{three, follows, gap, handed(1, 2), handed(3, 3)}, ""},
		{"a gap from the queue", []tale{
			three, follows, all, lost(1), lost(2), handed(1, 2), handed(3, 3),
		}, ""},
		{"a number left out by the gate", []tale{by("g1", 0, said(1, 11), said(3, 13))}, "after push 1"},
		{"totals fall", []tale{by("g1", 0, said(1, 11), fell)}, "an earlier one said"},
		{"another content", []tale{three, follows, by("c1", 0, came(1, 12))}, "gave the number to"},
		{"a number that nobody gave", []tale{
			three, follows, by("c1", 0, came(4, 14)),
		}, "the gate has made 3"},
		{"a hole taken", []tale{three, follows, by("c1", 0, came(1, 11), came(3, 13))}, "came after 1"},
		{"one twice", []tale{three, follows, by("c1", 0, came(1, 11), came(1, 11))}, "came after 1"},
		{"a hole handed over", []tale{three, follows, all, handed(1, 1), handed(3, 3)}, "it had 1"},
		{"one handed over twice", []tale{three, follows, all, handed(1, 1), handed(1, 1)}, "it had 1"},
		{"a gap of what was kept", []tale{three, follows, all, lost(1), handed(1, 2)}, "it was not"},
		{"status dropped", []tale{
			three, status, follows, all, by("c1", 0, came(4, 14)), lost(4),
		}, "it has no windows"},
		{"a window twice at one revision", []tale{
			by("g1", 0, taken(7, 1, 5), taken(7, 1, 5)),
		}, "at revision 1 after 1"},
		{"a result twice at one revision", []tale{
			follows, by("c1", 0, learnt, learnt),
		}, "revision 1 after 1"},
	}.test(t, func(*Stage) check.Invariant { return newClientOrder(newStage(nil, Shape{}, nil)) })
}

func TestCallbackIsolationFollowsTasksCausesAndTime(t *testing.T) {
	const one, two = "subscription/j1/one", "subscription/j1/two"
	follows := at(1, "c1", fact.Followed{Job: "j1"},
		fact.Subscribed{Job: "j1", Subscription: "one"}, fact.Subscribed{Job: "j1", Subscription: "two"})
	came := func(n uint64) fact.PushIn { return fact.PushIn{Job: "j1", From: n, Number: n} }
	arrives := func(seconds float64, n uint64) moment { return in("client", at(seconds, "c1", came(n))) }
	calls := func(name string, n uint64) fact.HandedOver {
		return fact.HandedOver{Job: "j1", Subscription: name, From: n, Number: n}
	}
	ends := func(name string) fact.CallbackEnded { return fact.CallbackEnded{Job: "j1", Subscription: name} }
	slow := in(one, moment{2100 * time.Millisecond, "c1", func(env core.Env) {
		env.Note(calls("one", 1))
		env.Note(ends("one"))
		env.Note(calls("one", 2))
		_ = env.Sleep(env.Context(), 100*time.Millisecond)
		env.Go(two, func() { env.Note(calls("two", 1)) })
	}})
	plays{
		{"each in its task, at once", []moment{
			follows, arrives(2, 1), in(one, at(2.1, "c1", calls("one", 1), ends("one"))),
			in(two, at(2.2, "c1", calls("two", 1))),
		}, ""},
		{"one sleeps for ever", []moment{
			follows, arrives(2, 1), in(one, at(2.1, "c1", calls("one", 1))),
			in(two, at(2.2, "c1", calls("two", 1))), slept(9),
		}, ""},
		{"one task for two", []moment{
			follows, arrives(2, 1), in(one, at(2.1, "c1", calls("one", 1), ends("one"), calls("two", 1))),
		}, "one task calls"},
		{"in the receive path", []moment{
			follows, arrives(2, 1), in("client", at(2.1, "c1", calls("one", 1), ends("one"))),
			arrives(2.2, 2),
		}, "taken in by the task that calls one"},
		{"one's callback among the causes of another's", []moment{
			follows, arrives(2, 1), arrives(2.01, 2), slow, slept(3),
		}, "among the causes"},
		{"handed over late", []moment{
			follows, arrives(2, 1), in(one, at(2.1, "c1", calls("one", 1))),
			in(two, at(2.5, "c1", calls("two", 1))),
		}, "waits for two"},
		{"never handed over", []moment{
			follows, arrives(2, 1), in(one, at(2.1, "c1", calls("one", 1))), slept(3),
		}, "waits for two"},
		{"handed over what never came", []moment{
			follows, in(one, at(2.1, "c1", calls("one", 1))),
		}, "did not arrive"},
	}.test(t, newCallbackIsolation)
}
