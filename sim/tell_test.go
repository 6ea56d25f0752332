package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/trace"
)

func TestEveryLoudChoiceIsToldInWordsUnderItsKey(t *testing.T) {
	for seed := range uint64(4) {
		recorder := choice.NewRecorder(choice.NewSeeded(seed))
		w := chatter(recorder, everyFault())
		mustRun(t, w)
		told := map[string]int{}
		for _, c := range w.Choices() {
			require.NotEmpty(t, c.Text, c.Key)
			require.NotEmpty(t, c.Lane, c.Key)
			told[c.Key] = c.Answer
		}
		require.Equal(t, recorder.Answers(), told)
	}
}

// textOf returns what a run with these choices alone tells of them.
func textOf(t *testing.T, answers map[string]int, faults Faults) map[string]string {
	t.Helper()
	w := chatter(choice.NewReplayer(answers, nil), faults)
	mustRun(t, w)
	texts := map[string]string{}
	for _, c := range w.Choices() {
		texts[c.Key] = c.Lane + " " + c.Text
	}
	return texts
}

func TestWordsSayWhatWasDecidedAndAboutWhom(t *testing.T) {
	faults := Faults{Kinds: []FaultKind{FaultPartition}, Until: 50 * time.Second}
	on, episode := "config nemesis/partition/on 0", "fault nemesis/partition/episode 2"
	texts := textOf(t, map[string]int{
		"stall n1#0/recv tcp 1": 4, "delay n1>n2/CRITICAL 0": 255, "pick n2#0/boot 0": 9,
		on: 1, episode: 1, "fault nemesis/partition/side 3": 1,
	}, faults)
	require.Equal(t, "n1/recv tcp is late by 100ms", texts["stall n1#0/recv tcp 1"])
	require.Contains(t, texts["delay n1>n2/CRITICAL 0"], "n1 → n2 is delayed 1ms")
	require.Equal(t, "n2/boot lets what else is ready go first", texts["pick n2#0/boot 0"])
	require.Regexp(t, `^nemesis partition: n1 \| others, \+\d+.*s to \+`, texts[episode])
	require.Equal(t, texts[episode], texts[on], "what makes one episode is told alike")
	require.Equal(t, "world nemesis/partition/side: 1 of 3", texts["fault nemesis/partition/side 3"],
		"there is no episode in that slot")
}

func TestChoicesAreToldOfKeptTracesOnlyAndChangeNoHash(t *testing.T) {
	run := func(keep int) *World {
		w := NewWorld(Config{Chooser: choice.NewSeeded(3), Keep: keep})
		n := w.AddNode("n1", asleep)
		w.Workload(n, "work", func(env core.Env) {
			for range 20 {
				_ = env.Sleep(env.Context(), time.Millisecond)
			}
		})
		mustRun(t, w)
		return w
	}
	kept, bare := run(trace.All), run(0)
	require.NotEmpty(t, kept.Choices())
	require.Empty(t, bare.Choices())
	require.Empty(t, run(5).Choices(), "choices belong to a whole trace")
	require.Equal(t, bare.Hash(), kept.Hash())
}
