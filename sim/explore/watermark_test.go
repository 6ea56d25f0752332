package explore_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/explore"
)

func TestWatermarkIsTheHighestOfAllRunsAndItsEarliestSeed(t *testing.T) {
	scenario := explore.Scenario{Name: "toys/many", Body: toy{dice: 1, faces: 20}.body}
	highest, seed := -1, uint64(0)
	for i := range 100 {
		at := explore.SeedAt(3, i)
		face := choice.NewStream(choice.Fault, "die0").Ask(choice.NewSeeded(at), 20, nil)
		if face > highest {
			highest, seed = face, at
		}
	}
	for _, parallel := range []int{1, 8} {
		r := campaign(t, explore.Campaign{
			Scenarios: []explore.Scenario{scenario}, Base: 3, Seeds: 100, Parallel: parallel, Collect: true,
		})[0]
		require.Len(t, r.Watermarks, 1)
		assert.Equal(t, explore.Watermark{Name: "face", Value: int64(highest)}, r.Watermarks[0].Watermark)
		assert.Equal(t, seed, r.Watermarks[0].Seed)
		assert.Regexp(t, `^face 19 \(seed \d+\)$`, r.TellWatermarks())
	}
}
