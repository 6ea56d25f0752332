package gate

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core/protocol"
)

func TestVerdictOnAWorkflow(t *testing.T) {
	whole := func(end protocol.EndState) progress { return progress{whole: true, end: end} }
	open, refused := progress{}, progress{refused: true}
	done, failed := whole(protocol.EndCompleted), whole(protocol.EndFailed)
	for _, c := range []struct {
		name    string
		shares  []progress
		over    bool
		end     protocol.EndState
		decided bool
	}{
		{"nothing in", []progress{open, open}, false, protocol.EndUnknown, false},
		{"one is waited for", []progress{done, open}, false, protocol.EndUnknown, false},
		{"one waited for, one refused", []progress{refused, open}, false, protocol.EndUnknown, false},
		{"all whole", []progress{done, done}, false, protocol.EndCompleted, true},
		{"all whole, lost shards are for the books", []progress{done, whole(protocol.EndStopped)}, false,
			protocol.EndCompleted, true},
		{"a datacenter lost all of its", []progress{done, whole(protocol.EndLost)}, false,
			protocol.EndStopped, true},
		{"both did", []progress{whole(protocol.EndLost), whole(protocol.EndLost)}, false,
			protocol.EndFailed, true},
		{"all failed", []progress{failed, failed}, false, protocol.EndFailed, true},
		{"one failed", []progress{failed, done}, false, protocol.EndStopped, true},
		{"one refused", []progress{refused, done}, false, protocol.EndStopped, true},
		{"all refused", []progress{refused, refused}, false, protocol.EndLost, true},
		{"one refused, one failed", []progress{refused, failed}, false, protocol.EndFailed, true},
		{"time is up, nothing in", []progress{open, open}, true, protocol.EndLost, true},
		{"time is up, one in", []progress{open, done}, true, protocol.EndStopped, true},
		{"time is up, all in", []progress{done, done}, true, protocol.EndCompleted, true},
	} {
		end, decided := verdictOn(c.shares, c.over)
		require.Equal(t, c.decided, decided, c.name)
		require.Equal(t, c.end, end, c.name)
	}
}

func TestStateOfAJobFromItsWorkflows(t *testing.T) {
	completed, failed := protocol.EndCompleted, protocol.EndFailed
	partly, lost := protocol.EndStopped, protocol.EndLost
	for _, c := range []struct {
		name string
		ends []protocol.EndState
		late bool
		want protocol.JobState
	}{
		{"all completed", []protocol.EndState{completed, completed}, false, protocol.JobCompleted},
		{"all completed in the last moment", []protocol.EndState{completed}, true, protocol.JobCompleted},
		{"one cut short", []protocol.EndState{completed, partly}, true, protocol.JobPartial},
		{"one failed", []protocol.EndState{completed, failed}, false, protocol.JobPartial},
		{"one lost", []protocol.EndState{completed, lost}, true, protocol.JobPartial},
		{"all failed", []protocol.EndState{failed, failed}, false, protocol.JobFailed},
		{"some were skipped", []protocol.EndState{completed, protocol.EndSkipped}, false,
			protocol.JobPartial},
		{"what failed had others skipped", []protocol.EndState{failed, protocol.EndSkipped}, false,
			protocol.JobFailed},
		{"nothing in time", []protocol.EndState{lost, lost}, true, protocol.JobTimeout},
		{"nothing could run", []protocol.EndState{lost}, false, protocol.JobFailed},
		{"failed, and nothing more in time", []protocol.EndState{failed, lost}, true, protocol.JobFailed},
	} {
		got := stateOf(c.ends, c.late)
		require.Equal(t, c.want, got, c.name)
		require.True(t, got.Terminal())
	}
}
