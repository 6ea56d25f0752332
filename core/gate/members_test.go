package gate

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/backpressure"
	"github.com/windtunnel/windtunnel/core/protocol"
)

const second = core.Instant(time.Second)

func hello(dc string, boot uint64) protocol.ManagerHello {
	return protocol.ManagerHello{Datacenter: dc, Boot: boot, Cores: 4}
}

func TestAManagerKeepsItsIncarnationUntilItRestarts(t *testing.T) {
	m := members{silence: 3 * time.Second}
	first := m.register("a:1", hello("dc-a", 7), 0).incarnation
	require.NotZero(t, first)
	require.Equal(t, first, m.register("a:2", hello("dc-a", 7), second).incarnation)
	require.Equal(t, core.Address("a:2"), m.find("dc-a").address, "answers go where it was last heard")
	require.Greater(t, m.register("a:1", hello("dc-a", 8), second).incarnation, first)
	require.Greater(t, m.register("b:1", hello("dc-b", 7), second).incarnation, first)
	require.Equal(t, []string{"dc-a", "dc-b"}, m.names())
}

func TestOnlyTheRegisteredBootIsHeard(t *testing.T) {
	m := members{silence: 3 * time.Second}
	x, _ := m.hear("dc-a", 7, backpressure.None, 0)
	require.Nil(t, x, "nobody registered")
	m.register("a:1", hello("dc-a", 7), 0)
	x, _ = m.hear("dc-a", 8, backpressure.Reject, 0)
	require.Nil(t, x)
	require.Equal(t, backpressure.None, m.levelOf("dc-a", 0))
	x, changed := m.hear("dc-a", 7, backpressure.Batch, 0)
	require.NotNil(t, x)
	require.True(t, changed)
	_, changed = m.hear("dc-a", 7, backpressure.Batch, second)
	require.False(t, changed)
	require.Equal(t, backpressure.Batch, m.levelOf("dc-a", second))
	_, changed = m.hear("dc-a", 7, backpressure.Level(99), second)
	require.True(t, changed)
	require.Equal(t, backpressure.Reject, m.levelOf("dc-a", second), "an unknown level is the worst")
}

func TestTheLevelOfASilentManagerExpires(t *testing.T) {
	m := members{silence: 3 * time.Second}
	m.register("a:1", hello("dc-a", 7), 0)
	_, any := m.nextExpiry(0)
	require.False(t, any, "NONE does not expire")
	m.hear("dc-a", 7, backpressure.Reject, second)
	m.register("b:1", hello("dc-b", 7), 0)
	m.hear("dc-b", 7, backpressure.Throttle, 2*second)
	at, any := m.nextExpiry(second)
	require.True(t, any)
	require.Equal(t, backpressure.Reject, m.levelOf("dc-a", at-1))
	require.Equal(t, backpressure.None, m.levelOf("dc-a", at))
	at, any = m.nextExpiry(at)
	require.True(t, any)
	require.Equal(t, backpressure.Throttle, m.levelOf("dc-b", at-1))
	require.Equal(t, backpressure.None, m.levelOf("dc-b", at))
	_, any = m.nextExpiry(at)
	require.False(t, any)
	_, changed := m.hear("dc-a", 7, backpressure.Reject, at)
	require.True(t, changed, "the same level is in force again")
}

func TestARestartedManagerStartsWithoutALevel(t *testing.T) {
	m := members{silence: 3 * time.Second}
	m.register("a:1", hello("dc-a", 7), 0)
	m.hear("dc-a", 7, backpressure.Reject, 0)
	m.register("a:1", hello("dc-a", 8), second)
	require.Equal(t, backpressure.None, m.levelOf("dc-a", second))
}

func TestNoMoreDatacentersRegisterThanAJobMayName(t *testing.T) {
	m := members{silence: time.Second}
	for i := range mostPlaces {
		require.NotNil(t, m.register("x:1", hello("dc-"+strconv.Itoa(i), 1), 0))
	}
	require.Nil(t, m.register("x:1", hello("one more", 1), 0))
	require.NotNil(t, m.register("x:2", hello("dc-7", 1), 0), "one that is known may come back")
	require.Len(t, m.managers, mostPlaces)
}

// Two that took each other's place in turn would each be handed all jobs, time and again.
func TestAManagerWhosePlaceWasTakenDoesNotTakeItBack(t *testing.T) {
	m := members{silence: time.Second}
	old, other := hello("dc-a", 7), hello("dc-a", 8)
	m.register("a:1", old, 0)
	require.False(t, m.displaces(&old))
	m.register("a:2", other, 0)
	require.True(t, m.displaces(&old))
	require.False(t, m.displaces(&other))
	for i := range mostDisplaced + 5 {
		m.register("a:1", hello("dc-a", uint64(100+i)), 0)
	}
	require.Len(t, m.find("dc-a").displaced, mostDisplaced)
}
