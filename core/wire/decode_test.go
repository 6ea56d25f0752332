package wire_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/windtunnel/windtunnel/core/wire"
)

func TestZeroMessageIsNoBytes(t *testing.T) {
	require.Empty(t, wire.Marshal(&outer{}))
	require.Empty(t, wire.Marshal(&outer{Blob: []byte{}, Names: []string{}, List: []inner{}}))
	require.NotEmpty(t, wire.Marshal(&outer{F: math.Copysign(0, -1)}), "floats are told apart by their bits")
	require.NotEmpty(t, wire.Marshal(&outer{Maybe: &inner{}}))
}

func field(n protowire.Number, value string) []byte {
	return protowire.AppendString(protowire.AppendTag(nil, n, protowire.BytesType), value)
}

func number(n protowire.Number, value uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, n, protowire.VarintType), value)
}

func TestUnknownFieldsAreSkippedWhereverTheyStand(t *testing.T) {
	at := [][]byte{
		nil, number(1, 7), number(3, 0), field(3, "x"), field(3, "y"), number(4, 1), field(10, ""),
		protowire.AppendFixed32(protowire.AppendTag(nil, 10, protowire.Fixed32Type), 5),
		field(16, string(append(number(1, 2), number(900, 3)...))), field(18, "z"),
		field(19, ""), field(19, ""),
		number(1000, 9), number(1001, 0), protowire.AppendFixed64(protowire.AppendTag(nil, 2000, 1), 0),
	}
	var b []byte
	for _, f := range at {
		b = append(b, f...)
	}
	var m outer
	require.NoError(t, wire.Unmarshal(b, &m))
	require.Equal(t, outer{U: 7, B: true, In: inner{N: 2}, List: make([]inner, 2), Last: 9}, m)
}

func TestMalformedBytesAreRefused(t *testing.T) {
	deep := inner{}
	for range wire.MaxDepth + 1 {
		deep = inner{Sub: []inner{deep}}
	}
	join := func(parts ...[]byte) (b []byte) {
		for _, p := range parts {
			b = append(b, p...)
		}
		return b
	}
	for what, b := range map[string][]byte{
		"tag cut short":                 {0x80},
		"value cut short":               {0x08, 0x80},
		"tag not shortest":              {0x88, 0x00, 0x01},
		"value not shortest":            {0x08, 0x81, 0x00},
		"value over 64 bits":            append([]byte{0x08}, strings.Repeat("\xff", 10)...),
		"field number 0":                number(0, 1),
		"field number too large":        {0xf8, 0xff, 0xff, 0xff, 0xff, 0x01, 1},
		"zero written out":              number(1, 0),
		"zero float written out":        protowire.AppendFixed64(protowire.AppendTag(nil, 6, 1), 0),
		"fixed cut short":               {6<<3 | 1, 1, 2, 3},
		"empty string written out":      field(11, ""),
		"empty bytes written out":       field(12, ""),
		"empty packed written out":      field(15, ""),
		"empty nested written out":      field(16, ""),
		"packed number not shortest":    field(15, "\x81\x00"),
		"packed number cut short":       field(15, "\x81"),
		"bool of 2":                     number(4, 2),
		"enum over its type":            number(8, 256),
		"int over its type":             number(9, protowire.EncodeZigZag(1<<31)),
		"wrong wire type":               field(1, "x"),
		"wrong wire type of a fixed":    number(7, 1),
		"wrong wire type in a list":     join(field(19, ""), number(19, 1)),
		"repeated":                      join(number(1, 1), number(1, 1)),
		"out of order":                  join(number(2, 1), number(1, 1)),
		"list not together":             join(field(13, "a"), number(1000, 1), field(13, "b")),
		"unknown out of order":          join(number(3, 1), number(1, 1)),
		"length beyond the input":       {12<<3 | 2, 5, 'a'},
		"length beyond any memory":      append([]byte{12<<3 | 2}, strings.Repeat("\xff", 9)+"\x01"...),
		"group":                         protowire.AppendTag(nil, 3, protowire.StartGroupType),
		"wire type 7":                   {3<<3 | 7},
		"unknown cut short":             {3<<3 | 2, 9, 'x'},
		"nested beyond the outer":       field(16, "\x12\x05a"),
		"unknown in nested cut short":   field(16, "\xa2\x38\x05a"),
		"too deep":                      field(16, string(wire.Marshal(&deep))),
		"second element cut short":      append(field(19, ""), 19<<3&0x7f|0x80|2, 1, 9),
		"error inside a list's element": join(field(19, ""), field(19, "\x08\x00"), field(19, "")),
	} {
		t.Run(what, func(t *testing.T) {
			var m outer
			err := wire.Unmarshal(b, &m)
			require.ErrorIs(t, err, wire.ErrMalformed)
			require.Contains(t, err.Error(), "wire: *wire_test.outer: field ")
		})
	}
}

func TestErrorNamesThePathToTheField(t *testing.T) {
	require.EqualError(t, wire.Unmarshal(number(1, 0), &outer{}),
		"wire: *wire_test.outer: field 1: malformed message: a zero value is written out")
	b := field(19, string(field(3, "\x08\x00")))
	require.EqualError(t, wire.Unmarshal(b, &outer{}), "wire: *wire_test.outer: field 19: "+
		"*wire_test.inner: field 3: *wire_test.inner: field 1: malformed message: "+
		"a zero value is written out")
}

func TestNothingIsDecodedAfterAnError(t *testing.T) {
	var m outer
	b := append(field(16, "\x08\x00"), field(17, string(make([]byte, 136)))...)
	b = append(b, number(1000, 9)...) // 8a 01, the tag of 17, read as a length leads here
	require.Error(t, wire.Unmarshal(b, &m))
	require.Zero(t, m)
}

func TestElementsOfAllListsAreBounded(t *testing.T) {
	var m outer
	half := inner{Sub: make([]inner, wire.MaxElements/2-1)}
	require.NoError(t, wire.Unmarshal(wire.Marshal(&outer{List: []inner{half, half}}), &m))
	require.Len(t, m.List[1].Sub, wire.MaxElements/2-1)
	err := wire.Unmarshal(wire.Marshal(&outer{List: []inner{half, half, {}}}), &m)
	require.ErrorIs(t, err, wire.ErrMalformed)
}

func TestBytesAliasTheInputAndStringsDoNot(t *testing.T) {
	b := wire.Marshal(&outer{S: "text", Blob: []byte("blob")})
	var m outer
	require.NoError(t, wire.Unmarshal(b, &m))
	clear(b)
	require.Equal(t, "text", m.S)
	require.Equal(t, make([]byte, 4), m.Blob)
	require.Equal(t, 4, cap(m.Blob), "appending to it must not write into the input")
}

type refusing struct{ N uint64 }

func (m *refusing) Fields(c *wire.Coder) {
	c.Uint64(1, &m.N)
	if c.Decoding() && m.N == 3 {
		c.Fail("three is not a number here")
	}
}

func TestMessageRefusesItsOwnValue(t *testing.T) {
	b := wire.Marshal(&refusing{N: 3})
	require.ErrorIs(t, wire.Unmarshal(b, &refusing{}), wire.ErrMalformed)
	require.NoError(t, wire.Unmarshal(wire.Marshal(&refusing{N: 4}), &refusing{}))
}

type disorderly struct{ A, B uint64 }

func (m *disorderly) Fields(c *wire.Coder) {
	c.Uint64(2, &m.A)
	c.Uint64(1, &m.B)
}

func TestFieldsOutOfOrderAreAMistakeOfTheProgram(t *testing.T) {
	require.Panics(t, func() { wire.Marshal(&disorderly{}) })
	require.Panics(t, func() { _ = wire.Unmarshal(nil, &disorderly{}) })
}
