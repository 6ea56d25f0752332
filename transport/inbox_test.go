package transport

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
)

func testInbox(t *testing.T) (*inbox, func(p *peer) *conn) {
	n, err := New(Config{Name: "n"})
	require.NoError(t, err)
	t.Cleanup(n.Kill)
	e := &endpoint{node: n}
	return &inbox{bell: newSignal(n)}, func(p *peer) *conn {
		c := newConn(e, nil, hello{name: "p"})
		c.peer = p
		return c
	}
}

func bodiesOf(texts ...string) (batch []core.Message) {
	for _, text := range texts {
		batch = append(batch, core.Message{Class: core.Normal, Body: []byte(text)})
	}
	return batch
}

func TestOldConnectionIsFencedOnceItsPeerSendsOnAnother(t *testing.T) {
	in, connection := testInbox(t)
	p := &peer{}
	older, newer, stranger := connection(p), connection(p), connection(&peer{})
	require.True(t, in.put(older, bodiesOf("1", "2")))
	require.True(t, in.put(newer, bodiesOf("3")))
	require.False(t, in.put(older, bodiesOf("late")), "it would come after what was sent later")
	require.True(t, in.put(newer, bodiesOf("4")))
	require.True(t, in.put(stranger, bodiesOf("5")))
	in.fence(newer)
	require.False(t, in.put(newer, bodiesOf("after its end")))
	for _, want := range []string{"1", "2", "3", "4", "5"} {
		_, m, err := in.take(context.Background())
		require.NoError(t, err)
		require.Equal(t, want, string(m.Body))
	}
}

func TestTakeGivesTheMostUrgentFirst(t *testing.T) {
	in, connection := testInbox(t)
	c := connection(&peer{})
	in.put(c, []core.Message{{Class: core.Low}, {Class: core.High, Body: []byte("1")}, {Class: core.Critical},
		{Class: core.High, Body: []byte("2")}})
	for _, want := range []core.Message{{Class: core.Critical}, {Class: core.High, Body: []byte("1")},
		{Class: core.High, Body: []byte("2")}, {Class: core.Low}} {
		_, m, err := in.take(context.Background())
		require.NoError(t, err)
		require.Equal(t, want, m)
	}
}

func TestGrantsLeaveRoomForTheLongestMessage(t *testing.T) {
	for _, c := range []Config{
		Config{Name: "a"}.withDefaults(),
		Config{Name: "a", MessageLimit: limitCeiling}.withDefaults(),
		Config{Name: "a", MessageLimit: 1}.withDefaults(),
		Config{Name: "a", MessageLimit: 5000, Window: 5000 + windowSlack}.withDefaults(),
	} {
		require.NoError(t, c.validate())
		// The most that Recv has taken and not yet granted must not keep the longest message from being sent.
		withheld := c.grantSize() - 1
		require.GreaterOrEqual(t, c.Window-withheld, c.MessageLimit+messageCost, "limit %d", c.MessageLimit)
		require.Positive(t, c.grantSize())
	}
}
