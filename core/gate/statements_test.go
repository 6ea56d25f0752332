package gate

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/core/protocol"
)

const owner = 5 // the job's token in these tests

func said(count, send uint64, state protocol.EndState) protocol.Result {
	return protocol.Result{
		Job: "j", Workflow: "wf", Datacenter: "dc", Token: owner, Incarnation: 2, Count: count,
		Send: send, State: state,
	}
}

func TestVerdictsOnASecondResult(t *testing.T) {
	first := said(3, 1, protocol.EndCompleted)
	for _, c := range []struct {
		name   string
		second func() protocol.Result
		want   verdict
		holds  bool
	}{
		{"the same sending", func() protocol.Result { return first }, verdictNetwork, false},
		{"the same, sent again", func() protocol.Result { return said(3, 2, protocol.EndCompleted) },
			verdictDuplicate, false},
		{"a later statement", func() protocol.Result { return said(4, 2, protocol.EndFailed) },
			verdictChanged, true},
		{"an earlier statement", func() protocol.Result { return said(2, 1, protocol.EndFailed) },
			verdictSuperseded, false},
		{"of the manager's successor", func() protocol.Result {
			r := said(1, 1, protocol.EndLost)
			r.Incarnation = 3
			return r
		}, verdictChanged, true},
		{"of its predecessor", func() protocol.Result {
			r := said(9, 1, protocol.EndLost)
			r.Incarnation = 1
			return r
		}, verdictSuperseded, false},
		{"under an older owner", func() protocol.Result {
			r := said(9, 1, protocol.EndLost)
			r.Token = owner - 1
			return r
		}, verdictStale, false},
	} {
		held, v, in := statement{}.take(first, owner)
		require.Equal(t, verdictNew, v)
		require.True(t, in)
		after, v, in := held.take(c.second(), owner)
		require.Equal(t, c.want, v, c.name)
		require.Equal(t, c.holds, in, c.name)
		require.True(t, after.in)
		if !in {
			require.Equal(t, first.Count, after.result.Count, c.name)
		}
	}
}

func TestConflictingResultsAreDecidedByTheirDigest(t *testing.T) {
	a, b := said(3, 1, protocol.EndCompleted), said(3, 1, protocol.EndFailed)
	greater := a
	if digestOf(b) > digestOf(a) {
		greater = b
	}
	for _, order := range [][]protocol.Result{{a, b}, {b, a}} {
		held, _, _ := statement{}.take(order[0], owner)
		after, v, in := held.take(order[1], owner)
		require.Equal(t, verdictConflict, v)
		require.Equal(t, greater.State, after.result.State)
		require.Equal(t, order[1].State == greater.State, in)
	}
}

func TestTheDigestIsOverAllButTheSendNumber(t *testing.T) {
	base := said(3, 1, protocol.EndCompleted)
	again := base
	again.Send = 99
	require.Equal(t, digestOf(base), digestOf(again))
	for name, change := range map[string]func(*protocol.Result){
		"job":         func(r *protocol.Result) { r.Job = "k" },
		"workflow":    func(r *protocol.Result) { r.Workflow = "v" },
		"datacenter":  func(r *protocol.Result) { r.Datacenter = "e" },
		"token":       func(r *protocol.Result) { r.Token++ },
		"incarnation": func(r *protocol.Result) { r.Incarnation++ },
		"count":       func(r *protocol.Result) { r.Count++ },
		"state":       func(r *protocol.Result) { r.State++ },
		"error":       func(r *protocol.Result) { r.Error = "e" },
		"attempts":    func(r *protocol.Result) { r.Attempts = []protocol.AttemptEnd{{Shard: 1}} },
	} {
		other := base
		change(&other)
		require.NotEqual(t, digestOf(base), digestOf(other), name)
	}
}

// Whatever results come, in whatever order and however often, every gate ends up with the same one.
func TestTheStatementThatHoldsDoesNotDependOnTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		results := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) protocol.Result {
			r := said(rapid.Uint64Range(1, 3).Draw(t, "count"), rapid.Uint64Range(1, 3).Draw(t, "send"),
				protocol.EndState(rapid.IntRange(1, 3).Draw(t, "state")))
			r.Token = owner + rapid.Uint64Range(0, 2).Draw(t, "token") - 1
			r.Incarnation = rapid.Uint64Range(1, 2).Draw(t, "incarnation")
			return r
		}), 1, 8).Draw(t, "results")
		other := rapid.Permutation(results).Draw(t, "another order")
		repeats := rapid.SliceOf(rapid.SampledFrom(results)).Draw(t, "repeated")
		one, two := statement{}, statement{}
		for _, r := range results {
			one, _, _ = one.take(r, owner)
		}
		for _, r := range append(other, repeats...) {
			two, _, _ = two.take(r, owner)
		}
		require.Equal(t, one.in, two.in)
		require.Equal(t, one.digest, two.digest)
		one.result.Send, two.result.Send = 0, 0
		require.Equal(t, one.result, two.result)
	})
}
