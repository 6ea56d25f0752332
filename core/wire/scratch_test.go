package wire_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core/wire"
)

type note struct {
	Number uint64
	Text   string
	Inner  *note
}

func (n *note) Fields(c *wire.Coder) {
	c.Uint64(1, &n.Number)
	c.String(2, &n.Text)
	wire.Optional(c, 3, &n.Inner)
}

func TestScratchMarshalsAndUnmarshalsLikeThePackage(t *testing.T) {
	var s wire.Scratch
	for _, m := range []*note{
		{Number: 7, Text: "seven", Inner: &note{Text: "inside"}},
		{},
		{Text: string(bytes.Repeat([]byte("long "), 40_000))}, // more than is kept
		{Number: 1},
	} {
		b := s.Marshal(m)
		require.Equal(t, wire.Marshal(m), b)
		var back note
		require.NoError(t, s.Unmarshal(b, &back))
		require.Equal(t, m, &back)
		require.ErrorIs(t, s.Unmarshal([]byte{0xff}, &back), wire.ErrMalformed)
	}
}

func TestScratchNeverChangesWhatItReturned(t *testing.T) {
	var s wire.Scratch
	first := s.Marshal(&note{Text: "first"})
	before := bytes.Clone(first)
	s.Marshal(&note{Text: "other"})
	require.Equal(t, before, first)
}

func TestScratchAllocatesOnlyWhatItReturns(t *testing.T) {
	var s wire.Scratch
	m := &note{Number: 7, Text: "seven"}
	s.Marshal(m)
	require.LessOrEqual(t, testing.AllocsPerRun(100, func() { s.Marshal(m) }), 1.0)
}
