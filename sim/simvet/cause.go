package simvet

import "strings"

// A Cause is what a rule keeps out of a run.
type Cause string

// The causes.
const (
	MapOrder    Cause = "map order"
	Goroutine   Cause = "a native goroutine or select"
	WallClock   Cause = "the wall clock"
	Randomness  Cause = "global randomness"
	SharedState Cause = "state shared between runs"
	Outside     Cause = "unrouted I/O"
	Memory      Cause = "memory: an address, or the garbage collector"
)

// Cause is what the broken rule keeps out; empty for findings about excuses.
func (f Finding) Cause() Cause {
	for _, known := range []struct {
		cause   Cause
		reasons []string
	}{
		{MapOrder, []string{mapOrder}},
		{Goroutine, []string{goScheduler, hiddenLock, hiddenWait, coroutine}},
		{WallClock, []string{theClock, realTimers, realCancel}},
		{Randomness, []string{otherChance, anyBytes}},
		{SharedState, []string{sharedByAll, "what the process encoded before"}},
		{Outside, []string{theMachine, notTheNodes}},
		{Memory, []string{collector, otherAddresses}},
	} {
		for _, why := range known.reasons {
			if strings.HasSuffix(f.Message, why) {
				return known.cause
			}
		}
	}
	return ""
}
