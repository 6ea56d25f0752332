package sim

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/windtunnel/windtunnel/sim/choice"
)

var coreMembers = []string{"n1", "n2", "n3", "n4"}

// coreFaults end with the loss of at most two of four, and nothing else that is for good.
func coreFaults(seed uint64) (*World, Faults) {
	faults := Faults{
		Kinds: []FaultKind{FaultPartition, FaultCrash, FaultPause, FaultCore}, NoSwarm: true,
		Nodes: map[FaultKind][]string{FaultCrash: coreMembers, FaultCore: coreMembers},
		Core:  2, Until: 30 * time.Second,
	}
	return chatter(choice.NewSeeded(seed), faults), faults
}

// afterwards looks at a World when its faults are over.
func afterwards(t *testing.T, w *World, faults Faults, look func()) {
	looked := false
	w.after(faults.Until+1, 0, func() { looked = true; look() })
	mustRun(t, w)
	require.True(t, looked)
}

func TestCoreIsUpAndConnectedAndTheOthersAreLost(t *testing.T) {
	lost, ways, stays := map[int]int{}, map[string]int{}, map[string]int{}
	const seeds = 30
	for seed := range uint64(seeds) {
		w, faults := coreFaults(seed)
		afterwards(t, w, faults, func() {
			core := w.Core()
			require.GreaterOrEqual(t, len(core), faults.Core)
			lost[len(coreMembers)-len(core)]++
			for _, a := range coreMembers {
				inCore := slices.Contains(core, a)
				require.True(t, w.Node(a).Up() || !inCore)
				require.False(t, w.Node(a).Paused())
				for _, b := range core {
					if a == b {
						continue
					}
					passes := w.net.link(Link{a, b}).passes() && w.net.link(Link{b, a}).passes()
					require.Equal(t, inCore, passes && w.Node(a).Up(), "%s and %s of %v", a, b, core)
				}
				if inCore {
					stays[a]++
				} else {
					ways[map[bool]string{true: "cut off", false: "down"}[w.Node(a).Up()]]++
				}
			}
		})
		if len(w.Core()) < len(coreMembers) {
			require.Equal(t, faults.Until, w.FaultsEnd())
			require.Contains(t, w.FaultSummary(), " stay (touched ")
		}
	}
	require.Len(t, lost, 3, "nobody, one or two are lost: %v", lost)
	require.Len(t, ways, 2)
	require.Greater(t, min(ways["down"], ways["cut off"]), 3)
	for _, name := range coreMembers {
		require.Less(t, stays[name], seeds, "%s is never lost", name)
	}
}

func TestWhatCrashedForGoodIsAmongTheLost(t *testing.T) {
	w := NewWorld(Config{Stalls: Quiet()})
	for _, name := range coreMembers {
		w.AddNode(name, asleep)
	}
	n := &nemesis{world: w, faults: Faults{
		Nodes: map[FaultKind][]string{FaultCore: coreMembers}, Core: 2,
	}}
	w.net.nemeses = append(w.net.nemeses, n)
	e := &episode{kind: FaultCore, strength: strengths - 1}
	require.True(t, n.aim(e))
	require.Equal(t, "n1 is cut off for good, n2 is cut off for good, n3 n4 stay", e.target)

	n.apply(&episode{kind: FaultCrashForGood, from: "n2"})
	n.apply(&episode{kind: FaultCrashForGood, from: "n3"})
	require.Equal(t, []string{"n1", "n4"}, w.Core())
	n.begin(e)
	require.Equal(t, []string{"n1", "n4"}, w.Core(), "as many are lost as may be")
	require.Zero(t, e.touched())

	n.apply(&episode{kind: FaultCrashForGood, from: "n1"})
	require.Equal(t, []string{"n4"}, w.Core(), "and more is the quorum's loss")
}

func TestZeroIsThatNobodyIsLost(t *testing.T) {
	losing := uint64(0)
	for ; ; losing++ {
		w, faults := coreFaults(losing)
		afterwards(t, w, faults, func() {})
		if len(w.Core()) < len(coreMembers) {
			break
		}
	}
	_, faults := coreFaults(losing)
	w := chatter(zeroes{choice.NewSeeded(losing), func(c choice.Choice) bool {
		return c.Stream.Label() == "nemesis/core/episode"
	}}, faults)
	afterwards(t, w, faults, func() {})
	require.Equal(t, coreMembers, w.Core())
}
