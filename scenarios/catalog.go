package scenarios

import "slices"

// The names of the invariants, as scenarios say on which they lean.
const (
	conserves        = "conservation"
	appliesOnce      = "once"
	holdsPushes      = "no push under REJECT"
	readsWhole       = "whole snapshots"
	tellsLate        = "late is loud"
	isolates         = "callback isolation"
	seesDuplicates   = "duplicates are seen"
	aggregatesOnce   = "aggregate once"
	staysTerminal    = "terminal is terminal"
	keepsOrder       = "client order"
	logsForAll       = "push log"
	straysNot        = "no stray load"
	keepsCapacity    = "capacity"
	keepsKeys        = "one key, one job"
	reportsQuantiles = "honest quantiles"
	leavesNothing    = "no residue"
	lives            = "liveness"
	endsOneWay       = "one outcome"
	startsAfter      = "dependencies first"
	startsInTurn     = "in turn"
	registersOnce    = "job registry"
)

// All returns every scenario, by family and then as a reader should meet them.
func All() []*Scenario {
	last := everything()
	last.Invariants = InvariantNames()
	return slices.Concat(
		windows(),
		entries(),
		backpressured(),
		merging(),
		callbacks(),
		reporting(),
		results(),
		pushing(),
		attaching(),
		storming(),
		submission(),
		dependent(),
		cancelling(),
		deadlines(),
		sharing(),
		workers(),
		losing(),
		managing(),
		leaving(),
		failing(),
		registering(),
		partitions(),
		[]*Scenario{last},
	)
}

// InvariantNames lists all invariants by name.
func InvariantNames() (names []string) {
	for _, invariant := range Invariants(newStage(nil, Shape{}, nil)) {
		if name := invariant.Name(); name != "truth" {
			names = append(names, name)
		}
	}
	return names
}
