package manager

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/sim/check"
)

// A job may be forgotten soon after it has ended. Its worker must be told to stop all the same, and has its
// cores until it says that it did.
func TestAWorkerIsToldToStopHoweverSoonItsJobIsForgotten(t *testing.T) {
	soon := func(c *Config) { c.Retention = leastRetention }
	playAll(t, stage{deaf: 2, configure: soon}, func(r *check.Run, s *stage) {
		s.start("j", 1)
		_, err := ask[protocol.Taken](s, protocol.MethodJobEnd, &protocol.JobEnd{Job: "j", Token: 5})
		require.NoError(r, err)
		s.sleep(30 * time.Second)
		require.Len(r, s.stops, 3, "until it answers")
		require.EqualValues(r, 1, s.beatIn.Free, "of two: it may run yet")
		s.ended("j")
		s.sleep(5 * time.Second)
		require.EqualValues(r, 2, s.beatIn.Free)
	})
}
