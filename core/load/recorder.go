package load

import (
	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/core/stats"
)

// Recorder takes what an engine measures. Its methods may be called from any number of goroutines at once
// and do not wait. Every arrival of a plan is recorded once: as Released and later Done, or as NotStarted.
type Recorder interface {
	// Released counts n more arrivals as let go. It comes before any of them is Done.
	Released(n int)
	// NotStarted counts n more arrivals as not sent, because as many requests as allowed were in flight.
	NotStarted(n int)
	// Done records how one request ended. It belongs to the window in which Done is called.
	Done(s Sample)
}

// Sample is one request that ended: with an answer, a failure or giving up. Its Outcome is
//
//	OK       answered, status under 400
//	Failed   answered with another status, or certainly never sent: refused, no such host
//	Unknown  sent, and no whole answer: timed out, connection broken, attempt stopped
type Sample struct {
	Planned core.Instant // when the schedule wanted it sent
	Sent    core.Instant // when it was sent; never before Planned
	End     core.Instant // when it ended
	Outcome stats.Outcome
	Status  int // of the answer; 0 without one
}

// Measured is the sample as statistics take it. Latency counts from the planned instant: it is what a user
// who came then waited, and a target that stalls cannot hide in it. A large SendLag says that the generator,
// not the target, is saturated.
func (s Sample) Measured() stats.Sample {
	return stats.Sample{
		Outcome: s.Outcome,
		Latency: s.End.Sub(s.Planned),
		Service: s.End.Sub(s.Sent),
		SendLag: s.Sent.Sub(s.Planned),
	}
}
