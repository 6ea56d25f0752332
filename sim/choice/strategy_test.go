package choice

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// scheduled runs tasks of so many steps each under a strategy, all ready at once and after every step, and
// returns the order of the steps. Each has a home of its own, or all have one.
func scheduled(chooser Chooser, steps []int, homes bool) string {
	picker := PickerOf(chooser)
	var ready []Ready
	arrival := uint64(1) // as a World counts
	for i := range steps {
		task := Ready{Stream: NewStream(Pick, string(rune('a'+i))), Arrival: arrival}
		if homes {
			task.Home = uint64(i)
		}
		ready, arrival = append(ready, task), arrival+1
	}
	left := slices.Clone(steps)
	var order []byte
	for len(ready) > 0 {
		at := picker.Next(ready, 0)
		task := ready[at]
		ready = slices.Delete(ready, at, at+1)
		name := task.Stream.Label()[0]
		order = append(order, name)
		if left[name-'a']--; left[name-'a'] > 0 {
			task.N, task.Arrival, arrival = task.N+1, arrival, arrival+1
			ready = append(ready, task)
		}
	}
	return string(order)
}

// share is how often a strategy's seeds do something.
func share(seeds int, does func(seed uint64) bool) float64 {
	n := 0
	for seed := range seeds {
		if does(uint64(seed)) {
			n++
		}
	}
	return float64(n) / float64(seeds)
}

var strategies = map[string]func(seed uint64) Chooser{
	"pct":   func(seed uint64) Chooser { return NewPCT(seed, 10) },
	"pos":   func(seed uint64) Chooser { return NewPOS(seed) },
	"delay": func(seed uint64) Chooser { return NewDelayBounded(seed, 10) },
	"surw":  func(seed uint64) Chooser { return NewSURW(seed, matter(upTo(4), nil, upTo(2))) },
}

func TestStrategyIsAFunctionOfItsSeed(t *testing.T) {
	for name, strategy := range strategies {
		orders := map[string]bool{}
		for seed := range uint64(200) {
			order := scheduled(strategy(seed), []int{4, 3, 5}, false)
			require.Equal(t, order, scheduled(strategy(seed), []int{4, 3, 5}, false))
			orders[order] = true
		}
		require.Greater(t, len(orders), 10, name)
	}
}

func TestStrategiesLeaveOtherKindsToTheSeed(t *testing.T) {
	seeded := NewSeeded(4)
	for _, chooser := range []Chooser{
		NewPCT(4, 10), NewPOS(4), NewDelayBounded(4, 10), NewSURW(4, nil), RoundRobin{seeded},
	} {
		for kind := Stall; kind < KindCount; kind++ {
			c := Choice{Kind: kind, Stream: NewStream(kind, "x"), N: 3, Alternatives: 1000}
			require.Equal(t, seeded.Choose(c), chooser.Choose(c))
		}
	}
	require.Zero(t, RoundRobin{seeded}.Choose(Choice{Stream: NewStream(Pick, "x"), Alternatives: 1000}))
	require.Nil(t, PickerOf(RoundRobin{seeded}))
}

// TestPCTKeepsItsPromise has a bug of depth 2 among n tasks: the others must all be through while the first
// stands before its last step. At that depth a run of k decisions must show it in 1 of n·k cases.
func TestPCTKeepsItsPromise(t *testing.T) {
	const tasks, each = 4, 6
	steps := slices.Repeat([]int{each}, tasks)
	decisions := tasks*each - each // the last task alone decides nothing
	shows := func(order string) bool { return order[:each-1] == "aaaaa" && order[len(order)-1] == 'a' }
	runs, found := 0, 0
	for seed := range uint64(100_000) {
		chooser := NewPCT(seed, decisions)
		if len(chooser.changes) != 1 {
			continue
		}
		runs++
		if shows(scheduled(chooser, steps, false)) {
			found++
		}
	}
	require.InDelta(t, 1./float64(tasks*decisions), float64(found)/float64(runs), .003)
	walk := share(20_000, func(seed uint64) bool { return shows(scheduled(NewPOS(seed), steps, false)) })
	require.Less(t, walk, .001, "a random walk has hardly a chance")
}

func TestPCTChangesFewPriorities(t *testing.T) {
	for seed := range uint64(500) {
		order := scheduled(NewPCT(seed, 20), []int{6, 6, 6, 6}, false)
		switches := 0
		for i := 1; i < len(order); i++ {
			if order[i] != order[i-1] {
				switches++
			}
		}
		// Three tasks end before the last, and each change leads away and may lead back.
		require.LessOrEqual(t, switches, 3+2*(MostDepth-1), order)
	}
}

func TestDelayBoundedDelaysFew(t *testing.T) {
	most := 0
	for seed := range uint64(500) {
		order := scheduled(NewDelayBounded(seed, 20), []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, false)
		delayed := map[byte]bool{}
		for i := range order {
			for j := range i {
				if order[j] > order[i] {
					delayed[order[i]] = true
				}
			}
		}
		require.LessOrEqual(t, len(delayed), MostDepth, order)
		most = max(most, len(delayed))
	}
	require.Greater(t, most, 2)
}

func TestDelayedTaskGoesToTheEndOfTheLine(t *testing.T) {
	orders := map[string]bool{}
	for seed := range uint64(300) {
		orders[scheduled(NewDelayBounded(seed, 1), []int{1, 1, 1}, false)] = true // all delays at the start
	}
	for _, order := range []string{"bca", "cab", "abc"} { // one, two and three delays
		require.True(t, orders[order], "%v", orders)
	}
	require.Len(t, orders, 3, "%v", orders)
}

// TestPOSDrawsAgainWhatRaces compares two tasks of two steps: where they race, each decision is even, and
// where they do not, the one that waits keeps its priority, and is likelier to go.
func TestPOSDrawsAgainWhatRaces(t *testing.T) {
	first := func(homes bool) float64 {
		return share(20_000, func(seed uint64) bool {
			order := scheduled(NewPOS(seed), []int{2, 2}, homes)
			return order[:2] == "aa"
		})
	}
	require.InDelta(t, 1./4, first(false), .01)
	require.InDelta(t, 1./3, first(true), .01)
}

// Strategies are choosers with a Picker. This one lets the last in line go first, and leaves the rest to the
// seed.
type lastInLine struct{ Seeded }

func (l lastInLine) Picker() Picker { return l }

func (lastInLine) Next(ready []Ready, _ Touched) int { return len(ready) - 1 }

func ExamplePicker() {
	fmt.Println(scheduled(lastInLine{NewSeeded(1)}, []int{2, 1, 2}, false))
	fmt.Println(scheduled(NewPOS(1), []int{2, 1, 2}, false))
	// Output:
	// ccbaa
	// baacc
}
