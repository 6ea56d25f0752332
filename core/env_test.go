package core_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newEnv returns the environment of a real node, perturbed, that is stopped with the test.
func newEnv(t *testing.T) core.Env {
	t.Helper()
	n, err := transport.New(transport.Config{Name: "n", Perturb: 1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, n.Stop(context.Background())) })
	return n.Env()
}

func TestInstantsSaturate(t *testing.T) {
	const last, first = core.Instant(1<<63 - 1), core.Instant(-1 << 63)
	require.Equal(t, core.Instant(5), core.Instant(2).Add(3))
	require.Equal(t, core.Instant(-1), core.Instant(2).Add(-3))
	require.Equal(t, last, core.Instant(1).Add(core.Forever))
	require.Equal(t, last, last.Add(1))
	require.Equal(t, first, first.Add(-1))
	require.EqualValues(t, 3, core.Instant(5).Sub(2))
}
