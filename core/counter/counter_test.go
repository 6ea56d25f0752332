package counter_test

import (
	"bytes"
	"log/slog"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core/counter"
)

func TestGroupShowsWhatWasRaised(t *testing.T) {
	var quiet, raised atomic.Uint64
	raised.Add(3)
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("gate stopped", "counters", counter.Group(
		counter.Named{Name: "pushes_failed", Count: &quiet},
		counter.Named{Name: "relays_unregistered", Count: &raised},
	))
	require.Contains(t, out.String(), "counters.relays_unregistered=3")
	require.NotContains(t, out.String(), "pushes_failed")
}
