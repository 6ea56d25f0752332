package story_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/story"
	"github.com/windtunnel/windtunnel/sim/trace"
)

var rewrite = flag.Bool("rewrite", false, "write the stories under testdata anew")

// golden compares a story with the one on disk. Every caller also says what the story must tell, so that a
// rewrite cannot make a poor story the right one.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *rewrite {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), text)
	for line := range strings.Lines(text) {
		assert.Equal(t, strings.TrimRight(line, " \t\n")+"\n", line, "no line ends in blanks")
	}
}

func at(ms int) time.Duration { return time.Duration(ms) * time.Millisecond }

func backpressure() story.Story {
	events := []trace.Event{
		{ID: 1, At: 0, Lane: "g1", Kind: trace.Node, Text: "boot"},
		{ID: 2, Step: 1180, At: at(14050), Lane: "g1/push", Kind: trace.Note, Text: "read level NONE"},
		{ID: 3, Step: 1190, At: at(14100), Lane: "world", Kind: trace.Fault, Text: "begins: slow link"},
		{ID: 4, Step: 1191, At: at(14105), Lane: "world", Kind: trace.Fault, Text: "ends: slow link"},
		{Step: 1191, At: at(14110), Lane: "g1/push", Kind: trace.Log, Text: "msg=\"still\nwaiting\""},
		{ID: 5, Step: 1192, At: at(14110), Lane: "g1/push", Kind: trace.Step},
		{ID: 6, Step: 1195, At: at(14120) + 5000, Lane: "g1", Kind: trace.Deliver, Text: "pressure REJECT"},
		{ID: 7, Step: 1204, At: at(14200), Lane: "g1/push", Kind: trace.Note, Text: "push 2 windows of j1"},
	}
	return story.Story{
		Outcome: explore.Outcome{
			Failure: &explore.Failure{
				Key: "no push under REJECT", Invariant: true, Who: "g1/push", Step: 1204, At: at(14200),
				Message: "expected no push while the level is REJECT\npushed 2 windows of job j1",
			},
			Config: []explore.Setting{{Name: "datacenters", Value: "2"}, {Name: "workers", Value: "3"}},
			Trace:  events,
		},
		Seed: 17, Base: 1, Run: 4, Strategy: "random", Asked: 1204, Loud: 212,
		Replay: "go test ./scenarios -run '^TestScenarios$/^stale-backpressure$' " +
			"-sim.replay=testdata/failures/stale-backpressure-8f3a.json",
	}
}

func TestStoryTellsAllThatIsNeeded(t *testing.T) {
	text := backpressure().Text()
	golden(t, "backpressure", text)
	lines := strings.Split(text, "\n")
	assert.Equal(t, `invariant "no push under REJECT" broken at step 1204, +14.200s, by g1/push`, lines[0])
	for _, told := range []string{
		"pushed 2 windows of job j1\n", "seed 17", "base 1", "212 of 1204 choices",
		"datacenters=2 workers=3\n", "slow link", "the last 4 of 4 events", "still waiting",
		"-sim.replay=testdata/failures/",
	} {
		assert.Contains(t, text, told)
	}
	assert.Equal(t, 1, strings.Count(text, "slow link"), "a fault is told once, where it begins")
	assert.NotContains(t, text, "step  ", "a step says only that a task went on")
}

func TestStoryOfAPanicHasItsStack(t *testing.T) {
	s := story.Story{
		Outcome: explore.Outcome{Failure: &explore.Failure{
			Key: "core/gate/push.go:41", Function: "gate.(*pusher).loop", Message: "panic: nil map",
			Who: "g1/push", Step: 12, At: 1500,
			Stack: "gate.(*pusher).loop core/gate/push.go:41\ngate.boot core/gate/gate.go:7\n",
		}},
		Seed: 3, Strategy: "random", Loud: 9,
	}
	text := s.Text()
	golden(t, "panic", text)
	first, _, _ := strings.Cut(text, "\n")
	assert.Equal(t, "failed: core/gate/push.go:41, at step 12, +0.000002s, by g1/push", first)
	assert.Contains(t, text, "stack:\n  gate.(*pusher).loop core/gate/push.go:41\n")
	assert.NotContains(t, text, "faults:", "nothing is claimed of a trace that was not kept")
	assert.NotContains(t, text, "replay:")
}

func TestOnlyTheTailIsTold(t *testing.T) {
	s := backpressure()
	s.Outcome.Trace = nil
	for i := range 1000 {
		s.Outcome.Trace = append(s.Outcome.Trace,
			trace.Event{ID: uint64(i + 1), Lane: "g1", Kind: trace.Note, Text: fmt.Sprint("fact ", i)},
			trace.Event{Lane: "g1", Kind: trace.Log, Text: fmt.Sprint("line ", i)},
			trace.Event{ID: uint64(i + 1), Lane: "g1", Kind: trace.Fault, Text: fmt.Sprint("fault ", i)})
	}
	text := s.Text()
	assert.Less(t, strings.Count(text, "\n"), 70)
	assert.Contains(t, text, "the last 20 of 1000 events:")
	assert.Contains(t, text, "the last 10 of 1000 lines logged:")
	assert.Contains(t, text, "the last 20 of 1000 faults:")
	assert.Contains(t, text, "fact 999\n")
	assert.NotContains(t, text, "fact 900")
}

func TestColumnsLineUp(t *testing.T) {
	s := backpressure()
	s.Outcome.Trace = []trace.Event{
		{ID: 1, Lane: "ä/ö", Kind: trace.Note, Text: "x1"},
		{ID: 2, Lane: "ein-viel-längerer-Läufer", Kind: trace.Deliver, Text: "x2"},
	}
	columns := map[int]bool{}
	for line := range strings.Lines(s.Text()) {
		if at := strings.Index(line, "  x"); at >= 0 {
			columns[len([]rune(line[:at]))] = true
		}
	}
	assert.Len(t, columns, 1)
}

func TestStoriesAreMadeFromWhatWasFoundAndReplayed(t *testing.T) {
	o := backpressure().Outcome
	file := explore.NewFile("s", "random", 17, o, explore.Choices{"pick a 0": 1})
	found := explore.Found{Index: 3, Seed: 17, Outcome: o, Asked: 10, File: file}
	assert.Contains(t, story.Of(1, found, "").Text(),
		"seed 17 (run 4 from base 1), strategy random: 1 of 10 choices were not quiet\n")
	replayed := story.OfReplay(file, explore.Answer{Outcome: o}, "again")
	assert.Contains(t, replayed.Text(), "seed 17, strategy random: 1 choices recorded\n")
	assert.True(t, strings.HasSuffix(replayed.Text(), "replay: again\n"))
}
