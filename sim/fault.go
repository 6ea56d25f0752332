package sim

import (
	"fmt"
	"slices"
	"time"
)

// FaultKind is one way in which the nemesis disturbs a run.
type FaultKind uint8

// The kinds. How hard each hits is drawn once a run, from four strengths; where, when and how long, once an
// episode. "A link" is one direction or both directions between two nodes, all links of a node, or all links.
const (
	FaultPartition        FaultKind = iota // nothing passes between a set of nodes and the others
	FaultPartitionOneWay                   // nothing passes out of a set of nodes, or nothing into it
	FaultPartitionPartial                  // nothing passes between two nodes; both reach the others
	FaultLoss                              // links lose 2 to 60 % of their datagrams
	FaultDuplicate                         // links send 5 to 60 % of their datagrams twice
	FaultReorder                           // links hold 5 to 60 % of their datagrams back, for up to 500 ms
	FaultSlowLink                          // links have a long tail of latency, its median 1 to 100 ms
	FaultNarrowLink                        // links carry no more than 1 MB/s to 10 kB/s
	FaultHold                              // what arrives at the end of links waits, and is let go
	FaultCut                               // the connections between two nodes break with a lost tail
	FaultHalfOpen                          // they break, and one side believes in them until its keep-alive
	FaultReset                             // sends break the connection, 0.1 to 10 % of them: indefinite
	FaultCrash                             // a node crashes, and boots again when the episode ends
	FaultCrashForGood                      // a node crashes and stays down
	FaultStop                              // a node is asked to stop, and boots again after that
	FaultPause                             // a node's process is stopped, and goes on when the episode ends
	FaultSlowCPU                           // a node's tasks are often late by up to 100 ms
	FaultWallSkew                          // a node's wall clock is off by 10 ms to 30 s, either way
	FaultWallDrift                         // it runs 50 ppm to 5 % too fast or slow, and keeps the error
	FaultWallJump                          // it jumps by 100 ms to 5 min, either way, and stays there
	FaultSteadyDrift                       // a node's steady clock runs 0.05 to 4.5 % too fast or slow
	FaultCore                              // of its nodes, all but a core are lost at the end, for good
	FaultKindCount
)

func (k FaultKind) String() string {
	names := [FaultKindCount]string{
		"partition", "one-way partition", "partial partition", "loss", "duplicates", "reordering",
		"slow link", "narrow link", "hold", "cut", "half-open", "reset",
		"crash", "crash for good", "stop", "pause", "slow CPU",
		"wall skew", "wall drift", "wall jump", "steady drift", "core",
	}
	if k < FaultKindCount {
		return names[k]
	}
	return fmt.Sprintf("fault%d", uint8(k))
}

// EveryFault lists all kinds.
func EveryFault() []FaultKind {
	kinds := make([]FaultKind, FaultKindCount)
	for i := range kinds {
		kinds[i] = FaultKind(i)
	}
	return kinds
}

// endsNode tells whether the kind ends a process: then it hits only nodes that a scenario names.
func (k FaultKind) endsNode() bool { return k >= FaultCrash && k <= FaultStop || k == FaultCore }

// hitsNode tells a kind that befalls a node from one that befalls links.
func (k FaultKind) hitsNode() bool { return k >= FaultCrash }

// Faults says what a nemesis may do. The run's schedule draws what it does: first, swarm-fashion, which of
// the kinds are on at all and how hard they hit; then the episodes of each.
type Faults struct {
	Kinds []FaultKind // which may occur; nil means every kind
	// Nodes are those that a kind may befall: the one that crashes, or one end of a link. A kind that is not
	// named here may befall every node, except that crashes, stops and the loss of all but a core then befall
	// none.
	Nodes map[FaultKind][]string
	// Core is how many of the nodes named for FaultCore stay at least: what makes a quorum. The others may be
	// lost at Until, when all else is healed: each is down for good, or cut off from all that are not lost.
	// Required, from 1 to as many as are named, if any are; World.Core tells which stay.
	Core int
	// No fault begins before StartAfter; at Until all that is broken is healed, and what is down boots again,
	// but for crashes for good, what a core is left without, and nodes that take longer to stop (FaultsEnd).
	// Both count from Inject. Until 0 means 60 s after StartAfter; at most 24 h.
	StartAfter, Until time.Duration
	// Intensity is how many slots the time is cut into for each kind. Every second slot, on average, has an
	// episode, which lasts from 1/146 to 7/8 of it. 1 to 100; 0 means 4.
	Intensity int
	// NoSwarm turns every kind on. How hard they hit is drawn all the same.
	NoSwarm bool
}

const (
	defaultIntensity  = 4
	highestIntensity  = 100
	defaultFaultsLast = time.Minute
	longestFaults     = 24 * time.Hour
)

func (f Faults) withDefaults() Faults {
	if f.Kinds == nil {
		f.Kinds = EveryFault()
	}
	if f.Until == 0 {
		f.Until = f.StartAfter + defaultFaultsLast
	}
	if f.Intensity == 0 {
		f.Intensity = defaultIntensity
	}
	return f
}

func (f Faults) validate(nodes []string) error {
	for i, kind := range f.Kinds {
		if kind >= FaultKindCount {
			return fmt.Errorf("sim: faults: Kinds[%d] is %d: want below %d", i, kind, FaultKindCount)
		}
		if slices.Index(f.Kinds, kind) != i {
			return fmt.Errorf("sim: faults: Kinds[%d] is %v a second time", i, kind)
		}
		for _, name := range f.Nodes[kind] {
			if !slices.Contains(nodes, name) {
				return fmt.Errorf("sim: faults: Nodes[%v] names %q: want a node that is there", kind, name)
			}
		}
	}
	switch members := len(f.Nodes[FaultCore]); {
	case f.Core < min(members, 1) || f.Core > members:
		return fmt.Errorf("sim: faults: Core is %d: want 1 to the %d nodes that Nodes[%v] names, 0 if none",
			f.Core, members, FaultCore)
	case f.StartAfter < 0 || f.StartAfter > longestFaults:
		return fmt.Errorf("sim: faults: StartAfter is %v: want 0 to %v", f.StartAfter, longestFaults)
	case f.Until <= f.StartAfter || f.Until > longestFaults:
		return fmt.Errorf("sim: faults: Until is %v: want above StartAfter %v, to %v", f.Until, f.StartAfter,
			longestFaults)
	case f.Intensity < 0 || f.Intensity > highestIntensity:
		return fmt.Errorf("sim: faults: Intensity is %d: want 0 (4) to %d", f.Intensity, highestIntensity)
	}
	return nil
}

// FaultCount is what became of one kind of fault in a run.
type FaultCount struct {
	Kind     FaultKind
	Injected int    // episodes that began
	Biting   int    // those that did something to somebody
	Touched  uint64 // what they did it to: packets, connections, a node's steps
}
