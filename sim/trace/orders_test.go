package trace

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// timeline shows steps, facts and messages to an Orders: "task", "task fact" or "<peer", of node n1 unless it
// is named.
func timeline(o *Orders, events ...event) *OrderSet {
	r := NewRecorder(0)
	r.Cover(o)
	for i, e := range events {
		lane := NewLane(e.lane)
		r.Add(uint64(i), 0, &lane, e.kind, 0, 0, 0)
		r.Is(e.what, []byte(e.text))
	}
	return o.Set()
}

type event struct {
	lane string
	kind Kind
	what string
	text string
}

func step(lane string) event { return event{lane: lane, kind: Step} }

func TestOrderIsSeenWhereEventsOfANodeMeet(t *testing.T) {
	a, b := step("n1/a"), step("n1/b")
	ab := timeline(new(Orders), a, b)
	require.Equal(t, 1, ab.Len())
	ba := timeline(new(Orders), b, a)
	require.Equal(t, 1, ba.Len())
	require.NotEqual(t, ab, ba)
	require.Equal(t, 2, timeline(new(Orders), a, b, a).Len(), "each came before the other")
	require.Equal(t, 2, timeline(new(Orders), a, b, a, b, b, a).Len(), "a loop shows no more")

	require.Zero(t, timeline(new(Orders), a, step("n2/b")).Len(), "they meet nowhere")
	note := event{lane: "n1/a", kind: Note, what: "fact.Done"}
	require.Zero(t, timeline(new(Orders), a, note).Len(), "a task does what it does in its own order")
	from := func(peer string) event { return event{lane: "n1", kind: Deliver, what: peer} }
	require.NotEqual(t,
		timeline(new(Orders), from("x"), from("y")), timeline(new(Orders), from("y"), from("x")))
	outside := event{lane: "world", kind: Fault}
	require.Zero(t, timeline(new(Orders), a, outside, event{lane: "n1", kind: Send}).Len())
}

func TestOrdersAreOfRolesAndNotOfWhoHasThem(t *testing.T) {
	note := func(text string) event {
		return event{lane: "g1/job/jabc/to/c1", kind: Note, what: "fact.State", text: text}
	}
	of := func(text string) *OrderSet { return timeline(new(Orders), step("g1/push"), note(text)) }
	require.Equal(t, of("j7 PENDING -> RUNNING"), of("jabc PENDING -> RUNNING"))
	require.NotEqual(t, of("j7 PENDING -> RUNNING"), of("j7 RUNNING -> PENDING"))

	require.Equal(t,
		timeline(new(Orders), step("g1/push"), step("g1/job/jabc/to/c1")),
		timeline(new(Orders), step("g2#3/push"), step("g2#3/job/j7/to/c2")))
	require.NotEqual(t,
		timeline(new(Orders), step("g1/push"), step("g1/job/jabc/to/c1")),
		timeline(new(Orders), step("g1/push"), step("g1/job/jabc/end/c1")))
}

func TestAnotherWorldsEventsAreNotPaired(t *testing.T) {
	o := new(Orders)
	timeline(o, step("n1/a"))
	require.Zero(t, timeline(o, step("n1/b")).Len())
	require.Equal(t, 1, timeline(o, step("n1/a"), step("n1/b")).Len())
	require.Equal(t, 2, timeline(o, step("n1/b"), step("n1/a")).Len(), "what was seen stays")
}

func TestOrdersOfANodeAreBounded(t *testing.T) {
	var all []event
	for i := range 2 * mostAlike {
		all = append(all, event{lane: "n1", kind: Deliver, what: fmt.Sprintf("%c%c", 'a'+i/26%26, 'a'+i%26)})
		all[i].what += string(rune('a' + i/676))
	}
	o := new(Orders)
	timeline(o, all...)
	require.Len(t, o.nodes["n1"].first, mostAlike)
	require.LessOrEqual(t, len(o.nodes["n1"].known), mostAlike)
}

func TestOrderSetsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.SliceOf(rapid.Uint64Range(0, 200))
		var a, b, both OrderSet
		for _, bit := range bits.Draw(t, "a") {
			a.add(bit)
			both.add(bit + OrderBits)
		}
		before := a.Len()
		for _, bit := range bits.Draw(t, "b") {
			b.add(bit)
			both.add(bit)
		}
		require.Equal(t, both.Len()-before, a.Add(&b))
		require.Equal(t, both, a)
		require.Zero(t, a.Add(&b))
	})
}

func TestCoveringChangesNoHash(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := entries().Draw(t, "entries")
		covered := NewRecorder(0)
		covered.Cover(new(Orders))
		require.Equal(t, feed(NewRecorder(0), all).Hash(), feed(covered, all).Hash())
	})
}
