package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/explore"
)

// lateBy calls fail in about half of its runs: by how much its one task is late is drawn.
func lateBy(name string, fail func(r *check.Run, by time.Duration)) explore.Scenario {
	return check.Scenario(name, func(r *check.Run) {
		by := check.Draw(r, "late by", 0, 0, 5*time.Millisecond, 30*time.Millisecond)
		w := r.World(sim.Config{Stalls: sim.Quiet()})
		w.Workload(w.AddNode("n1", func(core.Env) {}), "read", func(env core.Env) {
			_ = env.Sleep(env.Context(), by)
			if by > 0 {
				fail(r, by)
			}
		})
		w.Run()
	})
}

func fails(r *check.Run, by time.Duration) { r.Fatalf("late by %v", by) }

func holds(*check.Run, time.Duration) {}

// failsOnTwoLines has one cause, for all that its two assertions have two keys.
func failsOnTwoLines(r *check.Run, by time.Duration) {
	if by > 20*time.Millisecond {
		r.Fatalf("very late, by %v", by)
	}
	r.Fatalf("late by %v", by)
}

// played runs a campaign of 60 seeds and returns what it says.
func played(t *testing.T, s *simCommand, all ...explore.Scenario) (code int, out, problems string) {
	t.Helper()
	var o, p bytes.Buffer
	c := &console{ctx: t.Context(), out: &o, err: &p}
	search := explore.Campaign{
		Scenarios: all, Base: 5, Seeds: 60, Parallel: 2, Collect: true, Strategy: explore.Random,
	}
	code = exitCode(c, s.play(c, search, map[string]explore.Demands{
		"late": {Sometimes: []string{"nothing reaches this"}},
	}))
	return code, o.String(), p.String()
}

func filesIn(t *testing.T, folder, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, pattern))
	require.NoError(t, err)
	return paths
}

func TestCampaignTellsACauseOnceAndGoesOn(t *testing.T) {
	s := &simCommand{Out: t.TempDir(), Shrink: time.Minute}
	code, out, problems := played(t, s, lateBy("late", failsOnTwoLines), lateBy("good", holds))
	require.Equal(t, 1, code, problems)
	require.Equal(t, 1, strings.Count(problems, "--- FAIL: late\n"), problems)
	require.Regexp(t, `(?m)^ *late +60 .* 0 of 1 .* 1$`, out)
	require.Regexp(t, `(?m)^ *good +60 .* 0$`, out)
	require.Contains(t, out, "late: \"nothing reaches this\" was never reached\n")
	kept := filesIn(t, s.Out, "*.json")
	require.Len(t, kept, 1)
	file, err := explore.ReadFile(kept[0])
	require.NoError(t, err)
	require.Len(t, file.Choices, 1, "it is not shrunk")
	told, err := os.ReadFile(strings.TrimSuffix(kept[0], ".json") + ".txt")
	require.NoError(t, err)
	require.Contains(t, string(told), "replay: windtunnel replay "+kept[0])
	require.Contains(t, problems, string(told))
}

func TestResumedCampaignKnowsItsCauses(t *testing.T) {
	s := &simCommand{Out: t.TempDir(), Shrink: time.Minute}
	_, _, problems := played(t, s, lateBy("late", fails))
	require.Contains(t, problems, "--- FAIL: late\n")
	kept := filesIn(t, s.Out, "*")

	summary := filepath.Join(t.TempDir(), "summary.md")
	s.Summary = summary
	code, _, problems := played(t, s, lateBy("late", fails))
	require.Equal(t, 1, code, "what is known still fails")
	require.NotContains(t, problems, "--- FAIL")
	require.Contains(t, problems, "replayed "+filesIn(t, s.Out, "*.json")[0]+": identical\n")
	require.Regexp(t, `--- known: late: .*, in [1-9]\d* more runs\n`, problems)
	require.Equal(t, kept, filesIn(t, s.Out, "*"))
	page, err := os.ReadFile(summary)
	require.NoError(t, err)
	require.Regexp(t, `### late: .* \(known, [1-9]\d* runs\)`, string(page))

	code, out, problems := played(t, s, lateBy("late", holds))
	require.Zero(t, code, "the bug is gone: %s", problems)
	require.Contains(t, problems, ": gone\n")
	require.Contains(t, out, "failures: 0\n")

	code, _, problems = played(t, s, lateBy("late", failsOnTwoLines))
	require.Equal(t, 1, code)
	require.Contains(t, problems, ": another failure\n")
	require.Equal(t, 1, strings.Count(problems, "--- FAIL: late\n"), "another cause is new: %s", problems)
}

func TestStopEarlyStopsAtTheFirstFailureThatIsNotKnown(t *testing.T) {
	s := &simCommand{Out: t.TempDir(), StopEarly: true}
	runs := regexp.MustCompile(`(?m)^(\d+) runs, `)
	code, out, _ := played(t, s, lateBy("late", fails), lateBy("good", holds))
	require.Equal(t, 1, code)
	require.NotEqual(t, "120", runs.FindStringSubmatch(out)[1])

	code, out, _ = played(t, s, lateBy("late", fails), lateBy("good", holds))
	require.Equal(t, 1, code)
	require.Equal(t, "120", runs.FindStringSubmatch(out)[1])
}

func TestCampaignWritesReportsForCI(t *testing.T) {
	folder := t.TempDir()
	s := &simCommand{Out: folder, simReports: simReports{
		JUnit: filepath.Join(folder, "junit.xml"), Summary: filepath.Join(folder, "summary.md"), GitHub: true,
	}}
	_, _, problems := played(t, s, lateBy("late", fails), lateBy("good", holds))
	require.Regexp(t, `(?m)^::error file=cmd/windtunnel/sim_play_test\.go,line=\d+,title=late%3A `, problems)
	text, err := os.ReadFile(s.JUnit)
	require.NoError(t, err)
	var read struct {
		Suite struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
		} `xml:"testsuite"`
	}
	require.NoError(t, xml.Unmarshal(text, &read))
	require.Equal(t, []int{2, 1}, []int{read.Suite.Tests, read.Suite.Failures})
	page, err := os.ReadFile(s.Summary)
	require.NoError(t, err)
	require.Contains(t, string(page), "- late: \"nothing reaches this\" was never reached\n")
}

func TestReportThatCannotBeWrittenIsToldBeforeTheCampaign(t *testing.T) {
	nowhere := filepath.Join(t.TempDir(), "no", "where")
	for _, flag := range []string{"--junit", "--summary"} {
		code, out, problems := windtunnel(t, "sim", "everything", "--seeds", "1", flag, nowhere)
		require.Equal(t, 2, code)
		require.Contains(t, problems, nowhere)
		require.Empty(t, out, "it began")
	}
}

func TestCommitIsItsSeed(t *testing.T) {
	const commit = "04bbf7204bbf7204bbf7204bbf7204bbf7204bbf"
	want := fmt.Sprintf("base seed %d, 1 scenarios\n", 0x04bbf7204bbf)
	for _, text := range []string{commit, commit[:12], strings.ToUpper(commit)} {
		code, out, problems := windtunnel(t, "sim", "everything", "--seeds", "1", "--seed-of", text)
		require.Zero(t, code, problems)
		require.Contains(t, out, want)
	}
	for _, text := range []string{"04bbf72", "main-is-not-a-hash", strings.Repeat("0", 40)} {
		code, _, problems := windtunnel(t, "sim", "everything", "--seeds", "1", "--seed-of", text)
		require.Equal(t, 2, code, text)
		require.Contains(t, problems, "12 hexadecimal digits")
	}
	code, _, _ := windtunnel(t, "sim", "everything", "--seed", "1", "--seed-of", commit)
	require.Equal(t, 2, code, "two seeds")
}
