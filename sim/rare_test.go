package sim

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// curious is a run in which two nodes, one of them twice, ask about points, in an order of their own.
func curious(t *testing.T, config Config, points ...string) (*World, [][]bool) {
	t.Helper()
	w := NewWorld(config)
	var answers [][]bool
	ask := func(env core.Env) {
		var mine []bool
		for _, point := range points {
			env.Yield("between two questions")
			mine = append(mine, env.Rare(point))
		}
		answers = append(answers, mine)
	}
	for _, name := range []string{"n1", "n2"} {
		n := w.AddNode(name, asleep)
		w.Workload(n, "ask", ask)
		w.Workload(n, "ask again", ask)
	}
	mustRun(t, w)
	require.Len(t, answers, 4)
	return w, answers
}

func TestARareBranchIsDrawnOnceARunForAllNodes(t *testing.T) {
	points := []string{"a/small", "a/short", "b/early", "b/late"}
	taken, none, apart := map[string]int{}, 0, 0
	for seed := range uint64(200) {
		w, answers := curious(t, Config{Chooser: choice.NewSeeded(seed), Rare: "toy"}, points...)
		for _, others := range answers[1:] {
			require.Equal(t, answers[0], others, "seed %d", seed)
		}
		_, again := curious(t, Config{Chooser: choice.NewSeeded(seed), Rare: "toy"}, points...)
		require.Equal(t, answers, again, "seed %d", seed)
		some := false
		for i, branch := range w.RareBranches() {
			require.Equal(t, []string{"a/short", "a/small", "b/early", "b/late"}[i], branch.Point)
			if branch.Taken {
				taken[branch.Point]++
				some = true
			}
		}
		if !some {
			none++
		}
		_, theirs := curious(t, Config{Chooser: choice.NewSeeded(seed), Rare: "other"}, points...)
		if !slices.Equal(answers[0], theirs[0]) {
			apart++
		}
	}
	for _, point := range points {
		require.InDelta(t, 200/8, taken[point], 18, "%s: one in eight runs", point)
	}
	require.Greater(t, none, 90, "every second run takes none")
	require.Greater(t, apart, 50, "another scenario takes others in the same seeds")
}

func TestNoRareBranchIsTakenUnlessAskedForAndInQuiet(t *testing.T) {
	recorder := choice.NewRecorder(choice.NewSeeded(3))
	w, answers := curious(t, Config{Chooser: recorder, Stalls: Quiet()}, "a/small")
	require.Equal(t, [][]bool{{false}, {false}, {false}, {false}}, answers)
	require.Equal(t, []RareBranch{{Point: "a/small"}}, w.RareBranches(), "it is known that it was asked for")
	for key := range recorder.Answers() {
		require.NotContains(t, key, "rare", "nothing is drawn")
	}
	_, answers = curious(t, Config{Chooser: choice.NewReplayer(nil, nil), Rare: "toy"}, "a/small")
	require.Equal(t, [][]bool{{false}, {false}, {false}, {false}}, answers, "0 is the quiet answer")
}

func TestARareBranchIsAChoiceWithAKeyAndInWords(t *testing.T) {
	loud := map[string]int{"config rare toy 0": 1, "config rare toy a/small 0": 1}
	recorder := choice.NewRecorder(choice.NewReplayer(loud, nil))
	w, answers := curious(t, Config{Chooser: recorder, Keep: trace.All, Rare: "toy"}, "a/small", "a/short")
	require.Equal(t, []bool{true, false}, answers[0])
	require.Equal(t, loud, recorder.Answers())
	var told []string
	for _, c := range w.Choices() {
		told = append(told, fmt.Sprintf("%s: %s %s", c.Key, c.Lane, c.Text))
	}
	require.Equal(t, []string{
		"config rare toy 0: world rare branches are taken in this run",
		"config rare toy a/small 0: world takes the rare branch a/small",
	}, told)
}

func TestQuestionsAboutRareBranchesMoveNoOther(t *testing.T) {
	others := func(rare string) map[string]int {
		recorder := choice.NewRecorder(choice.NewSeeded(5))
		curious(t, Config{Chooser: recorder, Rare: rare}, "a/small", "a/short", "b/early")
		answers := recorder.Answers()
		for _, key := range []string{" 0", " a/small 0", " a/short 0", " b/early 0"} {
			delete(answers, "config rare toy"+key)
		}
		return answers
	}
	require.Equal(t, others(""), others("toy"))
}
