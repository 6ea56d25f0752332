package trace

import "time"

// Operation is one call that a client made of a system, and how it ended: an element of a history.
type Operation struct {
	Client int // numbers from 0; a client has one operation at a time
	Input  any
	Output any // nil until it returned
	Ending Ending

	Called Stamp
	Ended  Stamp // zero while it is open
	Effect Stamp // when the system was seen to have done it; zero when nobody saw that
}

// Stamp is where in a history something stands, and when that was. The zero Stamp is nowhere.
type Stamp struct {
	Position int64         // counts the calls, effects and endings of one history, from 1; each has its own
	World    int           // of the run, from 0
	Step     uint64        // the World's; 0 without one
	At       time.Duration // virtual time; 0 without a World
}

// Ending is how an operation ended.
type Ending uint8

// The endings.
const (
	Open     Ending = iota // not at all: it may have happened at any moment since, or never
	Returned               // with an answer
	Refused                // it certainly did not happen, and its client was told so
	Void                   // it was never answered, and it is known that it never happened
)

func (e Ending) String() string { return [...]string{"open", "returned", "refused", "void"}[e] }
