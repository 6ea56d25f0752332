package story_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/story"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// reduced is the story of backpressure, shrunk.
func reduced() story.Story {
	s := backpressure()
	s.Outcome.Trace = append([]trace.Event{
		{ID: 9, Lane: "m-east", Kind: trace.Node, Text: "boot"},
		{ID: 10, Lane: "w9", Kind: trace.Node, Text: "boot"},
		{ID: 11, Lane: "w9/report", Kind: trace.Note, Text: "nobody's affair"},
		{ID: 12, Lane: "world", Kind: trace.Drop, Text: "m-east → g1 LOW: loss"},
		{ID: 13, Lane: "world", Kind: trace.Drop, Text: "w9 → w8 LOW: loss"},
	}, s.Outcome.Trace...)
	partition := "partition: m-east | others, +3.1s to +5.2s"
	s.Outcome.Choices = []trace.Choice{
		{Key: "config nemesis/partition/on 0", Answer: 1, At: at(3100), Lane: "nemesis", Text: partition},
		{Key: "stall g1#0/push 7", Answer: 4, At: at(14100), Lane: "g1/push", Text: "is late by 100ms"},
		{Key: "fault nemesis/partition/episode 0", Answer: 1, At: at(3100), Lane: "nemesis", Text: partition},
		{
			Key: "delay m-east>g1/HIGH 3", Answer: 90, At: at(14100), Lane: "m-east → g1",
			Text: "is delayed 20ms",
		},
	}
	s.Shrunk, s.Runs, s.Choices = 212, 57, explore.Choices{}
	s.Flips = map[string]explore.Flip{}
	for _, c := range s.Outcome.Choices {
		s.Choices[c.Key], s.Flips[c.Key] = c.Answer, explore.Flip{Passes: true}
	}
	s.Flips["delay m-east>g1/HIGH 3"] = explore.Flip{Key: "whole snapshots"}
	s.Closest = &explore.Closest{
		Without: "stall g1#0/push 7",
		Failing: trace.Event{ID: 6, At: at(14120), Lane: "g1", Kind: trace.Deliver, Text: "pressure REJECT"},
	}
	s.Moments = []explore.Moment{{Step: 1180, At: at(14050), Before: 3, After: 20, Of: 20}}
	return s
}

func TestStoryLeadsWithTheChoicesThatMatter(t *testing.T) {
	text := reduced().Text()
	golden(t, "shrunk", text)
	for _, told := range []string{
		"\n4 choices matter (of 1204):\n", // a fault is among them
		"  +3.100s   nemesis      partition: m-east | others, +3.1s to +5.2s (2 choices)\n",
		"  +14.100s  g1/push      is late by 100ms\n",
		"  +14.100s  m-east → g1  is delayed 20ms (without it fails \"whole snapshots\")\n",
		"does without this: +14.100s g1/push is late by 100ms; where they part\n",
		"  there  the run is over\n",
		"  until +14.050s  3 of 20 fail, after it 20  step 1180, g1/push: read level NONE\n",
		"shrunk from 212 choices in 57 runs\n", "events of g1, m-east:\n", "m-east → g1 LOW: loss",
	} {
		assert.Contains(t, text, told)
	}
	assert.NotContains(t, text, "nobody's affair")
	assert.NotContains(t, text, "w9 → w8")
}

func TestStorySaysWhenNoChoiceOrNoFaultMatters(t *testing.T) {
	s := reduced()
	s.Choices, s.Closest = explore.Choices{}, nil
	assert.Contains(t, s.Text(), "\nno choice matters (of 1204): it fails when everything is quiet\n")
	s.Choices = explore.Choices{"stall g1#0/push 7": 4}
	assert.Contains(t, s.Text(), "\n1 choice matters (of 1204), no fault needed:\n")
	s.Choices = explore.Choices{"pick somebody 3": 9}
	assert.Contains(t, s.Text(), "\n  +0.000s  pick  somebody 3: 9\n", "nobody found words for it")
}

func TestStorySaysHowManyChoicesWereNotTried(t *testing.T) {
	s := reduced()
	s.Unverified, s.Closest = 30, nil
	for i := range 40 {
		s.Choices[fmt.Sprintf("pick n1 %d", i)] = 1
	}
	text := s.Text()
	assert.Contains(t, text, "at most 44 choices matter (of 1204; 30 of them were not tried):\n")
	assert.Contains(t, text, "more, in the file\n")
	assert.Less(t, strings.Count(text, "\n"), 60)
}

func TestReplayedStoryIsReducedWhereItsFileIs(t *testing.T) {
	s := reduced()
	file := explore.NewFile("s", "random", 17, s.Outcome, s.Choices)
	answer := explore.Answer{Outcome: s.Outcome, Asked: 1204, Choices: s.Choices}
	assert.NotContains(t, story.OfReplay(file, answer, "").Text(), "matter")
	file.ShrunkFrom = 212
	assert.Contains(t, story.OfReplay(file, answer, "").Text(), "4 choices matter (of 1204):\n")
	answer.Verdict = explore.SameFailure
	assert.Contains(t, story.OfReplay(file, answer, "").Text(), "4 of 1204 choices were not quiet\n")
}
