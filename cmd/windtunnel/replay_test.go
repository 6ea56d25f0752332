package main

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/explore"
)

// quietFailure is the file of a failure that never was: its run is the quiet one of a scenario.
func quietFailure(t *testing.T) string {
	t.Helper()
	file := explore.NewFile("everything", "random", 1, explore.Outcome{
		Failure: &explore.Failure{Key: "once", Invariant: true, Message: "made up"},
	}, explore.Choices{})
	path, err := file.Write(t.TempDir())
	require.NoError(t, err)
	return path
}

func TestReplayStopsAtAStepAndShowsEveryNode(t *testing.T) {
	code, out, problems := windtunnel(t, "replay", quietFailure(t), "--until", "300")
	require.Zero(t, code, "%s%s", out, problems)
	require.Contains(t, out, "step 300, +")
	for _, line := range []string{
		"g1: incarnation 0, steady clock ", "  g1/push waits for a signal",
		"  w-a1/heartbeat waits for a signal, goes on at +", "the last 20 of ",
	} {
		require.Contains(t, out, line)
	}
	require.NotContains(t, out, "\n   301 +", "an event behind the step")
}

func TestReplayStopsAtTheFirstEventWithAText(t *testing.T) {
	code, out, problems := windtunnel(t, "replay", quietFailure(t), "--break", "w-a1 heartbeat answered")
	require.Zero(t, code, "%s%s", out, problems)
	require.Regexp(t, `w-a1/heartbeat +note +heartbeat answered\n$`, out)

	code, out, _ = windtunnel(t, "replay", quietFailure(t), "--break", "nobody says this")
	require.Zero(t, code)
	require.Regexp(t, `^nothing failed, and the run ended at step \d+ without coming to that\n$`, out)

	code, _, problems = windtunnel(t, "replay", quietFailure(t), "--break", "x", "--explain")
	require.Equal(t, 2, code)
	require.Contains(t, problems, "need a whole run")
}

// lateReader fails when its one task is more than a millisecond late at +1s.
func lateReader(r *check.Run) {
	w := r.World(sim.Config{})
	w.Workload(w.AddNode("n1", func(core.Env) {}), "read", func(env core.Env) {
		_ = env.Sleep(env.Context(), core.Instant(time.Second).Sub(env.Now()))
		if w.Now() > time.Second+time.Millisecond {
			r.Fatalf("read at +%v", w.Now())
		}
	})
	w.Run()
}

func TestCampaignWritesTheShrunkFailureAndTellsIt(t *testing.T) {
	scenario := check.Scenario("late", lateReader)
	search := explore.Campaign{Scenarios: []explore.Scenario{scenario}, Base: 5, Seeds: 5000, Collect: true}
	var out, problems bytes.Buffer
	s := &simCommand{Out: t.TempDir(), Shrink: time.Minute}
	c := &console{ctx: context.Background(), out: &out, err: &problems}
	require.Equal(t, 1, exitCode(c, s.play(c, search, nil)))
	require.Contains(t, problems.String(), "1 choice matters (of ")
	require.Regexp(t, `\+1\.000s  n1/read  is late by 10ms\n`, problems.String())

	paths, err := filepath.Glob(filepath.Join(s.Out, "late-*.json"))
	require.NoError(t, err)
	require.Len(t, paths, 1)
	require.Contains(t, problems.String(), "replay: windtunnel replay "+paths[0]+"\n")
	file, err := explore.ReadFile(paths[0])
	require.NoError(t, err)
	require.Equal(t, explore.Choices{"stall n1#0/read 1": 3}, file.Choices)
	answer, err := explore.Replay(file, scenario.Body)
	require.NoError(t, err)
	require.Equal(t, explore.Identical, answer.Verdict)

	s.Shrink = 0
	s.Out = t.TempDir()
	require.Equal(t, 1, exitCode(c, s.play(c, search, nil)))
	require.Contains(t, problems.String(), " choices were not quiet\n")
}

func TestStoppedReplayFailsOnlyWhenItFailedBefore(t *testing.T) {
	file := explore.File{Scenario: "late", Choices: explore.Choices{"stall n1#0/read 1": 3}}
	stop := func(text string) (out bytes.Buffer, code int) {
		c := &console{ctx: context.Background(), out: &out, err: &out}
		r := replayCommand{Break: text}
		return out, exitCode(c, r.stop(c, file, lateReader))
	}
	_, code := stop("never")
	require.Equal(t, 1, code)
	_, code = stop("read at +1.01s")
	require.Zero(t, code, "it stopped in the step that fails")
}
