package wire_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/core/wire"
)

type (
	color uint8
	name  string
	cores int32
)

// inner is a message of the size that most are.
type inner struct {
	N    uint64
	Name name
	Sub  []inner
}

func (m *inner) Fields(c *wire.Coder) {
	c.Uint64(1, &m.N)
	wire.Text(c, 2, &m.Name)
	wire.List(c, 3, &m.Sub)
}

// outer has a field of every kind, and gaps for unknown ones.
type outer struct {
	U      uint64
	I      int64
	B      bool
	D      time.Duration
	F      float64
	Hash   uint64
	Color  color
	Cores  cores
	S      string
	Blob   []byte
	Names  []string
	Typed  []name
	Deltas []uint64
	In     inner
	Maybe  *inner
	List   []inner
	Last   uint64
}

func (m *outer) Fields(c *wire.Coder) {
	c.Uint64(1, &m.U)
	c.Int64(2, &m.I)
	c.Bool(4, &m.B)
	c.Duration(5, &m.D)
	c.Float64(6, &m.F)
	c.Fixed64(7, &m.Hash)
	wire.Enum(c, 8, &m.Color)
	wire.Int(c, 9, &m.Cores)
	c.String(11, &m.S)
	c.Bytes(12, &m.Blob)
	c.Strings(13, &m.Names)
	wire.Texts(c, 14, &m.Typed)
	c.Uint64s(15, &m.Deltas)
	wire.Nested(c, 16, &m.In)
	wire.Optional(c, 17, &m.Maybe)
	wire.List(c, 19, &m.List)
	c.Uint64(1000, &m.Last)
}

func sometimes[T any](t *rapid.T, g *rapid.Generator[T]) T {
	var zero T
	if rapid.Bool().Draw(t, "there") {
		return g.Draw(t, "value")
	}
	return zero
}

func list[T any](g *rapid.Generator[T]) *rapid.Generator[[]T] {
	return rapid.Custom(func(t *rapid.T) []T {
		got := rapid.SliceOfN(g, 0, 5).Draw(t, "list")
		if len(got) == 0 {
			return nil
		}
		return got
	})
}

func inners(depth int) *rapid.Generator[inner] {
	return rapid.Custom(func(t *rapid.T) inner {
		m := inner{N: sometimes(t, rapid.Uint64()), Name: name(sometimes(t, rapid.StringN(0, 80, 200)))}
		if depth > 0 {
			m.Sub = sometimes(t, list(inners(depth-1)))
		}
		return m
	})
}

var outers = rapid.Custom(func(t *rapid.T) outer {
	m := outer{
		U: sometimes(t, rapid.Uint64()), I: sometimes(t, rapid.Int64()), B: rapid.Bool().Draw(t, "b"),
		D: time.Duration(sometimes(t, rapid.Int64())), F: sometimes(t, rapid.Float64()),
		Hash: sometimes(t, rapid.Uint64()), Color: color(sometimes(t, rapid.Uint8())),
		Cores: cores(sometimes(t, rapid.Int32())), S: sometimes(t, rapid.String()),
		Blob: sometimes(t, list(rapid.Byte())), Names: sometimes(t, list(rapid.String())),
		Deltas: sometimes(t, list(rapid.Uint64())), In: sometimes(t, inners(2)),
		List: sometimes(t, list(inners(1))), Last: sometimes(t, rapid.Uint64()),
	}
	for _, s := range sometimes(t, list(rapid.String())) {
		m.Typed = append(m.Typed, name(s))
	}
	if rapid.Bool().Draw(t, "maybe") {
		in := inners(1).Draw(t, "in")
		m.Maybe = &in
	}
	return m
})

func TestDecodingGivesBackWhatWasEncoded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in, used := outers.Draw(t, "in"), outers.Draw(t, "used")
		b := wire.Marshal(&in)
		var fresh outer
		require.NoError(t, wire.Unmarshal(b, &fresh))
		require.Equal(t, in, fresh)
		require.NoError(t, wire.Unmarshal(b, &used))
		require.Equal(t, in, used, "decoding into a used value must leave nothing of it")
		require.Equal(t, b, wire.Marshal(&fresh))
		require.Equal(t, append([]byte("before"), b...), wire.Append([]byte("before"), &in))
	})
}

// schema knows the numbers of a message's fields, and which of them are messages.
type schema map[protowire.Number]schema

func outerSchema() schema {
	in := schema{1: nil, 2: nil}
	in[3] = in
	s := schema{1000: nil, 16: in, 17: in, 19: in}
	for _, n := range []protowire.Number{1, 2, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15} {
		s[n] = nil
	}
	return s
}

// known returns b without its unknown fields, as far as a codec that knows nothing of canonical form can tell.
// b decodes.
func known(t require.TestingT, s schema, b []byte) (kept []byte) {
	for len(b) > 0 {
		n, _, size := protowire.ConsumeField(b)
		require.Positive(t, size)
		field, rest := b[:size], b[size:]
		within, ok := s[n]
		switch b = rest; {
		case ok && within == nil:
			kept = append(kept, field...)
		case ok:
			_, _, tag := protowire.ConsumeTag(field)
			body, _ := protowire.ConsumeBytes(field[tag:])
			body = known(t, within, body)
			if n != 16 || len(body) > 0 { // a nested message that held nothing known is zero, and omitted
				kept = protowire.AppendBytes(protowire.AppendTag(kept, n, protowire.BytesType), body)
			}
		}
	}
	return kept
}

// canonical says that b either is refused or, but for unknown fields, is exactly what its value encodes to.
func canonical(t require.TestingT, b []byte) {
	var m outer
	if err := wire.Unmarshal(b, &m); err != nil {
		require.ErrorIs(t, err, wire.ErrMalformed)
		return
	}
	require.Equal(t, string(known(t, outerSchema(), b)), string(wire.Marshal(&m)))
}

func TestBytesThatDecodeAreTheOnlyOnesForTheirValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := outers.Draw(t, "m")
		b := wire.Marshal(&m)
		for range rapid.IntRange(1, 3).Draw(t, "edits") {
			if len(b) == 0 {
				return
			}
			at := rapid.IntRange(0, len(b)-1).Draw(t, "at")
			switch rapid.IntRange(0, 2).Draw(t, "edit") {
			case 0:
				b[at] = rapid.Byte().Draw(t, "byte")
			case 1:
				b = append(b[:at], b[at+1:]...)
			case 2:
				b = append(b[:at], append([]byte{rapid.Byte().Draw(t, "byte")}, b[at:]...)...)
			}
		}
		canonical(t, b)
	})
}

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
		field(16, string(append(number(1, 2), number(900, 3)...))), field(18, "z"), field(19, ""), field(19, ""),
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
		"length beyond any memory":      append(protowire.AppendTag(nil, 12, 2), strings.Repeat("\xff", 9)+"\x01"...),
		"group":                         protowire.AppendTag(nil, 3, protowire.StartGroupType),
		"wire type 7":                   {3<<3 | 7},
		"unknown cut short":             {3<<3 | 2, 9, 'x'},
		"nested beyond the outer":       field(16, "\x12\x05a"),
		"too deep":                      field(16, string(wire.Marshal(&deep))),
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
	b := field(19, string(field(3, "\x08\x00")))
	require.EqualError(t, wire.Unmarshal(b, &outer{}), "wire: *wire_test.outer: field 19: *wire_test.inner: "+
		"field 3: *wire_test.inner: field 1: malformed message: a zero value is written out")
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

func FuzzUnmarshal(f *testing.F) {
	f.Add([]byte{})
	f.Add(wire.Marshal(&outer{
		U: 1, I: -1, B: true, D: time.Second, F: 1.5, Hash: 1 << 63, Color: 3, Cores: -4, S: "s", Blob: []byte("b"),
		Names: []string{"", "n"}, Typed: []name{"t"}, Deltas: []uint64{0, 300}, In: inner{N: 1, Sub: make([]inner, 2)},
		Maybe: &inner{}, List: []inner{{Name: name(strings.Repeat("x", 200))}}, Last: 300,
	}))
	f.Add(field(16, "\x12\x05a"))
	f.Add([]byte{0x88, 0x00, 0x01})
	f.Fuzz(func(t *testing.T, b []byte) { canonical(t, b) })
}

var errSink error

func BenchmarkWire(b *testing.B) {
	m := outer{
		U: 12345, I: -77, D: time.Second, Hash: 0xfedcba9876543210, S: "workflow-1",
		In: inner{N: 1 << 40, Name: "job-1"}, Deltas: make([]uint64, 50),
	}
	m.List = make([]inner, 10)
	for i := range m.List {
		m.List[i] = inner{N: uint64(i) << 20, Name: "stream"}
	}
	encoded := wire.Marshal(&m)
	b.Run("append", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(encoded)))
		var buf []byte
		for b.Loop() {
			buf = wire.Append(buf[:0], &m)
		}
	})
	b.Run("unmarshal", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(encoded)))
		var into outer
		for b.Loop() {
			errSink = errors.Join(errSink, wire.Unmarshal(encoded, &into))
		}
	})
}
