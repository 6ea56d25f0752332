package client

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/core/stats"
)

func TestAGreaterRevisionReplacesASmallerOne(t *testing.T) {
	b := newBooks(64, 1)
	b.take(&protocol.Push{Windows: []stats.Window{windowOf(1, 2), windowOf(2, 1)}})
	b.take(&protocol.Push{Windows: []stats.Window{windowOf(1, 1)}})
	b.take(&protocol.Push{Gap: &protocol.Gap{From: 3, To: 4, Windows: []protocol.WindowCounts{
		{K: 2, Revision: 2, Counts: stats.Counts{OK: 202}}, {K: 1, Revision: 1, Counts: stats.Counts{OK: 9}},
	}}})
	require.Equal(t, stats.Counts{OK: 102 + 202}, b.Windowed())
	require.Len(t, b.Windows(), 2)
	require.Equal(t, int64(1), b.Windows()[0].K)
	require.Equal(t, []protocol.Gap{{From: 3, To: 4}}, b.Gaps)
	require.Equal(t, uint64(3), b.Pushes)
}

func TestResultsAreReplacedByGreaterRevisions(t *testing.T) {
	b := newBooks(64, 1)
	for _, revision := range []uint64{1, 3, 2} {
		b.take(&protocol.Push{
			Final:  &protocol.JobResult{Revision: revision, Planned: revision},
			Result: &protocol.WorkflowResult{Workflow: "wf", Revision: revision},
			Status: &protocol.JobStatus{Version: revision},
		})
	}
	require.Equal(t, uint64(3), b.Final.Revision)
	require.Equal(t, uint64(3), b.Result["wf"].Revision)
	require.Equal(t, uint64(2), b.Status.Version, "a status is as of its push")
}

func TestFoldedWindowsStayInTheSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBooks(rapid.IntRange(2, 8).Draw(t, "bound"), 1)
		sum := uint64(0)
		for k := range int64(rapid.IntRange(0, 40).Draw(t, "windows")) {
			w := windowOf(k, 1)
			sum += w.Counts().OK
			b.take(&protocol.Push{Windows: []stats.Window{w}})
			require.LessOrEqual(t, len(b.windows), b.bound)
			require.Equal(t, sum, b.Windowed().OK)
		}
	})
}

func TestBooksThatWereHandedOutDoNotChange(t *testing.T) {
	b := newBooks(64, 1)
	b.take(&protocol.Push{Windows: []stats.Window{windowOf(1, 1)}})
	out := b.clone()
	b.take(&protocol.Push{Windows: []stats.Window{windowOf(1, 2)}, Gap: &protocol.Gap{From: 1, To: 2}})
	require.Equal(t, stats.Counts{OK: 101}, out.Windowed())
	require.Empty(t, out.Gaps)
}

func TestTheListOfGapsIsBounded(t *testing.T) {
	b := newBooks(64, 1)
	for n := uint64(1); n <= 2*mostGapsKept; n++ {
		b.take(&protocol.Push{Gap: &protocol.Gap{From: 2 * n, To: 2 * n}})
	}
	require.Len(t, b.Gaps, mostGapsKept)
	require.Equal(t, uint64(2), b.Gaps[0].From)
	require.Equal(t, uint64(4*mostGapsKept), b.Gaps[mostGapsKept-1].To)
}

func TestConfigNamesTheFieldThatIsOutOfBounds(t *testing.T) {
	good := DefaultConfig()
	good.Gate = "g:1"
	require.NoError(t, good.validate())
	for _, c := range []struct {
		change func(*Config)
		want   string
	}{
		{func(c *Config) { c.Gate = "" }, `client: listen "127.0.0.1:0" and gate "" must both be set`},
		{func(c *Config) { c.Silence = 0 }, "client: silence is 0s, must be 100ms to 10m0s"},
		{func(c *Config) { c.Queue = 1 }, "client: queue is 1, must be 2 to 65536"},
	} {
		config := good
		c.change(&config)
		require.EqualError(t, config.validate(), c.want)
	}
}
