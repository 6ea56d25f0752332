package wire_test

import (
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

// known returns b without its unknown fields, as far as a codec that knows nothing of canonical form can
// tell. b decodes.
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
