package scenarios

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/fact"
	"github.com/windtunnel/windtunnel/core/gate"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/choice"
)

// The log of these keeps two pushes, whose digests are 11, 12, 13 and so on.
func TestLogModelTellsGoodHistoriesFromBad(t *testing.T) {
	starts, drops := did{startLog{}, nil}, did{dropLog{}, nil}
	pushes := func(number uint64) did { return did{appendPush{number}, nil} }
	reads := func(after uint64, output any) did { return did{readAfter{after}, output} }
	one := func(number uint64) pushed { return pushed{from: number, to: number, digest: 10 + number} }
	gap := func(from, to uint64) pushed { return pushed{from: from, to: to, gap: true} }
	three := []did{starts, pushes(1), pushes(2), pushes(3)}
	histories{
		{"in order", append(three, reads(0, one(1)), reads(1, one(2)), reads(2, one(3))), true},
		{"what fell out", append(three, reads(0, gap(1, 1)), reads(1, one(2))), true},
		{"a late gap from further back", append(three, pushes(4), reads(1, gap(1, 2))), true},
		{"after the end", append(three, drops, reads(2, one(3)), reads(3, nothingThere{})), true},
		{"no such log", []did{reads(0, nothingThere{})}, true},
		{"a number that has not come", append(three, reads(4, nothingThere{})), true},
		{"never answered", append(three, reads(0, lost{}), reads(9, lost{})), true},
		{"a gap of what is kept", append(three, reads(0, gap(1, 2))), false},
		{"a gap that leaves a hole", append(three, pushes(4), pushes(5), reads(1, gap(3, 3))), false},
		{"a gap that is behind", append(three, reads(1, gap(1, 1))), false},
		{"a hole", append(three, reads(1, one(3))), false},
		{"one again", append(three, reads(1, one(1))), false},
		{"another content", append(three, reads(0, pushed{from: 1, to: 1, digest: 12})), false},
		{"before it was pushed", append(three, reads(3, one(4)), pushes(4)), false},
		{"nothing, and there is", append(three, reads(3, nothingThere{})), false},
		{"a number left out", []did{starts, pushes(1), pushes(3)}, false},
		{"before the start", []did{pushes(1)}, false},
		{"a drop of nothing", []did{drops}, false},
	}.test(t, logModel(2, []uint64{11, 12, 13, 14, 15}))
}

func TestPushLogFollowsSessions(t *testing.T) {
	var numbers []core.Event // as many as fit, and one more
	kept := uint64(newStage(nil, Shape{}, nil).gateConfig().ReplayLog)
	for n := uint64(1); n <= kept+1; n++ {
		numbers = append(numbers, fact.Pushed{Job: "j1", Number: n, Digest: 10 + n})
	}
	starts, fills := by("g1", 0, fact.Accepted{Job: "j1", Key: "k"}), by("g1", 0, numbers...)
	follows := func(after uint64) fact.Followed { return fact.Followed{Job: "j1", After: after} }
	came := func(n uint64) fact.PushIn {
		return fact.PushIn{Job: "j1", From: n, Number: n, Digest: 10 + n}
	}
	gap := func(to uint64) fact.PushIn { return fact.PushIn{Job: "j1", From: 1, Number: to, Gap: true} }
	again, ended := came(2), fact.NotFinished{Job: "j1"}
	again.Known = true
	reboots := tale{func(_ *Stage, tell func(check.Observation)) {
		tell(check.Observation{Node: gateName, Incarnation: 1, Event: fact.Queue{}})
	}}
	other := came(3)
	other.Digest++
	tales{
		{"one falls out", []tale{starts, fills, by("c1", 0, follows(0), gap(1), came(2), again)}, ""},
		{"two do not", []tale{starts, fills, by("c1", 0, follows(0), gap(2))}, "no order of"},
		{"a second session", []tale{
			starts, fills, by("c1", 0, follows(0), gap(1)),
			by("c1", 0, fact.Unfollowed{Job: "j1"}, follows(2), came(3)),
		}, ""},
		{"another content to another", []tale{
			starts, fills, by("c1", 0, follows(2), came(3)), by("c2", 0, follows(2), other),
		}, "no order of"},
		{"no job", []tale{by("c1", 0, follows(0), ended)}, ""},
		{"no job, and there is", []tale{starts, fills, by("c1", 0, follows(0), ended)}, "no order of"},
		{"forgotten", []tale{
			starts, fills, by("c1", 0, follows(9)),
			by("g1", 0, fact.Forgotten{Job: "j1"}), by("c1", 0, ended),
		}, ""},
		{"forgotten by another node", []tale{
			starts, fills, by("c1", 0, follows(9)),
			by("m-a", 0, fact.Forgotten{Job: "j1"}), by("c1", 0, ended),
		}, "no order of"},
		{"a gate that booted again", []tale{
			starts, fills, reboots, by("c1", 0, follows(9), ended),
		}, ""},
	}.test(t, newPushLog)
}

// Where the gate takes the rare branch of a short log, more pushes fall out and gaps are longer.
func TestTheModelKeepsAsManyPushesAsTheGate(t *testing.T) {
	seen := map[uint64]bool{}
	for seed := range uint64(40) {
		body := func(r *check.Run) {
			s := newStage(r, Shape{}, nil)
			s.World = r.World(sim.Config{Rare: "kept"})
			short := false
			s.World.AddNode(gateName, func(env core.Env) { short = env.Rare("gate/short-push-log") })
			require.Nil(r, s.World.Run())
			want := uint64(gate.DefaultConfig().ReplayLog)
			if short {
				want = 16
			}
			require.Equal(r, want, (&pushLog{stage: s}).kept())
			seen[want] = true
		}
		outcome := check.Execute(check.Settings{Name: "kept", Chooser: choice.NewSeeded(seed)}, body)
		require.Nil(t, outcome.Failure)
	}
	require.Len(t, seen, 2)
}
