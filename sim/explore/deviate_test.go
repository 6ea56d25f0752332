package explore_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/explore"
)

func TestDeviationChangesOnlyItsBucket(t *testing.T) {
	answers := func(chooser choice.Chooser) []int {
		stream := choice.NewStream(choice.Pick, "n1")
		out := make([]int, 1000)
		for i := range out {
			out[i] = stream.Ask(chooser, 100, nil)
		}
		return out
	}
	plain := answers(choice.NewSeeded(1))
	changed := map[int]int{}
	for bucket := range uint16(explore.Buckets) {
		deviation := []explore.Deviation{{bucket, 7}, {bucket, 8}}
		for i, answer := range answers(explore.Deviate(choice.NewSeeded(1), deviation)) {
			if answer != plain[i] {
				assert.Equal(t, 7, answer)
				changed[i]++
			}
		}
	}
	for i, times := range changed {
		assert.Equal(t, 1, times, "choice %d is in one bucket", i)
	}
	assert.Greater(t, len(changed), 950, "all are in some bucket; one in a hundred was 7 anyway")
}

func TestAnyBytesAreASchedule(t *testing.T) {
	seed, deviations := explore.FromBytes([]byte{5})
	assert.Equal(t, uint64(5), seed)
	assert.Empty(t, deviations)

	seed, deviations = explore.FromBytes([]byte{1, 0, 0, 0, 0, 0, 0, 0xff, 2, 0, 3, 0, 9, 9, 9})
	assert.Equal(t, uint64(1), seed, "below 2^53")
	assert.Equal(t, []explore.Deviation{{Bucket: 2, Value: 3}}, deviations)

	_, deviations = explore.FromBytes(make([]byte, 5000))
	assert.Len(t, deviations, 64)
}
