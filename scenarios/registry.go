package scenarios

import "github.com/windtunnel/windtunnel/sim/check"

// Invariants returns a fresh set of all invariants, for one run: what must always hold, a line each.
func Invariants(s *Stage) []check.Invariant {
	return []check.Invariant{
		s.Truth,
		newConservation(s),
		newOnce(),
		newWholeSnapshots(s),
		newLateIsLoud(s),
		newNoStrayLoad(s),
		newCapacity(s),
		newHonestQuantiles(s),
		newNoPushUnderReject(s),
		newCallbackIsolation(s),
		newDuplicatesAreSeen(),
		newAggregateOnce(),
		newTerminalIsTerminal(),
		newClientOrder(s),
		newPushLog(s),
		newOneKeyOneJob(s),
		newOneOutcome(s),
		newDependenciesFirst(),
		newInTurn(),
		newJobRegistry(s),
		newNoResidue(s),
		newLiveness(s),
	}
}
