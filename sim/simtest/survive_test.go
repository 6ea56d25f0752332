package simtest_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/story"
)

// edits are what somebody does to the program after a failure of it was recorded.
type edits struct {
	noise   bool   // elsewhere: another node, more tasks, more draws, more packets
	waits   int    // in the failing task, before it matters
	renames string // the failing task
	fixes   bool
}

// stale is a program whose push task reads a level, waits until +99ms, and pushes by what it read. The level
// is raised at +150ms, so that wait must end very late.
func stale(e edits) func(r *check.Run) {
	return func(r *check.Run) {
		name := "push"
		if e.renames != "" {
			name = e.renames
		}
		rejects := false
		w := r.World(sim.Config{})
		g := w.AddNode("g1", func(core.Env) {})
		if e.noise {
			noise(w, r, g)
		}
		w.Workload(g, "level", func(env core.Env) {
			_ = env.Sleep(env.Context(), 150*time.Millisecond)
			rejects = true
		})
		w.Workload(g, name, func(env core.Env) {
			for range e.waits {
				env.Yield("one more")
			}
			_ = env.Sleep(env.Context(), 94*time.Millisecond)
			read := rejects
			_ = env.Sleep(env.Context(), core.Instant(99*time.Millisecond).Sub(env.Now()))
			if e.fixes {
				read = rejects
			}
			if !read && rejects {
				r.Fatalf("pushed under REJECT")
			}
		})
		w.Run()
	}
}

func noise(w *sim.World, r *check.Run, g *sim.Node) {
	check.Draw(r, "noise", 1, 2, 3)
	w.Workload(g, "aside", func(env core.Env) {
		for range 20 {
			_ = env.Sleep(env.Context(), time.Duration(env.Rand().IntN(9))*time.Millisecond)
		}
	})
	w.AddNode("more", func(env core.Env) {
		for i := range 5 {
			env.Go(string(rune('a'+i)), func() { _ = env.Sleep(env.Context(), time.Second) })
		}
	})
}

func bodyOf(e edits) explore.Body { return check.Scenario("stale", stale(e)).Body }

// recorded finds a failure of the program as it was, and shrinks it.
func recorded(t *testing.T) (explore.File, story.Story) {
	t.Helper()
	reports, err := explore.Campaign{
		Scenarios: []explore.Scenario{{Name: "stale", Body: bodyOf(edits{})}}, Base: 1, Seeds: 5000,
	}.Explore(context.Background())
	require.NoError(t, err)
	require.Len(t, reports[0].Found, 1)
	shrinking, found := explore.Shrinking{Runs: 1000}, reports[0].Found[0]
	return story.Reduce(context.Background(), shrinking, bodyOf(edits{}), 1, found)
}

func replayed(t *testing.T, file explore.File, e edits) explore.Answer {
	t.Helper()
	answer, err := explore.ReplayNearby(context.Background(), file, bodyOf(e), 50)
	require.NoError(t, err)
	return answer
}

func TestFailureIsShrunkToTheOneStallThatMatters(t *testing.T) {
	file, told := recorded(t)
	require.Len(t, file.Choices, 1)
	require.Contains(t, file.Choices, "stall g1#0/push 2")
	assert.Zero(t, file.Unverified)
	assert.Regexp(t, `(?m)^1 choice matters \(of \d+\), no fault needed:
  \+0\.099s  g1/push  is late by 100ms
the closest passing run does without this: \+0\.099s g1/push is late by 100ms; where they part
  here   \+0\.150s g1/level end
  there  \+0\.099s g1/push end
seed \d+ \(run \d+ from base 1\), strategy random, shrunk from \d+ choices in \d+ runs$`, told.Text())
}

func TestFailureSurvivesAnEditElsewhere(t *testing.T) {
	file, _ := recorded(t)
	assert.Equal(t, explore.Identical, replayed(t, file, edits{}).Verdict)
	answer := replayed(t, file, edits{noise: true})
	assert.Equal(t, explore.SameFailure, answer.Verdict)
	assert.Empty(t, answer.NeverAsked)
	assert.Equal(t, explore.Nearby, replayed(t, file, edits{waits: 1}).Verdict, "its questions have moved")
	assert.Equal(t, explore.Nearby, replayed(t, file, edits{waits: 2, noise: true}).Verdict)
}

func TestReplayPartsLoudlyAfterAnEditThatMatters(t *testing.T) {
	file, _ := recorded(t)
	fixed := replayed(t, file, edits{fixes: true})
	assert.Equal(t, explore.Gone, fixed.Verdict)
	assert.Regexp(t, `^replayed: gone, and so it is with \d+ schedules next to it$`, fixed.Explain(file))

	renamed := replayed(t, file, edits{renames: "pusher"})
	assert.Equal(t, explore.Gone, renamed.Verdict)
	assert.Contains(t, renamed.Explain(file), "\n  1 of 1 recorded choices were never asked:\n"+
		"    stall g1#0/push 2: +99ms g1/push is late by 100ms")
}

func TestMomentOfAWorldIsTheStepThatDrawsTheStall(t *testing.T) {
	file, _ := recorded(t)
	answer := replayed(t, file, edits{})
	moments := explore.Moments{}.Decided(context.Background(), bodyOf(edits{}), file, answer.Outcome)
	require.Len(t, moments, 1)
	assert.Equal(t, answer.Outcome.Choices[0].Step, moments[0].Step)
	assert.Equal(t, 94*time.Millisecond, moments[0].At)
	assert.Less(t, moments[0].Before, 5)
	assert.Equal(t, 20, moments[0].After)

	told := story.Explain(context.Background(), bodyOf(edits{}), file, answer).Text()
	assert.Regexp(t, `until \+0.094s  \d of 20 fail, after it 20  step \d+, g1/push`, told)
}

func TestStoryOfAReplayedFileIsTheShrunkOne(t *testing.T) {
	file, _ := recorded(t)
	answer := replayed(t, file, edits{})
	told := story.OfReplay(file, answer, "").Text()
	assert.Contains(t, told, "1 choice matters (of ")
	answer = replayed(t, file, edits{noise: true})
	assert.NotContains(t, story.OfReplay(file, answer, "").Text(), "matters", "nothing is known of this run")
}
