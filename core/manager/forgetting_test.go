package manager

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/sim/check"
)

// A job may be forgotten soon after it has ended. Its worker must be told to stop all the same.
func TestAWorkerIsToldToStopHoweverSoonItsJobIsForgotten(t *testing.T) {
	soon := func(c *Config) { c.Retention = leastRetention }
	playAll(t, stage{deaf: 2, configure: soon}, func(r *check.Run, s *stage) {
		s.start("j", 1)
		_, err := ask[protocol.Taken](s, protocol.MethodJobEnd, &protocol.JobEnd{Job: "j", Token: 5})
		require.NoError(r, err)
		s.sleep(30 * time.Second)
		require.Len(r, s.stops, 3, "until it answers")
	})
}
