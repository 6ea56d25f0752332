package load

import (
	"time"

	"github.com/windtunnel/windtunnel/core"
)

// Recorder takes what an engine measures. Its methods may be called from any number of goroutines at once and do not
// wait. Every arrival of a plan is recorded once: as Released and later Done, or as NotStarted.
type Recorder interface {
	// Released counts n more arrivals as let go. It comes before any of them is Done.
	Released(n int)
	// NotStarted counts n more arrivals as not sent, because as many requests as allowed were in flight.
	NotStarted(n int)
	// Done records how one request ended. It belongs to the window in which Done is called.
	Done(s Sample)
}

// Outcome says how a request ended.
type Outcome uint8

// The outcomes.
const (
	OK      Outcome = iota // answered, status under 400
	Failed                 // answered with another status, or certainly never sent: refused, no such host
	Unknown                // sent, and no whole answer: timed out, connection broken, attempt stopped
)

func (o Outcome) String() string {
	names := [...]string{"ok", "failed", "unknown"}
	if int(o) < len(names) {
		return names[o]
	}
	return "outcome?"
}

// Sample is one request that ended: with an answer, a failure or giving up.
type Sample struct {
	Planned core.Instant // when the schedule wanted it sent
	Sent    core.Instant // when it was sent; never before Planned
	End     core.Instant // when it ended
	Outcome Outcome
	Status  int // of the answer; 0 without one
}

// Latency is the time from the planned instant to the end: what a user who came at that instant waited.
func (s Sample) Latency() time.Duration { return s.End.Sub(s.Planned) }

// Service is the time from the send to the end: what the target took.
func (s Sample) Service() time.Duration { return s.End.Sub(s.Sent) }

// SendLag is how late the generator sent it. A large one says that the generator, not the target, is saturated.
func (s Sample) SendLag() time.Duration { return s.Sent.Sub(s.Planned) }
