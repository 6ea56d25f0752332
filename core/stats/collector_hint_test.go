package stats

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAHintClosesOnlyWhatEveryLiveDatacenterSaysIsComplete(t *testing.T) {
	c := newTestCollector(t, testStart)
	s := opened(t, c, 0)
	first := c.config.Index(testStart)
	for k := range int64(4) {
		c.Apply(s.say(k, 1), testSource, at(0))
	}
	now := at(4)
	c.Heard("west", now)
	c.Complete("east", first+2, now)
	require.Empty(t, c.TakeClosed(now), "west lives and has said nothing")
	c.Complete("west", first, now)
	require.Equal(t, []int64{0}, ks(c.TakeClosed(now)))
	c.Complete("west", first+1, now)
	require.True(t, c.HasPending(now))
	require.Equal(t, []int64{1}, ks(c.TakeClosed(now)))
	now = now.Add(200 * time.Millisecond)
	c.Complete("west", first+3, now)
	require.Equal(t, []int64{2}, ks(c.TakeClosed(now)), "east is behind")
	c.Complete("west", first-9, now)
	c.Complete("east", first+5, now)
	require.Equal(t, []int64{3}, ks(c.TakeClosed(now)), "nobody takes back what he said")
	c.Apply(s.say(4, 1), testSource, now)
	require.Empty(t, c.TakeClosed(now))
	c.Gone("west", now)
	require.Equal(t, []int64{4}, ks(c.TakeClosed(now)))
}

func TestASilentDatacenterIsNotWaitedFor(t *testing.T) {
	config := DefaultConfig()
	config.ClosingTolerance, config.MaximumAge = time.Minute, 2*time.Minute
	c, err := NewCollector("job", config, testStart)
	require.NoError(t, err)
	s := opened(t, c, 0)
	c.Apply(s.say(0, 1), testSource, at(0))
	c.Heard("west", at(0))
	c.Complete("east", config.Index(testStart), at(0).Add(config.LiveWithin))
	require.False(t, c.HasPending(at(0).Add(config.LiveWithin)))
	require.True(t, c.HasPending(at(0).Add(config.LiveWithin+1)), "west was last heard too long ago")
}

func TestNobodyLiveIsNoHint(t *testing.T) {
	config := DefaultConfig()
	config.ClosingTolerance, config.MaximumAge = time.Minute, 2*time.Minute
	c, err := NewCollector("job", config, testStart)
	require.NoError(t, err)
	s := opened(t, c, 0)
	c.Complete("east", config.Index(testStart)+1, at(0))
	c.Apply(s.say(2, 1), testSource, at(0))
	require.False(t, c.HasPending(at(0).Add(10*time.Second)))
}

func TestAHintNeverClosesWhatStartsTooFarAhead(t *testing.T) {
	c := newTestCollector(t, testStart)
	s := opened(t, c, 0)
	c.Complete("east", 1<<62, at(0))
	require.Equal(t, AppliedLate, c.Apply(s.say(20, 1), testSource, at(0)).Result)
	require.Equal(t, AppliedUnwindowed, c.Apply(s.say(21, 1), testSource, at(0)).Result)
	require.Equal(t, Applied, c.Apply(s.say(21, 1), testSource, at(1)).Result,
		"the hint was for what could be known then")
}

func TestTimeThatFallsIsTakenAsTheLast(t *testing.T) {
	c := newTestCollector(t, testStart)
	s := opened(t, c, 0)
	c.Apply(s.say(0, 1), testSource, at(0))
	require.True(t, c.HasPending(at(10)))
	require.True(t, c.HasPending(at(-10)))
	require.Equal(t, AppliedLate, c.Apply(s.say(1, 1), testSource, at(0)).Result)
}
