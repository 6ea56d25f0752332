package sim

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/windtunnel/windtunnel/core"
	"github.com/windtunnel/windtunnel/sim/choice"
	"github.com/windtunnel/windtunnel/sim/trace"
)

// chatter is a cluster in which everybody talks to everybody, over both kinds of network, for a minute.
func chatter(chooser choice.Chooser, faults Faults) *World {
	w := NewWorld(Config{Chooser: chooser, Keep: trace.All})
	names := []string{"n1", "n2", "n3", "n4"}
	for _, name := range names {
		w.AddNode(name, func(env core.Env) {
			for i, kind := range []string{"tcp", "udp"} {
				addr := fmt.Sprintf(":%d", 7000+i)
				e, err := env.Listen(kind, addr)
				if err != nil {
					panic(err)
				}
				env.Go("recv "+kind, func() { _ = drain(env, e) })
				for _, peer := range names {
					env.Go("send "+kind+" "+peer, func() { talk(env, e, core.Address(peer+addr)) })
				}
			}
		})
	}
	w.Workload(w.AddNode("clock", asleep), "wait", func(env core.Env) {
		_ = env.Sleep(env.Context(), time.Minute)
	})
	if err := w.Inject(faults); err != nil {
		w.Fail("inject", err.Error())
	}
	return w
}

func drain(env core.Env, e core.Endpoint) error {
	for {
		if _, _, err := e.Recv(env.Context()); err != nil {
			return err
		}
	}
}

func talk(env core.Env, e core.Endpoint, to core.Address) {
	body := make([]byte, 200)
	for class := core.Critical; ; class = (class + 1) % core.ClassCount {
		_ = e.Send(env.Context(), to, core.Message{Class: class, Body: body})
		if env.Sleep(env.Context(), 100*time.Millisecond) != nil {
			return
		}
	}
}

// everyFault lets all kinds occur, crashes too.
func everyFault() Faults {
	crashable := []string{"n3", "n4"}
	return Faults{
		Nodes: map[FaultKind][]string{
			FaultCrash: crashable, FaultCrashForGood: {"n4"}, FaultStop: crashable,
		},
		Until: 50 * time.Second, NoSwarm: true,
	}
}

func TestEveryFaultKindOccursAndBites(t *testing.T) {
	biting := make([]int, FaultKindCount)
	faults := everyFault()
	faults.Nodes[FaultCore], faults.Core = []string{"n1", "n2", "n3"}, 2
	for seed := range uint64(8) {
		w := chatter(choice.NewSeeded(seed), faults)
		mustRun(t, w)
		for _, c := range w.FaultCounts() {
			require.LessOrEqual(t, c.Biting, c.Injected)
			biting[c.Kind] += c.Biting
		}
	}
	for kind, n := range biting {
		require.NotZero(t, n, "%v never bit", FaultKind(kind))
	}
}

func TestSameSeedSameHashWithAllFaultsOn(t *testing.T) {
	hashes := make(map[uint64]bool)
	for seed := range uint64(4) {
		one := chatter(choice.NewSeeded(seed), everyFault())
		two := chatter(choice.NewSeeded(seed), everyFault())
		mustRun(t, one)
		mustRun(t, two)
		require.Equal(t, one.Hash(), two.Hash())
		require.Equal(t, one.FaultSummary(), two.FaultSummary())
		require.Equal(t, one.NetworkStats(), two.NetworkStats())
		hashes[one.Hash()] = true
	}
	require.Len(t, hashes, 4)
}

func TestRecordedRunReplaysWithAllItsFaults(t *testing.T) {
	recorder := choice.NewRecorder(choice.NewSeeded(9))
	first := chatter(recorder, everyFault())
	mustRun(t, first)
	replayer := choice.NewReplayer(recorder.Answers(), nil)
	again := chatter(replayer, everyFault())
	mustRun(t, again)
	require.Equal(t, first.Hash(), again.Hash())
	require.Empty(t, replayer.NeverAsked())
}

// zeroes answers 0 to the questions that it is told to, and the seed's answer to the others.
type zeroes struct {
	choice.Seeded
	of func(choice.Choice) bool
}

func (z zeroes) Choose(c choice.Choice) int {
	if z.of(c) {
		return 0
	}
	return z.Seeded.Choose(c)
}

func TestZeroIsNoFaultAndRemovesOneEpisodeAlone(t *testing.T) {
	summary := func(of func(choice.Choice) bool) []string {
		w := chatter(zeroes{choice.NewSeeded(5), of}, everyFault())
		var episodes []string
		for _, e := range w.net.nemeses[0].episodes {
			episodes = append(episodes, e.String())
		}
		return episodes
	}
	all := summary(func(choice.Choice) bool { return false })
	require.Greater(t, len(all), 20)
	require.Empty(t, summary(func(c choice.Choice) bool { return c.Kind == choice.Fault }))
	const key = "nemesis/cut/episode"
	fewer := summary(func(c choice.Choice) bool { return c.Stream.Label() == key && c.N == 0 })
	less := summary(func(c choice.Choice) bool { return c.Stream.Label() == key })
	require.Subset(t, all, fewer)
	require.Subset(t, all, less)
	require.Less(t, len(less), len(all))
	for _, e := range less {
		require.False(t, strings.HasPrefix(e, "cut:"), e)
	}
}

func TestSwarmTurnsKindsOffBySeed(t *testing.T) {
	faults := everyFault()
	faults.NoSwarm = false
	on := make(map[FaultKind]int)
	const seeds = 50
	for seed := range uint64(seeds) {
		for _, k := range chatter(choice.NewSeeded(seed), faults).net.nemeses[0].on {
			on[k.kind]++
		}
	}
	for kind := range FaultKindCount {
		require.InDelta(t, seeds/2, on[kind], seeds/3, kind)
	}
}

func TestFaultsStopAndAllIsHealed(t *testing.T) {
	for seed := range uint64(10) {
		w := chatter(choice.NewSeeded(seed), everyFault())
		w.after(50*time.Second+1, 0, func() {
			require.Empty(t, w.net.effects)
			for _, n := range w.nodes {
				require.True(t, n.Up() || w.net.gone[n.name], n.name)
				require.False(t, n.Paused())
				require.Zero(t, n.steady)
				require.Zero(t, n.wall.drift)
			}
		})
		mustRun(t, w)
	}
}

func TestOnlyNamedNodesCrash(t *testing.T) {
	for seed := range uint64(10) {
		w := chatter(choice.NewSeeded(seed), everyFault())
		mustRun(t, w)
		for _, name := range []string{"n1", "n2", "clock"} {
			require.Zero(t, w.Node(name).Incarnation())
		}
	}
	for _, kind := range []FaultKind{FaultCrash, FaultStop} {
		w := chatter(choice.NewSeeded(1), Faults{Kinds: []FaultKind{kind}, NoSwarm: true})
		mustRun(t, w)
		require.Zero(t, w.FaultCounts()[kind].Injected)
	}
}

func TestWhatCrashedForGoodIsNotRestartedByAnEarlierCrash(t *testing.T) {
	w := NewWorld(Config{Stalls: Quiet()})
	node := w.AddNode("a", asleep)
	n := &nemesis{world: w}
	crash := &episode{kind: FaultCrash, from: "a"}
	n.apply(crash)
	require.False(t, node.Up())
	crash.undo()
	require.True(t, node.Up())
	n.apply(crash)
	n.apply(&episode{kind: FaultCrashForGood, from: "a"})
	crash.undo()
	require.False(t, node.Up())
}

// leaver is a World with a node that takes so long to stop, and a nemesis that asks it to for 5 s.
func leaver(takes time.Duration, then func(w *World, node *Node)) *World {
	w := NewWorld(Config{Stalls: Quiet()})
	node := w.AddNode("a", func(env core.Env) {
		_ = env.Sleep(env.Context(), core.Forever)
		_ = env.Sleep(context.Background(), takes)
	})
	n := &nemesis{world: w}
	w.net.nemeses = append(w.net.nemeses, n)
	w.after(time.Second, 0, func() {
		e := &episode{kind: FaultStop, from: "a", begin: time.Second, end: 6 * time.Second}
		n.episodes = append(n.episodes, e)
		n.begin(e)
	})
	w.Workload(w.AddNode("clock", asleep), "watch", func(env core.Env) {
		then(w, node)
	})
	return w
}

func TestStoppedNodeBootsWhenItAndTheEpisodeAreOver(t *testing.T) {
	for _, c := range []struct {
		name         string
		takes, boots time.Duration
	}{
		{"it ends first", 2 * time.Second, 6 * time.Second},
		{"the episode ends first", 20 * time.Second, 21 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			mustRun(t, leaver(c.takes, func(w *World, node *Node) {
				clock := w.Node("clock").env
				until := func(at time.Duration) { _ = clock.Sleep(clock.Context(), at-w.Now()) }
				ends := time.Second + c.takes
				until(ends - ms)
				require.True(t, node.Up(), "it is given its time")
				require.GreaterOrEqual(t, w.FaultsEnd(), w.Now())
				if ends < c.boots {
					until(ends + ms)
					require.False(t, node.Up(), "its process is over with its boot task")
				}
				until(c.boots - ms)
				require.Zero(t, node.Incarnation())
				until(c.boots + ms)
				require.Equal(t, 1, node.Incarnation())
				require.True(t, node.Up())
				require.Equal(t, c.boots, w.FaultsEnd())
			}))
		})
	}
}

func TestNodeThatCrashesWhileItStopsIsTheCrashsAffair(t *testing.T) {
	mustRun(t, leaver(20*time.Second, func(w *World, node *Node) {
		clock := w.Node("clock").env
		_ = clock.Sleep(clock.Context(), 3*time.Second)
		node.Crash()
		_ = clock.Sleep(clock.Context(), 57*time.Second)
		require.False(t, node.Up())
		require.Equal(t, 6*time.Second, w.FaultsEnd())
	}))
}

func TestSteadyClocksDriftApartByLessThanTheMargin(t *testing.T) {
	hardest := steadyDrifts[strengths-1]
	require.Less(t, float64(million+hardest)/float64(million-hardest), 1.1)
}

func TestFaultSummaryTellsWhatWasDrawn(t *testing.T) {
	w := chatter(choice.NewSeeded(2), everyFault())
	require.Contains(t, w.FaultSummary(), "(not begun)")
	mustRun(t, w)
	text := w.FaultSummary()
	require.NotContains(t, text, "(not begun)")
	for kind := range FaultKindCount {
		require.Contains(t, text, kind.String()+": strength ")
	}
	require.Equal(t, "no faults\n", NewWorld(Config{}).FaultSummary())
}

func TestFaultsOutOfBoundsAreRefused(t *testing.T) {
	for text, faults := range map[string]Faults{
		"Kinds[0] is 99: want below":          {Kinds: []FaultKind{99}},
		"Kinds[1] is cut a second time":       {Kinds: []FaultKind{FaultCut, FaultCut}},
		`Nodes[pause] names "nobody"`:         {Nodes: map[FaultKind][]string{FaultPause: {"nobody"}}},
		"StartAfter is -1ns: want 0":          {StartAfter: -1},
		"Until is 1s: want above StartAfter ": {StartAfter: time.Second, Until: time.Second},
		"Intensity is 101: want 0 (4) to 100": {Intensity: 101},
		"Core is 1: want 1 to the 0 nodes":    {Core: 1},
		"Core is 0: want 1 to the 1 nodes":    {Nodes: map[FaultKind][]string{FaultCore: {"a"}}},
		"Core is 2: want 1 to the 1 nodes":    {Nodes: map[FaultKind][]string{FaultCore: {"a"}}, Core: 2},
		`Nodes[core] names "nobody"`: {
			Nodes: map[FaultKind][]string{FaultCore: {"nobody"}}, Core: 1,
		},
	} {
		w := NewWorld(Config{})
		w.AddNode("a", asleep)
		require.ErrorContains(t, w.Inject(faults), text)
	}
}
