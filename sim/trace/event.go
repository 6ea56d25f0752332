package trace

import (
	"fmt"
	"slices"
	"time"
)

// Kind says what sort of thing an event is. Kinds are part of the hash: new ones go to the end.
type Kind uint8

// The kinds.
const (
	Step    Kind = iota // a task was resumed; its cause is what woke it
	Start               // a task was started
	End                 // a task ended
	Note                // the program noted a fact
	Log                 // the program logged a line; neither numbered nor hashed
	Send                // a message left
	Deliver             // a message arrived; its cause is the send
	Drop                // a message was lost, or its tail
	Fault               // a fault began or ended
	Node                // a node booted, crashed, was paused or resumed
	Clock               // a clock was changed
	World               // something outside the nodes ran
	Fail                // a check or invariant failed
	KindCount
)

var kindNames = [KindCount]string{
	"step", "start", "end", "note", "log", "send", "deliver", "drop", "fault", "node", "clock", "world",
	"fail",
}

func (k Kind) String() string {
	if k < KindCount {
		return kindNames[k]
	}
	return fmt.Sprintf("kind%d", uint8(k))
}

// MarshalText returns the kind's name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText accepts a kind's name.
func (k *Kind) UnmarshalText(text []byte) error {
	i := slices.Index(kindNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("trace: no kind of event is called %q", text)
	}
	*k = Kind(i)
	return nil
}

// Event is one thing that happened.
type Event struct {
	ID    uint64        `json:"id"`             // its number in the run, from 1; 0 for a log line
	Step  uint64        `json:"step"`           // the step it happened in, from 1; 0 before
	At    time.Duration `json:"at"`             // virtual time since the run began
	Lane  string        `json:"lane"`           // "g1" or "g1/push"
	Kind  Kind          `json:"kind"`           //
	Cause uint64        `json:"cause"`          // the ID of the event that caused it; 0 if nothing did
	Text  string        `json:"text,omitempty"` // what happened, in a few words
	Hash  uint64        `json:"hash,string"`    // of every event up to this one

	// Stack is where the code stood that made it, as runtime.Callers says it; nil unless asked for. It is no
	// part of the hash, and of this process only.
	Stack []uintptr `json:"-"`
}

// String is a line for people.
func (e Event) String() string {
	return fmt.Sprintf("%6d +%-12s %-20s %-7s %s", e.Step, seconds(e.At), e.Lane, e.Kind, e.Text)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.6fs", d.Seconds()) }
