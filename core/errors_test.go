package core_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
)

func TestSendErrorMatchesItsKindAndItsCause(t *testing.T) {
	for _, c := range []struct {
		definite    bool
		kind, other error
		text        string
	}{
		{true, core.ErrDefinite, core.ErrIndefinite, "send to g1:80: queue full (certainly not delivered)"},
		{false, core.ErrIndefinite, core.ErrDefinite, "send to g1:80: queue full (may have been delivered)"},
	} {
		refused := &core.SendError{To: "g1:80", Definite: c.definite, Cause: core.ErrQueueFull}
		err := fmt.Errorf("m1: push: %w", refused)
		require.ErrorIs(t, err, c.kind)
		require.NotErrorIs(t, err, c.other)
		require.ErrorIs(t, err, core.ErrQueueFull)
		require.NotErrorIs(t, err, core.ErrClosed)
		var sendError *core.SendError
		require.True(t, errors.As(err, &sendError))
		require.Equal(t, c.text, sendError.Error())
	}
}

func TestClassesAreNamedByUrgency(t *testing.T) {
	require.Less(t, core.Critical, core.High)
	require.Less(t, core.High, core.Normal)
	require.Less(t, core.Normal, core.Low)
	require.Equal(t, "CRITICAL HIGH NORMAL LOW class?",
		fmt.Sprint(core.Critical, core.High, core.Normal, core.Low, core.ClassCount))
}
