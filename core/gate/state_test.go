package gate

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core/protocol"
)

// journeys lists every transition that there is, spelled out a second time.
var journeys = map[protocol.JobState]string{
	protocol.JobUnknown:     "",
	protocol.JobSubmitted:   "QUEUED DISPATCHING FAILED CANCELLED TIMEOUT",
	protocol.JobQueued:      "DISPATCHING FAILED CANCELLED TIMEOUT",
	protocol.JobDispatching: "QUEUED RUNNING FAILED CANCELLED TIMEOUT",
	protocol.JobRunning:     "COMPLETING COMPLETED FAILED CANCELLED TIMEOUT PARTIAL",
	protocol.JobCompleting:  "COMPLETED FAILED CANCELLED TIMEOUT PARTIAL",
	protocol.JobCompleted:   "",
	protocol.JobFailed:      "",
	protocol.JobCancelled:   "",
	protocol.JobTimeout:     "",
	protocol.JobPartial:     "",
}

func TestJobsGoOnlyWhereTheirStateAllowsAndNeverLeaveAnEnd(t *testing.T) {
	states := protocol.JobPartial + 2 // one that nobody knows, too
	for from := range states {
		for to := range states {
			want := slices.Contains(words(journeys[from]), to.String())
			require.Equal(t, want, allowed(from, to), "%v -> %v", from, to)
			if from.Terminal() {
				require.False(t, allowed(from, to), "%v is an end", from)
			}
		}
	}
}

func TestEveryStateLeadsToAnEnd(t *testing.T) {
	for from := protocol.JobSubmitted; from < protocol.JobCompleted; from++ {
		for _, end := range []protocol.JobState{protocol.JobFailed, protocol.JobCancelled,
			protocol.JobTimeout} {
			require.True(t, allowed(from, end), "%v -> %v", from, end)
		}
	}
}
