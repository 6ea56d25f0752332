package timeline

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/sim/trace"
)

func TestChoicesStandAfterWhoAskedAndBeforeWhatCameOfThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := traces().Filter(func(of []trace.Event) bool { return len(of) > 0 && of[0].ID != 0 })
		worlds := [][]trace.Event{whole.Draw(t, "first"), whole.Draw(t, "second")}
		var choices []trace.Choice
		for i := range rapid.IntRange(0, 9).Draw(t, "choices") {
			of := rapid.IntRange(0, 1).Draw(t, "world")
			choices = append(choices, trace.Choice{
				Answer: i + 1, World: of, Event: rapid.SampledFrom(worlds[of]).Draw(t, "asked").ID,
				At:   time.Duration(rapid.IntRange(0, 90_000_000).Draw(t, "at")),
				Lane: rapid.SampledFrom([]string{"a/push", "a → b", "nemesis"}).Draw(t, "lane"),
			})
		}
		rows := newRows(slices.Concat(worlds...), choices)

		var events []trace.Event
		found := map[int]int{} // answer -> row
		for i, r := range rows {
			for _, c := range r.choices {
				found[c.Answer] = i
			}
			if r.Kind != kindChoice {
				events = append(events, r.Event)
			}
			if i > 0 && r.ID > 1 {
				assert.GreaterOrEqual(t, r.At, rows[i-1].At, "time goes on")
			}
		}
		require.Equal(t, slices.Concat(worlds...), events, "the events are as they were")
		end := lastRowOf(rows, len(worlds[0]))
		for _, c := range choices {
			at, shown := found[c.Answer]
			first := slices.IndexFunc(worlds[c.World], func(e trace.Event) bool { return e.At >= c.At })
			require.Equal(t, first >= 0, shown, "its time came")
			if !shown {
				continue
			}
			before, after := 0, len(rows)
			for i, r := range rows {
				if (i > end) != (c.World == 1) || r.Kind == kindChoice {
					continue
				}
				if r.ID == c.Event && r.ID != 0 {
					before = i
				} else if r.ID > c.Event && r.At >= c.At {
					after = min(after, i)
				}
			}
			require.LessOrEqual(t, before, at)
			require.LessOrEqual(t, at, after)
		}
	})
}

// lastRowOf is the row of event number n-1.
func lastRowOf(rows []row, n int) int {
	for i, r := range rows {
		if r.Kind != kindChoice {
			n--
		}
		if n == 0 {
			return i
		}
	}
	return len(rows)
}

func TestWhatIsToldAlikeIsOneRow(t *testing.T) {
	told, _ := staleLevel()
	var shown [][]string
	for _, r := range newRows(told.Outcome.Trace, told.Outcome.Choices) {
		if r.Kind == kindChoice {
			line := []string{r.Lane, r.Text}
			for _, c := range r.choices {
				line = append(line, c.Key)
			}
			shown = append(shown, line)
		}
	}
	assert.Equal(t, [][]string{
		{"g1/push", "is late by 100ms", "stall g1#0/push 0"},
		{
			"world", "nemesis: one-way partition: w1 > others, +10ms to +40ms",
			"config nemesis/one-way partition/on 0", "fault nemesis/one-way partition/episode 0",
		},
		{"m1", "m1 → g1 is delayed 10ms: pressure REJECT", "delay m1>g1/HIGH 0"},
	}, shown)
}
