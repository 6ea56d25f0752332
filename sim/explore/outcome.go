package explore

import (
	"time"

	"github.com/windtunnel/windtunnel/sim/trace"
)

// Outcome is what one run came to. Trace, Choices and Judged are there only for a run that was asked to
// keep its trace, everything else for every run.
type Outcome struct {
	Failure *Failure      // nil: everything held
	Hash    uint64        // of the trace: the run's identity, for one binary on one architecture
	Steps   uint64        // scheduling decisions
	Virtual time.Duration // how long the run took on its own clock

	Config  []Setting // what the run drew as its configuration, in the order drawn
	Reached []Count   // sometimes-states, by name
	Faults  []Fault   // by kind
	Rare    []Branch  // points at which rare branches may be taken, by name
	Unknown []string  // checks that could not decide in their time, and so neither held nor failed

	Eventually []Eventual  // what must become true in the end, as they were first held
	Watermarks []Watermark // by name

	Trace   []trace.Event  // log lines among them
	Choices []trace.Choice // those that were not quiet, in words, in the order asked
	Judged  []Judged       // in the order judged
}

// Failure says what broke.
type Failure struct {
	// Key is stable from run to run and names the cause: an invariant's name, or the file:line of an
	// assertion or panic, relative to its module.
	Key string
	// Invariant says that Key is an invariant's name.
	Invariant bool
	// Function holds the assertion or panic. Lines move when a file is edited and functions seldom do, so
	// two failures in one function are taken for the same one.
	Function string
	Message  string
	Who      string // node, or node/task, or empty
	Step     uint64
	At       time.Duration // virtual time since the World's start
	Stack    string        // of a panic
}

// Same tells whether two failures have one cause, as far as a key can tell.
func (f *Failure) Same(g *Failure) bool {
	if f == nil || g == nil {
		return f == g
	}
	if f.Key == g.Key {
		return true
	}
	return !f.Invariant && !g.Invariant && f.Function != "" && f.Function == g.Function
}

// Setting is one drawn value of a run's configuration.
type Setting struct {
	Name  string
	Value string
}

// Count is how often something named happened.
type Count struct {
	Name  string
	Times uint64
}

// Fault is how often one kind of fault was injected, and how often it then did something to somebody.
type Fault struct {
	Kind             string
	Injected, Biting uint64
}

// Eventual is in how many runs something became true that must in the end, and in how many it was not judged.
type Eventual struct {
	Name    string
	Held    uint64 // it became true in time
	Excused uint64 // it did not, and there was an excuse
	Early   uint64 // the run ended before it was due
}
