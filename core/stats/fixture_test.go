package stats

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// testStart is the start of a window of any size that divides a minute.
var testStart = At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))

var testSource = Source{Worker: "w1", Incarnation: 1}

func testStream(shard uint32) Stream {
	return Stream{Job: "job", Datacenter: "east", Workflow: "browse", Shard: shard, Attempt: 1}
}

func newTestCollector(tb testing.TB, now Time) *Collector {
	c, err := NewCollector("job", DefaultConfig(), now)
	require.NoError(tb, err)
	return c
}
