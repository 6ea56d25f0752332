package worker

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/core/protocol"
	"github.com/windtunnel/windtunnel/sim"
	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/simtest"
)

// A manager that is gone refuses at once: the worker must not ask at once again.
func TestReportsThatNobodyTakesAreNotSentWithoutPause(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		play(r, func(s *stage) {
			s.start(5 * time.Second)
			s.sleep(time.Second)
			gone := s.at.counters.reportsUnsent.Load()
			require.NoError(r, s.leave(), "nobody listens there any more")
			s.sleep(20 * time.Second)
			require.Less(r, s.at.counters.reportsUnsent.Load()-gone, uint64(100))
			require.Positive(r, s.at.counters.reportsUnsent.Load())
		})
	})
}

// A manager that is busy would be kept busy by what it has already.
func TestABusyManagerIsNotSentAllAgain(t *testing.T) {
	simtest.CheckWith(t, few, func(r *check.Run) {
		playWith(r, func(c *Config) { c.Heartbeat = 100 * time.Millisecond }, func(s *stage) {
			s.worker.SetStalls(sim.Quiet()) // a heartbeat that takes too long is another matter
			s.peer.SetStalls(sim.Quiet())
			s.marking, s.busy = false, true // nothing becomes durable: all of it could be sent again
			s.sleep(time.Second)
			s.start(time.Minute)
			began := s.beats
			s.sleep(1500 * time.Millisecond) // less than Resend
			require.Greater(r, s.beats-began, 10)
			require.Greater(r, len(s.entries), 3)
			for i, e := range s.entries {
				require.Equal(r, uint64(i+1), e.N, "each entry once")
			}
		})
	})
}

// At THROTTLE a report is for two windows, and those of so many attempts have no room in one.
func TestAllAttemptsHaveTheirTurnWhenReportsAreFull(t *testing.T) {
	const attempts = protocol.MostEntries * 3 / 4
	simtest.CheckWith(t, simtest.Options{Seeds: 3}, func(r *check.Run) {
		change := func(c *Config) { c.Cores, c.Resend = attempts, time.Minute }
		playWith(r, change, func(s *stage) {
			s.marking, s.level = false, backpressure.Throttle
			for shard := range uint32(attempts) {
				request := s.request(20 * time.Second)
				request.Stream = streamOf("j", shard)
				require.False(r, s.askRun(request).Ended)
			}
			s.sleep(5 * time.Second)
			told := map[uint32]bool{}
			for _, e := range s.entries {
				told[e.Stream.Shard] = true
			}
			require.Len(r, told, attempts)
		})
	})
}
