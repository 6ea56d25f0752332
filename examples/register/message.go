package register

import (
	"cmp"
	"fmt"

	"github.com/windtunnel/windtunnel/core/wire"
)

// Version is a value and its place in the order of all writes: by Counter, and by Writer where two writers
// chose the same. No two writes have the same place.
type Version struct {
	Counter uint64
	Writer  string // the replica that chose the place
	Value   string
}

// Before tells whether v is older than w.
func (v Version) Before(w Version) bool {
	return cmp.Or(cmp.Compare(v.Counter, w.Counter), cmp.Compare(v.Writer, w.Writer)) < 0
}

func (v Version) String() string { return fmt.Sprintf("%d.%s=%q", v.Counter, v.Writer, v.Value) }

// Fields describes the version to the codec.
func (v *Version) Fields(c *wire.Coder) {
	c.Uint64(1, &v.Counter)
	c.String(2, &v.Writer)
	c.String(3, &v.Value)
}

// State is what a replica must find again after a crash.
type State struct {
	Life    uint64 // how often it was started
	Version Version
}

// Fields describes the state to the codec.
func (s *State) Fields(c *wire.Coder) {
	c.Uint64(1, &s.Life)
	wire.Nested(c, 2, &s.Version)
}

// Kind says what a message asks or answers.
type Kind uint8

// The kinds: two questions and their answers.
const (
	Query  Kind = 1 + iota // which version have you?
	Have                   // this one
	Store                  // keep this version, unless you have a newer one
	Stored                 // done, or there was a newer one
)

func (k Kind) String() string {
	names := [...]string{Query: "query", Have: "have", Store: "store", Stored: "stored"}
	if k < Query || k > Stored {
		return fmt.Sprintf("kind %d", uint8(k))
	}
	return names[k]
}

// Round is one question to all replicas. An answer names its round, so none counts for another one, nor for
// one of an earlier life.
type Round struct{ Life, Number uint64 }

// Message is what replicas say to each other.
type Message struct {
	Kind    Kind
	Round   Round
	Version Version // of Have and Store
}

// Fields describes the message to the codec.
func (m *Message) Fields(c *wire.Coder) {
	wire.Enum(c, 1, &m.Kind)
	c.Uint64(2, &m.Round.Life)
	c.Uint64(3, &m.Round.Number)
	wire.Nested(c, 4, &m.Version)
}

func (m Message) String() string {
	said := fmt.Sprintf("%v #%d.%d", m.Kind, m.Round.Life, m.Round.Number)
	if m.Version != (Version{}) {
		said += " " + m.Version.String()
	}
	return said
}
